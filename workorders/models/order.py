"""工单: one matter of one caller, and which of them a person may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import Role
from workorders.lifecycle import AT_THE_HOTLINE, FINAL, OPEN, Channel, Mode, State, Urgency

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from hotline.accounts.models import User


class WorkOrderQuerySet(models.QuerySet["WorkOrder"]):
    def visible_to(self, user: User | AnonymousUser) -> WorkOrderQuerySet:
        """The one access scope. What is not in it does not exist for this person.

        The hotline's own roles and the auditor see every order, masked. People of a unit see orders in
        which their unit has an open assignment or had one when the order closed; with the subtree flag,
        those of units below it too. An administrator sees no order."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.sees_all_orders:
            return self
        if user.role != Role.UNIT or not (ids := user.visible_unit_ids()):
            return self.none()
        held = self.model.objects.filter(assignments__unit_id__in=ids, assignments__current=True)
        return self.filter(pk__in=held.values("pk"))

    def open(self) -> WorkOrderQuerySet:
        return self.filter(state__in=OPEN)

    def with_words(self) -> WorkOrderQuerySet:
        """Joined to what lists and pages print, so that a row costs no further query."""
        return self.select_related("kind", "category", "place", "unit", "caller")


class WorkOrder(models.Model):
    """One matter of one caller. `state` and `version` are written by `workorders.actions` only."""

    number = models.CharField(_("number"), max_length=24, unique=True)
    version = models.PositiveIntegerField(default=0)
    state = models.CharField(_("state"), max_length=14, choices=State.choices, default=State.DRAFT)
    kind = models.ForeignKey("Kind", models.PROTECT, null=True, related_name="+", verbose_name=_("kind"))
    category = models.ForeignKey(
        "Category", models.PROTECT, null=True, related_name="+", verbose_name=_("category")
    )
    place = models.ForeignKey("Place", models.PROTECT, null=True, related_name="+", verbose_name=_("place"))
    urgency = models.CharField(_("urgency"), max_length=2, choices=Urgency.choices, default=Urgency.N)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices, default=Channel.PHONE)
    mode = models.CharField(_("identity mode"), max_length=12, choices=Mode.choices, default=Mode.REAL_NAME)
    title = models.CharField(_("title"), max_length=120, blank=True)
    content = models.TextField(_("content"))
    address = models.CharField(_("address"), max_length=200, blank=True)
    caller = models.ForeignKey("Caller", models.PROTECT, null=True, related_name="orders")
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(
        "accounts.Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("unit")
    )
    """The unit of the open lead, or of the last one."""
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    is_direct = models.BooleanField(_("answered directly"), default=False)
    outcome = models.CharField(_("outcome"), max_length=20, blank=True)
    public_reply = models.TextField(_("public answer"), blank=True)
    no_callback_reason = models.CharField(max_length=20, blank=True)
    card = models.CharField(
        _("card"), max_length=6, blank=True, choices=[("yellow", _("Yellow card")), ("red", _("Red card"))]
    )
    returns_upheld = models.PositiveSmallIntegerField(default=0)
    return_refused = models.BooleanField(default=False)
    deemed_signed = models.BooleanField(default=False)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    created_at = models.DateTimeField(_("taken in at"), default=timezone.now)
    dispatched_at = models.DateTimeField(_("dispatched at"), null=True)
    """Of the first dispatch."""
    replied_at = models.DateTimeField(_("replied at"), null=True)
    closed_at = models.DateTimeField(_("ended at"), null=True)
    due_at = models.DateTimeField(_("due at"), null=True)
    due_is_working = models.BooleanField(default=True)
    """Whether the clock behind `due_at` counts working time."""
    next_due_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged_children")
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="reopened_as")
    query_code = models.CharField(max_length=6, default="", blank=True)
    source = models.CharField(max_length=40, blank=True)
    source_id = models.CharField(max_length=200, blank=True)
    bigrams = ArrayField(models.IntegerField(), default=list)

    objects = WorkOrderQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("order"), _("orders")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id"], condition=~Q(source_id=""), name="order_source_once"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="order_state_known"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, state__in=OPEN)
                | Q(closed_at__isnull=False, state__in=FINAL),
                name="order_ended_iff_final",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "due_at", "id"], condition=Q(state__in=OPEN), name="order_open_by_state"
            ),
            models.Index(
                fields=["unit", "state", "due_at", "id"],
                condition=Q(state__in=OPEN),
                name="order_open_by_unit",
            ),
            models.Index(fields=["due_at", "id"], condition=Q(state__in=OPEN), name="order_open_by_due"),
            models.Index(
                fields=["urgency", "state", "-created_at"],
                condition=Q(urgency__in=["E1", "E2"]),
                name="order_urgent",
            ),
            models.Index(fields=["card"], condition=Q(state__in=OPEN) & ~Q(card=""), name="order_open_cards"),
            models.Index(
                fields=["state", "next_due_at", "id"],
                condition=Q(state__in=AT_THE_HOTLINE),
                name="order_at_the_hotline",
            ),
            models.Index(
                fields=["unit", "-closed_at", "-id"],
                condition=Q(closed_at__isnull=False),
                name="order_unit_ended",
            ),
            models.Index(fields=["-created_at", "-id"], name="order_newest"),
            models.Index(fields=["state", "-created_at", "-id"], name="order_state_newest"),
            models.Index(fields=["unit", "-created_at", "-id"], name="order_unit_newest"),
            models.Index(fields=["category", "-created_at", "-id"], name="order_category_newest"),
            models.Index(fields=["kind", "-created_at", "-id"], name="order_kind_newest"),
            models.Index(fields=["closed_at"], name="order_closed"),
            GinIndex(fields=["bigrams"], name="order_bigrams", opclasses=["gin__int_ops"]),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def is_confidential(self) -> bool:
        return self.mode == Mode.CONFIDENTIAL

    def overlays(self) -> list[str]:
        """What lies over the state: codes, in fixed order."""
        facts = {
            self.urgency: self.urgency != Urgency.N,
            "confidential": self.is_confidential,
            f"{self.card}_card": bool(self.card),
            "deemed_signed": self.deemed_signed,
            "archived": self.archived_at is not None,
        }
        return [code for code, holds in facts.items() if holds]
