"""The identity vault: who called. Sealed at rest, masked everywhere by default."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hotline.lib.masking import mask_name, mask_phone, normal_phone
from hotline.lib.sealing import blind_index, open_sealed, seal


class CallerQuerySet(models.QuerySet["Caller"]):
    def with_phone(self, phone: str) -> CallerQuerySet:
        """Callers with exactly this number. A text that is no number matches nobody."""
        try:
            return self.filter(phone_index=blind_index(normal_phone(phone)))
        except ValueError:
            return self.none()


class Caller(models.Model):
    """来电人. `phone_masked` and `name_masked` are what pages show; the plain values leave only through
    `reveal`."""

    name_sealed = models.TextField(blank=True)
    phone_sealed = models.TextField(blank=True)
    phone_index = models.CharField(max_length=64, blank=True, db_index=True)
    name_masked = models.CharField(_("name"), max_length=60, blank=True)
    phone_masked = models.CharField(_("phone"), max_length=30, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CallerQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("caller"), _("callers")

    def __str__(self) -> str:
        return self.phone_masked or self.name_masked or "–"

    @classmethod
    def sealed(cls, *, name: str, phone: str, at: datetime) -> Caller:
        """An unsaved caller with sealed values. `phone` is already normal (digits) or empty."""
        return cls(
            name_sealed=seal(name) if name else "",
            phone_sealed=seal(phone) if phone else "",
            phone_index=blind_index(phone) if phone else "",
            name_masked=mask_name(name) if name else "",
            phone_masked=mask_phone(phone) if phone else "",
            created_at=at,
        )

    def plain_name(self) -> str:
        return open_sealed(self.name_sealed) if self.name_sealed else ""

    def plain_phone(self) -> str:
        return open_sealed(self.phone_sealed) if self.phone_sealed else ""
