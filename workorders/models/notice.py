"""提醒: the outbox. Everything that leaves is a row here first; `key` makes it happen once."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotline.accounts.models import Role
from hotline.lib.sealing import SealedTextField


class NoticeChannel(models.TextChoices):
    BELL = "bell", _("Bell")
    WEBHOOK = "webhook", _("Webhook")
    SMS = "sms", _("Text message")
    WECOM = "wecom", _("WeCom")


class Endpoint(models.Model):
    """Where notices for a unit or a role go besides the bell: a signed webhook, or an SMS or WeCom HTTP
    template."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    channel = models.CharField(_("channel"), max_length=8, choices=NoticeChannel.choices)
    url = models.URLField(_("address"), max_length=300)
    secret = SealedTextField(_("secret"), blank=True, default="")
    old_secret = SealedTextField(_("previous secret"), blank=True, default="")
    template = models.TextField(_("body template"), blank=True)
    unit = models.ForeignKey(
        "accounts.Unit", models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    role = models.CharField(_("role"), max_length=12, choices=Role.choices, blank=True)
    kinds = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("kinds of notices")
    )
    allow_private = models.BooleanField(_("may be an address inside our own network"), default=False)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name, verbose_name_plural = _("endpoint"), _("endpoints")

    def __str__(self) -> str:
        return self.name


class Notice(models.Model):
    """One message to one receiver. Carries codes and the order's number, never personal data.

    A bell notice is delivered by being here. Others are sent by the relay, at least once, with `key` as
    message id."""

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    channel = models.CharField(
        _("channel"), max_length=8, choices=NoticeChannel.choices, default=NoticeChannel.BELL
    )
    order = models.ForeignKey("WorkOrder", models.PROTECT, null=True, related_name="notices")
    user = models.ForeignKey("accounts.User", models.CASCADE, null=True, related_name="+")
    unit = models.ForeignKey("accounts.Unit", models.CASCADE, null=True, related_name="+")
    role = models.CharField(max_length=12, blank=True)
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name, verbose_name_plural = _("notice"), _("notices")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(sent_at__isnull=True, dead_at__isnull=True),
                name="notice_unsent",
            ),
            models.Index(
                fields=["unit", "-created_at"],
                condition=Q(channel="bell", unit__isnull=False),
                name="notice_unit_bell",
            ),
            models.Index(
                fields=["role", "-created_at"],
                condition=Q(channel="bell") & ~Q(role=""),
                name="notice_role_bell",
            ),
            models.Index(
                fields=["user", "-created_at"],
                condition=Q(channel="bell", user__isnull=False),
                name="notice_user_bell",
            ),
        ]

    def __str__(self) -> str:
        return self.key
