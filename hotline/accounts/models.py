"""Who works here: people, units, and which people work in which unit."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.contrib.auth.password_validation import validate_password
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OPERATOR = "operator", _("Operator")
    DISPATCHER = "dispatcher", _("Dispatcher")
    CALLBACK = "callback", _("Call-back agent")
    SUPERVISOR = "supervisor", _("Duty supervisor")
    LEADER = "leader", _("Duty leader")
    UNIT = "unit", _("Handling unit")
    ADMIN = "admin", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


SEES_ALL_ORDERS = frozenset(
    {Role.OPERATOR, Role.DISPATCHER, Role.CALLBACK, Role.SUPERVISOR, Role.LEADER, Role.AUDITOR}
)
"""Roles that see every order, masked. A unit sees its own; an administrator sees settings, not orders."""
NEEDS_TOTP = frozenset({Role.ADMIN, Role.AUDITOR})


class UnitKind(models.TextChoices):
    HOTLINE = "hotline", _("Hotline centre")
    MUNICIPAL = "municipal", _("City department")
    DISTRICT = "district", _("District bureau")
    SUBDISTRICT = "subdistrict", _("Subdistrict or town")
    UTILITY = "utility", _("Public utility")
    EXTERNAL = "external", _("Emergency line")


class Unit(models.Model):
    """承办单位: whoever can hold an order. `place_code` is a code on purpose: places lie in a higher app."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=100)
    short_name = models.CharField(_("short name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=UnitKind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    place_code = models.CharField(_("place"), max_length=12)
    aliases = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("aliases"))
    sees_subtree = models.BooleanField(_("sees the orders of units below it"), default=False)
    verified = models.BooleanField(_("name verified by a source"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    edited_fields = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    """Fields changed by this city: load_reference leaves them alone."""
    members: models.ManyToManyField = models.ManyToManyField(
        "User", through="Membership", related_name="units"
    )

    class Meta:
        ordering = ["code"]
        verbose_name, verbose_name_plural = _("unit"), _("units")

    def __str__(self) -> str:
        return self.short_name


class UserManager(DjangoUserManager["User"]):
    def create_superuser(self, username, email=None, password=None, **fields):
        """The first administrator, as `createsuperuser` makes it: the role is what counts.

        Not a superuser in Django's sense: an administrator sees settings, not the content of orders.
        Raises ValidationError when the password breaks the rules."""
        user = User(username=username, name=fields.get("name", ""), role=Role.ADMIN)
        if password is not None:
            validate_password(password, user)
        return self.create_user(username, email, password, **{"role": Role.ADMIN, **fields})


class User(AbstractUser):
    """One person's account, with exactly one role."""

    first_name = None  # type: ignore[assignment]  # Chinese names are one field
    last_name = None  # type: ignore[assignment]
    name = models.CharField(_("name"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    is_outsourced = models.BooleanField(_("employed by a contractor"), default=False)
    must_change_password = models.BooleanField(_("must change the password at next login"), default=False)
    password_changed_at = models.DateTimeField(_("password changed at"), default=timezone.now)
    session_round = models.PositiveIntegerField(default=0, editable=False)
    """Counted up to end every session of this person: it is part of what a session is checked against."""
    notices_seen_at = models.DateTimeField(_("notices seen at"), null=True, blank=True)

    objects = UserManager()

    REQUIRED_FIELDS: list[str] = []

    class Meta:
        ordering = ["username"]
        verbose_name, verbose_name_plural = _("user"), _("users")
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_has_a_role")
        ]

    def __str__(self) -> str:
        return self.name or self.username

    def _get_session_auth_hash(self, secret=None):
        """Django compares this with the session's copy on every request; see `session_round`."""
        value = f"{self.password}:{self.session_round}"
        return salted_hmac("hotline.accounts.session", value, secret=secret, algorithm="sha256").hexdigest()

    @property
    def sees_all_orders(self) -> bool:
        return self.is_active and self.role in SEES_ALL_ORDERS

    def unit_ids(self) -> frozenset[int]:
        """Ids of the active units this person works in; read once per instance."""
        if not hasattr(self, "_unit_ids"):
            rows = Membership.objects.filter(user_id=self.pk, unit__is_active=True).values_list(
                "unit_id", flat=True
            )
            self._unit_ids = frozenset(rows)
        return self._unit_ids

    def visible_unit_ids(self) -> frozenset[int]:
        """The person's units, and everything below those that carry the subtree flag; read once per
        instance."""
        if not hasattr(self, "_visible_unit_ids"):
            seen = set(self.unit_ids())
            below = set(Unit.objects.filter(pk__in=seen, sees_subtree=True).values_list("pk", flat=True))
            while below:
                below = set(Unit.objects.filter(parent_id__in=below).values_list("pk", flat=True)) - seen
                seen |= below
            self._visible_unit_ids = frozenset(seen)
        return self._visible_unit_ids


class Membership(models.Model):
    """This person works in this unit."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="memberships")
    leads = models.BooleanField(_("leads the unit"), default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "unit"], name="one_membership_per_unit")]
        verbose_name, verbose_name_plural = _("membership"), _("memberships")

    def __str__(self) -> str:
        return f"{self.user_id} in {self.unit_id}"


class UsedPassword(models.Model):
    """Hash of a password someone had: the last five may not come back."""

    user = models.ForeignKey(User, models.CASCADE, related_name="used_passwords")
    hash = models.CharField(max_length=128)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.at}"


class ApiToken(models.Model):
    """A key for the API. Only its SHA-256 is kept; the plain token is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(_("label"), max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    used_on = models.DateField(_("last used on"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.label or f"token {self.pk}"


class Change(models.Model):
    """One line of the history of settings: who changed what row of reference data, from what to what."""

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    table = models.CharField(_("table"), max_length=60)
    key = models.CharField(_("row"), max_length=80)
    action = models.CharField(_("action"), max_length=20)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    basis = models.CharField(_("basis"), max_length=200, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["table", "key", "-at"])]

    def __str__(self) -> str:
        return f"{self.action} {self.table} {self.key}"


class NamedRow(models.Model):
    """A row of reference data with a Chinese and an English name."""

    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name_zh
