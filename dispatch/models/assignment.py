"""派单: one unit holding one order."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class AssignmentRole(models.TextChoices):
    LEAD = "lead", _("Lead")
    CO = "co", _("Co-handling")


class Assignment(models.Model):
    """The spans of an order's leads tile its time in the states that have one.

    `current`: open, or open when the order closed. It is what the access scope reads."""

    order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="assignments")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=4, choices=AssignmentRole.choices, default=AssignmentRole.LEAD)
    round = models.PositiveSmallIntegerField(default=1)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    current = models.BooleanField(default=True)
    handler = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    dispatched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    deemed = models.BooleanField(default=False)
    contacted_at = models.DateTimeField(null=True)
    why = models.JSONField(default=dict)
    """How this unit was found: the catalogue entry and its basis, or the person's reason (see
    `routing.Route`)."""
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["started_at", "pk"]
        verbose_name, verbose_name_plural = _("assignment"), _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(role="lead", ended_at__isnull=True),
                name="one_open_lead_per_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="assignment_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=False) | Q(current=True), name="open_assignment_is_current"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "order"], condition=Q(current=True), name="assignment_current"),
            models.Index(
                fields=["unit", "order"],
                condition=Q(role="co", ended_at__isnull=True),
                name="assignment_open_co",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.role} of {self.order_id}"
