"""查看记录: who saw what of whom, when and why. Append-only, like the trail."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AccessAct(models.TextChoices):
    VIEW = "view", _("Opened the order")
    REVEAL = "reveal", _("Revealed a field")
    SEARCH = "search", _("Searched by phone")
    EXPORT = "export", _("Exported")
    DOWNLOAD = "download", _("Opened a file")


class AccessLog(models.Model):
    act = models.CharField(_("act"), max_length=10, choices=AccessAct.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("person")
    )
    order = models.ForeignKey(
        "WorkOrder", models.PROTECT, null=True, related_name="access_log", verbose_name=_("order")
    )
    field = models.CharField(_("field"), max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))
    ip = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name, verbose_name_plural = _("access log"), _("access log")
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_newest"),
            models.Index(fields=["user", "act", "-at"], name="access_by_user"),
            models.Index(fields=["order", "-at"], name="access_by_order"),
        ]

    def __str__(self) -> str:
        return f"{self.act} by {self.user_id} at {self.at}"
