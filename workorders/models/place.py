"""Where a matter lies: city → district → subdistrict → community → grid."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import NamedRow


class PlaceLevel(models.TextChoices):
    CITY = "city", _("City")
    DISTRICT = "district", _("District or county")
    ZONE = "zone", _("Functional zone")
    SUBDISTRICT = "subdistrict", _("Subdistrict or town")
    COMMUNITY = "community", _("Community or village")
    GRID = "grid", _("Grid")


class Place(NamedRow):
    """地点. `parent` administers it (dispatch, visibility); `gb_parent` serves population statistics."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    level = models.CharField(_("level"), max_length=12, choices=PlaceLevel.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    gb_parent = models.CharField(_("statistical parent"), max_length=16, blank=True)
    aliases = ArrayField(models.CharField(max_length=40), default=list, blank=True, verbose_name=_("aliases"))
    is_active = models.BooleanField(_("active"), default=True)
    edited_fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = _("place"), _("places")
