"""What a matter is about: its kind (诉求类型) and its category (事项), both rows a city edits."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import NamedRow
from workorders.lifecycle import Mode, Urgency


class Kind(NamedRow):
    """诉求类型. The code is the key: inquiry, help, complaint, report, suggestion, thanks, other."""

    code = models.CharField(_("code"), max_length=12, primary_key=True)
    default_workdays = models.PositiveSmallIntegerField(_("working days"), null=True, blank=True)
    handling_clock = models.BooleanField(_("has a handling clock"), default=True)
    callback = models.BooleanField(_("is called back"), default=True)
    default_mode = models.CharField(
        _("default identity mode"), max_length=12, choices=Mode.choices, default=Mode.REAL_NAME
    )
    counts_in_three_rates = models.BooleanField(_("counts in the three rates"), default=True)
    outcomes = ArrayField(models.CharField(max_length=20), default=list, verbose_name=_("outcomes"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    sort = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(_("active"), default=True)
    edited_fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        ordering = ["sort", "code"]
        verbose_name, verbose_name_plural = _("kind"), _("kinds")


class Level(models.TextChoices):
    TOP = "top", _("Top category")
    GROUP = "group", _("Group")
    LEAF = "leaf", _("Leaf")


class UnitLevel(models.TextChoices):
    CITY = "M", _("City department")
    DISTRICT = "D", _("District bureau")
    SUBDISTRICT = "S", _("Subdistrict or town")
    UTILITY = "U", _("Public utility")
    EXTERNAL = "X", _("Emergency line")


class Category(NamedRow):
    """A node of the tree: top (2 digits), group (4), leaf (6). Orders carry leaves only.

    `deadline_workdays`, `urgency`, `keywords` and `unit_level` speak of leaves."""

    code = models.CharField(_("code"), max_length=6, unique=True)
    level = models.CharField(_("level"), max_length=5, choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    unit_level = models.CharField(_("level of the unit"), max_length=1, choices=UnitLevel.choices, blank=True)
    unit_hint = models.CharField(_("usual unit"), max_length=60, blank=True)
    deadline_workdays = models.PositiveSmallIntegerField(_("working days"), null=True, blank=True)
    urgency = models.CharField(_("urgency"), max_length=2, choices=Urgency.choices, default=Urgency.N)
    keywords = ArrayField(
        models.CharField(max_length=30), default=list, blank=True, verbose_name=_("keywords")
    )
    statutory_clock = models.CharField(_("statutory deadline"), max_length=120, blank=True)
    std_code = models.CharField(_("standard code"), max_length=20, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from")
    edited_fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = _("category"), _("categories")
