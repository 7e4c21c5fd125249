"""The weekly tally of thanks: a stored snapshot."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """`week_start` is the first day of the configured week; the week is half-open [start, start + 7 days)."""

    week_start = models.DateField(_("week from"), unique=True)
    as_of = models.DateTimeField(_("data as of"))
    numbers = models.JSONField(default=dict)

    class Meta:
        ordering = ["-week_start"]
        verbose_name, verbose_name_plural = _("tally of thanks"), _("tallies of thanks")

    def __str__(self) -> str:
        return self.week_start.isoformat()


class TallyLine(models.Model):
    """The very orders behind one number of a tally."""

    tally = models.ForeignKey(Tally, models.CASCADE, related_name="lines")
    key = models.CharField(max_length=60)
    ids = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tally", "key"], name="tally_line_once")]

    def __str__(self) -> str:
        return f"{self.tally_id} {self.key}"
