"""Listings that a change would empty, and the question that follows where they are many."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Listing
from sellers.models import SellerAccount


class Zeroing(models.Model):
    """A listing that something other than a sale would set to zero, the last time that happened."""

    listing = models.OneToOneField(Listing, models.CASCADE, primary_key=True, related_name="zeroing")
    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(null=True)  # staff said that it is right

    class Meta:
        indexes = [models.Index(fields=["account", "at"], condition=Q(confirmed_at=None), name="zeroing_not_confirmed")]


class MassZero(models.Model):
    """Pushes of a seller were paused because so many listings would be emptied; answered when staff lets them go on."""

    account = models.ForeignKey(SellerAccount, models.CASCADE, related_name="mass_zeros")
    asked_at = models.DateTimeField(db_default=Now())
    zeroed = models.PositiveIntegerField()
    listings = models.PositiveIntegerField()  # that the seller has for sale
    change = models.TextField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("mass zero")
        verbose_name_plural = _("mass zeros")
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(answered_at=None), name="one_mass_zero_at_a_time"),
            models.CheckConstraint(
                name="a_mass_zero_is_answered_after", condition=Q(answered_at=None) | Q(answered_at__gte=F("asked_at"))
            ),
        ]
