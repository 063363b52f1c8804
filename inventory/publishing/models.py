"""Listings that were published from here: each once, however often its form was sent."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
from sellers.models import SellerAccount


class Publication(models.Model):
    """One press of Publish. `skus_before` are the listings that carried the SKU before it was sent: where no answer
    came, a listing that is not among them is the one that was published. The description follows by a call of its own.
    """

    class State(models.TextChoices):
        SENDING = "sending", _("Being sent")
        UNKNOWN = "unknown", _("No answer yet")
        PUBLISHED = "published", _("Published")
        REFUSED = "refused", _("Not published")

    operation = models.UUIDField(primary_key=True)
    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="publications")
    product = models.ForeignKey(Product, models.PROTECT, related_name="publications")
    name = models.CharField(_("name"), max_length=300)
    entered = models.JSONField(default=dict)  # what was sent, as ML takes it
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SENDING)
    skus_before = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    item_id = models.CharField(_("item id"), max_length=30, blank=True)
    user_product_id = models.CharField(max_length=30, blank=True)
    description = models.TextField(_("description"), blank=True)
    described_at = models.DateTimeField(null=True, blank=True)  # seen at ML
    description_problem = models.TextField(blank=True)
    explanation = models.TextField(blank=True)  # ML's words, their meaning, what to do
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("at"), db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        indexes = [models.Index(fields=["account", "-created_at"], name="publication_newest")]
        constraints = [
            models.UniqueConstraint(fields=["item_id"], condition=~Q(item_id=""), name="one_publication_per_item"),
            models.CheckConstraint(name="published_has_an_item", condition=~Q(state="published") | ~Q(item_id="")),
            models.CheckConstraint(
                name="described_has_a_description",
                condition=Q(described_at__isnull=True) | (~Q(description="") & Q(description_problem="")),
            ),
        ]

    def __str__(self) -> str:
        return self.item_id or self.name
