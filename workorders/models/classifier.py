"""Trained classifiers, versioned with their figures, the rows that people's corrections give, and urgent
words."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from workorders.lifecycle import Urgency


class ClassifierModel(models.Model):
    """One trained version. `blob` holds plain arrays, never pickles; it is empty in old versions."""

    name = models.CharField(_("name"), max_length=40)
    version = models.PositiveIntegerField(_("version"))
    trained_at = models.DateTimeField(_("trained at"))
    trained_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rows = models.PositiveIntegerField(_("rows"))
    labels = ArrayField(models.CharField(max_length=120))
    label_map = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    blob = models.BinaryField()
    is_current = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="classifier_version_once"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(is_current=True), name="classifier_one_in_use"
            ),
        ]
        verbose_name, verbose_name_plural = _("classifier"), _("classifiers")

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class TrainingRow(models.Model):
    """A text with the category a person chose for it; `suggested` is what the machine had offered."""

    order = models.ForeignKey("WorkOrder", models.PROTECT, null=True, related_name="training_rows")
    text = models.TextField()
    label = models.CharField(max_length=12)
    suggested = models.CharField(max_length=12, blank=True)
    source = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.label} ({self.source})"


class UrgencyWord(models.Model):
    """A word or phrase and how urgent it is by itself, beside the keywords of urgent leaves.

    Level N says the opposite: an ordinary phrase that hides an alarming word inside it, or a keyword of an
    urgent leaf that is no alarm alone."""

    word = models.CharField(_("word"), max_length=30, unique=True)
    level = models.CharField(_("urgency"), max_length=2, choices=Urgency.choices)
    note = models.CharField(_("note"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    edited_fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    class Meta:
        ordering = ["word"]
        verbose_name, verbose_name_plural = _("urgent word"), _("urgent words")

    def __str__(self) -> str:
        return self.word
