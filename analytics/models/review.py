"""复盘: the daily review, a snapshot with decisions that are checked off next day."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Review(models.Model):
    """Numbers as they stood at `as_of`. Recounted after midnight while a draft; frozen once signed."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SIGNED = "signed", _("Signed")

    date = models.DateField(_("day"), unique=True)
    as_of = models.DateTimeField(_("data as of"))
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.DRAFT)
    numbers = models.JSONField(default=dict)
    notes = models.TextField(_("notes"), blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-date"]
        verbose_name, verbose_name_plural = _("daily review"), _("daily reviews")

    def __str__(self) -> str:
        return self.date.isoformat()


class ReviewLine(models.Model):
    """The very orders behind one number of a review, so that the number is a link to exactly those."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="lines")
    key = models.CharField(max_length=60)
    ids = ArrayField(models.BigIntegerField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "key"], name="review_line_once")]

    def __str__(self) -> str:
        return f"{self.review_id} {self.key}"


class ActionItem(models.Model):
    """措施: what was decided, by whom it is done, by when, and what came of it."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="actions")
    text = models.CharField(_("measure"), max_length=300)
    owner = models.CharField(_("owner"), max_length=60)
    due_on = models.DateField(_("due on"))
    result = models.CharField(_("result"), max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "pk"]
        verbose_name, verbose_name_plural = _("measure"), _("measures")

    def __str__(self) -> str:
        return self.text
