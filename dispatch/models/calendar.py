"""The working calendar: what differs from Monday–Friday, by official notice or local order."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CalendarDay(models.Model):
    """A day whose kind is stated. Other days of an official year follow the week; a year without any
    official row is provisional: weekdays minus the statutory days, and everything computed in it says so."""

    class Source(models.TextChoices):
        OFFICIAL = "official", _("Official notice")
        PROVISIONAL = "provisional", _("Provisional")
        LOCAL = "local", _("Local order")

    date = models.DateField(_("date"), unique=True)
    is_work = models.BooleanField(_("working day"))
    name = models.CharField(_("name"), max_length=40)
    source = models.CharField(_("source"), max_length=12, choices=Source.choices, default=Source.OFFICIAL)
    notice = models.CharField(_("notice"), max_length=200, blank=True)
    edited = models.BooleanField(default=False)

    class Meta:
        ordering = ["date"]
        verbose_name, verbose_name_plural = _("calendar day"), _("calendar days")

    def __str__(self) -> str:
        return f"{self.date} {self.name}"


class LunarNewYear(models.Model):
    """正月初一 of a year; needed for provisional calendars and for comparing like with like."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    date = models.DateField()

    class Meta:
        ordering = ["year"]

    def __str__(self) -> str:
        return str(self.date)
