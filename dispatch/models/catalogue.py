"""派单目录: versioned statements "this leaf in this place belongs to this unit, because …"."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PlaceScope(models.TextChoices):
    CITY = "city", _("Whole city")
    DISTRICT = "district", _("District of the place")
    SUBDISTRICT = "subdistrict", _("Subdistrict of the place")


class CatalogueEntry(models.Model):
    """`unit_pattern` is a unit's code, or holds {district} or {subdistrict}, filled from the order's
    place.

    An entry with `place` speaks of that place only and beats wider ones; `ask` names an open question that
    a person must answer, so that such an order is never dispatched automatically."""

    class EntryRole(models.TextChoices):
        LEAD = "lead", _("Lead")
        CO = "co", _("Co-handling")

    class Source(models.TextChoices):
        CATALOGUE = "catalogue", _("Catalogue")
        RULING = "ruling", _("Ruling")
        TEMPORARY = "temporary", _("Temporary")

    category = models.ForeignKey(
        "workorders.Category", models.PROTECT, related_name="catalogue", verbose_name=_("category")
    )
    place_scope = models.CharField(_("scope"), max_length=12, choices=PlaceScope.choices)
    place = models.ForeignKey(
        "workorders.Place", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("place")
    )
    role = models.CharField(_("role"), max_length=4, choices=EntryRole.choices, default=EntryRole.LEAD)
    unit_pattern = models.CharField(_("unit"), max_length=60)
    basis = models.CharField(_("basis"), max_length=200)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, default=Source.CATALOGUE)
    ask = models.CharField(_("open question"), max_length=40, blank=True)
    alternatives = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("alternatives")
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    edited = models.BooleanField(default=False)

    class Meta:
        ordering = ["category__code", "role", "place_scope", "pk"]
        verbose_name, verbose_name_plural = _("catalogue entry"), _("dispatch catalogue")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "place_scope", "place"],
                condition=Q(role="lead", valid_to__isnull=True),
                name="one_valid_lead_per_scope",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.category_id} {self.place_scope} {self.unit_pattern}"

    @property
    def history_key(self) -> str:
        """How the history of settings names this entry: the leaf, and its own number."""
        return f"{self.category.code} {self.role} {self.pk}"
