"""申请: what needs another person's approval. Returns now; extensions and suspensions share the table."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class RequestKind(models.TextChoices):
    RETURN = "return", _("Return")


class Request(models.Model):
    order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="requests")
    assignment = models.ForeignKey("Assignment", models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=12, choices=RequestKind.choices)
    reason = models.ForeignKey("workorders.Reason", models.PROTECT, related_name="+")
    basis = models.CharField(_("legal basis"), max_length=300)
    suggested_unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    late = models.BooleanField(_("after the window"), default=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_text = models.TextField(blank=True)

    class Meta:
        ordering = ["requested_at", "pk"]
        verbose_name, verbose_name_plural = _("request"), _("requests")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("requested_by")),
                name="request_decided_by_another",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(kind="return", granted__isnull=True),
                name="one_open_return_per_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.order_id}"
