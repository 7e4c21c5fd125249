"""处置轨迹: what happened to an order, append-only and chained."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from workorders.lifecycle import VERBS, State


class OrderEvent(models.Model):
    """One line of the trail. `number` is the order's version after it, without gaps.

    The database computes `prev_hash` and `hash` itself, refuses a number that is not the next one, and
    refuses UPDATE and DELETE (migration 0002). Facts are codes, ids and texts; wording is rendered from
    verb and facts."""

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="events")
    number = models.PositiveIntegerField()
    verb = models.CharField(max_length=24)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=12, blank=True)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    from_state = models.CharField(max_length=14, blank=True)
    to_state = models.CharField(max_length=14, blank=True)
    facts = models.JSONField(default=dict)
    step = models.BigIntegerField(null=True)
    """Id of the clock step that fired, for events of the verb `clock` and `deem-signed`."""
    prev_hash = models.CharField(max_length=64, default="", editable=False)
    hash = models.CharField(max_length=64, default="", editable=False)

    class Meta:
        ordering = ["order", "number"]
        verbose_name, verbose_name_plural = _("event"), _("trail")
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="event_number_once"),
            models.UniqueConstraint(
                fields=["step"], condition=models.Q(step__isnull=False), name="event_step_once"
            ),
        ]
        indexes = [
            models.Index(fields=["at"], name="event_at"),
            models.Index(
                fields=["-at", "-id"],
                condition=models.Q(verb="clock")
                | models.Q(to_state__in=[State.ADJUDICATION.value, State.REWORK_REVIEW.value]),
                name="event_trouble",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}#{self.number} {self.verb}"

    @property
    def words(self) -> object:
        return VERBS.get(self.verb, self.verb)
