"""Rules that change how many a listing shows. A seller's buffer is on the seller itself."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Listing, Product, every_change
from sellers.models import SellerAccount


@pghistory.track(*every_change(), model_name="SellerRuleEvent")
class SellerRule(models.Model):
    account = models.OneToOneField(SellerAccount, models.CASCADE, related_name="stock_rule")
    last_units = models.PositiveIntegerField(_("last units"), null=True, blank=True)

    class Meta:
        verbose_name = _("stock rule of a seller")
        verbose_name_plural = _("stock rules of sellers")


@pghistory.track(*every_change(), model_name="ProductRuleEvent")
class ProductRule(models.Model):
    """What is empty is the seller's. `preferred` sells the last units."""

    product = models.OneToOneField(Product, models.CASCADE, related_name="stock_rule")
    buffer = models.PositiveIntegerField(_("buffer"), null=True, blank=True)
    last_units = models.PositiveIntegerField(_("last units"), null=True, blank=True)
    preferred = models.ForeignKey(
        Listing, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("sells the last units")
    )

    class Meta:
        verbose_name = _("stock rule of a product")
        verbose_name_plural = _("stock rules of products")


@pghistory.track(*every_change(), model_name="ListingRuleEvent")
class ListingRule(models.Model):
    listing = models.OneToOneField(Listing, models.CASCADE, related_name="stock_rule")
    buffer = models.PositiveIntegerField(_("buffer"))

    class Meta:
        verbose_name = _("stock rule of a listing")
        verbose_name_plural = _("stock rules of listings")
