"""A unit's reply: an internal account for the hotline, and a public answer for the citizen."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Reply(models.Model):
    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="replies")
    round = models.PositiveSmallIntegerField()
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    internal = models.TextField(_("internal account"))
    public = models.TextField(_("public answer"))
    outcome = models.CharField(_("outcome"), max_length=20)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    accepted = models.BooleanField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    review_text = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reviewed_by__isnull=True) | ~models.Q(reviewed_by=models.F("by")),
                name="reply_reviewed_by_another",
            )
        ]

    def __str__(self) -> str:
        return f"reply {self.round} of {self.order_id}"
