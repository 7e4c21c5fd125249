"""What a city decides about its reports: one row per parameter, edited in the product with a history."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Parameter(models.Model):
    """`week_starts_on`: ISO weekday (1 Monday … 7 Sunday) of the report week."""

    key = models.CharField(_("parameter"), max_length=40, primary_key=True)
    value = models.JSONField(_("value"))
    basis = models.CharField(_("basis"), max_length=200, blank=True)

    class Meta:
        ordering = ["key"]
        verbose_name, verbose_name_plural = _("parameter"), _("parameters")

    def __str__(self) -> str:
        return self.key
