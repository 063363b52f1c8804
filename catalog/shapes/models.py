"""What Mercado Libre made of listings that we had linked, and how fast listings sell."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


@pghistory.track(pghistory.UpdateEvent(), fields=["state"], model_name="ShapeChangeEvent")
class ShapeChange(models.Model):
    """A change of what a linked listing is: its variations, its user product, how it is sent, whether it is a kit.

    `before` and `after` are facts by name, as `catalog.shapes.shapes` makes them. While one that `freezes` is open,
    nothing is written to the listing: the database keeps `Listing.frozen_by` equal to that.
    """

    class Kind(models.TextChoices):
        MIGRATED = "migrated", _("Its variations became listings")
        FLATTENED = "flattened", _("Variations and item changed places")
        VARIATIONS_GONE = "variations_gone", _("Variations vanished")
        RELISTED = "relisted", _("Relisted under another id")
        BECAME_KIT = "became_kit", _("Became a kit")
        KIT_ENDED = "kit_ended", _("No kit any more")
        LOGISTICS = "logistics", _("Sent another way")
        REGROUPED = "regrouped", _("Under another user product")

    class State(models.TextChoices):
        OPEN = "open", _("Waits for somebody")
        APPLIED = "applied", _("Proposal applied")
        CONFIRMED = "confirmed", _("Looked at")
        SETTLED = "settled", _("Settled by itself")

    listing = models.ForeignKey("catalog.Listing", models.CASCADE, related_name="shape_changes")
    kind = models.CharField(_("what changed"), max_length=20, choices=Kind)
    freezes = models.BooleanField(default=False)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(_("found"), db_default=Now())
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    done = models.JSONField(default=list)  # the links that were moved or removed: [{"old", "new", "sku", "units"}]

    class Meta:
        verbose_name = _("changed listing")
        verbose_name_plural = _("changed listings")
        constraints = [
            models.UniqueConstraint(
                fields=["listing", "kind"], condition=Q(state="open"), name="one_open_shape_change_of_a_kind"
            ),
            models.CheckConstraint(
                name="closed_shape_change_has_a_time",
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
            ),
        ]
        indexes = [models.Index(fields=["-id"], condition=Q(state="open"), name="shape_change_open")]


class SalesSpeed(models.Model):
    """Units that a listing sold a day, over the last days; no row where it sold none."""

    listing = models.OneToOneField("catalog.Listing", models.CASCADE, primary_key=True, related_name="speed")
    per_day = models.FloatField()

    class Meta:
        constraints = [models.CheckConstraint(name="speed_above_zero", condition=Q(per_day__gt=0))]
