"""Mercado Libre's stores of sellers whose stock it keeps by warehouse, as they were last read."""

import pghistory
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import every_change
from sellers.models import SellerAccount


@pghistory.track(*every_change(), fields=["account", "store_id", "left_out"], model_name="SellerStoreEvent")
class SellerStore(models.Model):
    """A store that holds stock. Which warehouse of ours it is says `SellerWarehouse`; `left_out`: staff says none."""

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="stores")
    store_id = models.CharField(_("ML store id"), max_length=40)
    name = models.CharField(_("name"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=40, blank=True)
    left_out = models.BooleanField(_("left out"), default=False)
    first_seen_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(_("read"))

    class Meta:
        verbose_name = _("store at Mercado Libre")
        verbose_name_plural = _("stores at Mercado Libre")
        constraints = [models.UniqueConstraint(fields=["account", "store_id"], name="one_row_per_store")]

    def __str__(self) -> str:
        return self.name or self.store_id
