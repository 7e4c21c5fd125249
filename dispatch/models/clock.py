"""时限: the rules that make deadlines, running deadlines, and the moments at which something must happen."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class ClockRule(models.Model):
    """One row of the timer table. The newest valid and most specific row wins; a clock keeps the row that
    made it.

    `duration_value` may be negative (counts back from what `starts_on` names). Units: s, min, h and day
      are natural
    time; workhour and workday are working time; percent is of the handling time."""

    timer_code = models.CharField(_("timer"), max_length=6)
    kind = models.CharField(_("kind"), max_length=24)
    step = models.CharField(_("step"), max_length=12, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=60)
    name_en = models.CharField(_("English name"), max_length=80)
    urgency = models.CharField(_("urgency"), max_length=2, blank=True)
    variant = models.CharField(_("variant"), max_length=80, blank=True)
    duration_value = models.IntegerField(_("duration"))
    duration_unit = models.CharField(_("unit of time"), max_length=8)
    is_working = models.BooleanField(_("counts working time"))
    starts_on = models.CharField(_("starts on"), max_length=40)
    stops_on = models.CharField(_("stops on"), max_length=80, blank=True)
    on_fire = models.CharField(_("what happens"), max_length=200, blank=True)
    basis = models.CharField(_("basis"), max_length=200, blank=True)
    origin = models.CharField(_("origin"), max_length=8)
    cap_value = models.IntegerField(null=True, blank=True)
    cap_unit = models.CharField(max_length=8, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    repeat_every = models.CharField(_("repeats every"), max_length=20, blank=True)
    max_times = models.PositiveSmallIntegerField(_("at most"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    edited = models.BooleanField(default=False)

    class Meta:
        ordering = ["timer_code", "kind", "step", "urgency", "variant", "-valid_from"]
        verbose_name, verbose_name_plural = _("clock rule"), _("clock rules")

    def __str__(self) -> str:
        return f"{self.timer_code} {self.kind} {self.urgency} {self.variant}".strip()

    @property
    def history_key(self) -> str:
        """How the history of settings names this rule: the same in all its versions."""
        parts = (self.timer_code, self.kind, self.step, self.urgency, self.variant)
        return " ".join(part for part in parts if part)


class ClockQuerySet(models.QuerySet["Clock"]):
    def running(self) -> "ClockQuerySet":
        return self.filter(ended_at__isnull=True)


class Clock(models.Model):
    """One deadline of one order. Ends when met (`met_at`) or stopped without being met; breached if it
    passed `due_at` first. `generation` counts clocks of the same kind on the order: rounds, repeats."""

    order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="clocks")
    assignment = models.ForeignKey("Assignment", models.PROTECT, null=True, related_name="clocks")
    kind = models.CharField(max_length=24)
    generation = models.PositiveSmallIntegerField(default=1)
    rule = models.ForeignKey(ClockRule, models.PROTECT, null=True, related_name="+")
    is_working = models.BooleanField()
    is_provisional = models.BooleanField(default=False)
    """The due time reaches into a year without an official calendar."""
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = ClockQuerySet.as_manager()

    class Meta:
        ordering = ["started_at", "pk"]
        verbose_name, verbose_name_plural = _("clock"), _("clocks")
        constraints = [
            models.UniqueConstraint(fields=["order", "kind", "generation"], name="one_clock_per_generation"),
            models.UniqueConstraint(
                fields=["order", "kind"],
                condition=Q(ended_at__isnull=True),
                name="one_running_clock_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(met_at__isnull=True) | Q(met_at=F("ended_at")), name="met_clock_has_ended"
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "breached_at"], condition=Q(breached_at__isnull=False), name="clock_breached"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.order_id}, due {self.due_at}"


class ClockStep(models.Model):
    """A moment of a clock at which something happens once: `due` itself, yellow or red card. Swept by
    `due_at`."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="steps")
    order = models.ForeignKey("workorders.WorkOrder", models.PROTECT, related_name="+")
    step = models.CharField(max_length=12)
    due_at = models.DateTimeField()
    try_at = models.DateTimeField()
    """When the sweep looks at it: `due_at`, later after a failure."""
    tries = models.PositiveSmallIntegerField(default=0)
    fired_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)
    """Failed five times: shown to the administrator, not tried again by itself."""
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clock", "step"], name="one_step_per_clock")]
        indexes = [
            models.Index(
                fields=["try_at", "id"],
                condition=Q(fired_at__isnull=True, cancelled_at__isnull=True, parked_at__isnull=True),
                name="step_waiting",
            ),
            models.Index(fields=["order"], name="step_of_order"),
        ]

    def __str__(self) -> str:
        return f"{self.step} of clock {self.clock_id}"


class Sweep(models.Model):
    """One row per kind of sweep: when it last ran. Read by /readyz."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
