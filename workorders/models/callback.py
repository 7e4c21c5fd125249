"""回访: one follow-up of a replied order, with its attempts and three separate answers."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Satisfaction(models.TextChoices):
    SATISFIED = "satisfied", _("Satisfied")
    FAIRLY = "fairly", _("Fairly satisfied")
    DISSATISFIED = "dissatisfied", _("Dissatisfied")


class Solved(models.TextChoices):
    YES = "yes", _("Solved")
    PARTLY = "partly", _("Partly solved")
    NO = "no", _("Not solved")


class Attempt(models.TextChoices):
    ANSWERED = "answered", _("Answered")
    NO_ANSWER = "no_answer", _("No answer")
    REFUSED = "refused", _("Refused to rate")
    DEAD = "dead", _("Number out of service")


class Callback(models.Model):
    """One per round of an order. `service`, `result` and `solved` are three answers, never one."""

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="callbacks")
    round = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    contacted = models.BooleanField(_("the unit contacted the caller"), null=True)
    service = models.CharField(_("service"), max_length=12, choices=Satisfaction.choices, blank=True)
    result = models.CharField(_("result"), max_length=12, choices=Satisfaction.choices, blank=True)
    solved = models.CharField(_("solved"), max_length=6, choices=Solved.choices, blank=True)
    reasons = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    text = models.TextField(blank=True)
    next_try_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["order", "round"]
        constraints = [models.UniqueConstraint(fields=["order", "round"], name="one_callback_per_round")]

    def __str__(self) -> str:
        return f"call-back {self.round} of {self.order_id}"


class CallbackAttempt(models.Model):
    callback = models.ForeignKey(Callback, models.PROTECT, related_name="attempts")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    attempt = models.CharField(max_length=10, choices=Attempt.choices)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.attempt} at {self.at}"
