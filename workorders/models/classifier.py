"""Trained classifiers, versioned with their figures, and the rows that people's corrections give."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class ClassifierModel(models.Model):
    """One trained version. `blob` holds plain arrays, never pickles."""

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
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="classifier_version_once")]
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
