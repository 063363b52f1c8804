"""Units in Full: Mercado Libre's own warehouse. Read, never written, and apart from our stock."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.models import SellerAccount


class FullStock(models.Model):
    """What ML holds under one inventory id, when it was last read. Listings name it by their `inventory_id`.

    `not_available` units are there and cannot be sold; `detail` says why, in ML's words: {"damaged": 2}.
    """

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="full_stocks")
    inventory_id = models.CharField(_("inventory id"), max_length=30, unique=True)
    available = models.IntegerField(_("for sale in Full"), default=0)
    not_available = models.IntegerField(_("not for sale"), default=0)
    detail = models.JSONField(default=dict, blank=True)
    read_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("stock in Full")
        verbose_name_plural = _("stocks in Full")
        indexes = [models.Index(fields=["account", "read_at"], name="full_oldest")]

    def __str__(self) -> str:
        return self.inventory_id
