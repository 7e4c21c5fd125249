"""表扬: whom a thanks order praises, and whether it was passed on."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Commendation(models.Model):
    order = models.OneToOneField("WorkOrder", models.PROTECT, related_name="commendation")
    body = models.CharField(_("praised, in the caller's words"), max_length=120, blank=True)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="commendations")
    person = models.CharField(_("person praised"), max_length=60, blank=True)
    deed = models.TextField(_("what was done"), blank=True)
    consent = models.BooleanField(_("the person agrees to be named"), default=False)
    confirmed = models.BooleanField(_("confirmed by the hotline"), default=False)
    is_story = models.BooleanField(_("warm story"), default=False)
    forwarded_at = models.DateTimeField(_("passed on at"), null=True)

    class Meta:
        verbose_name, verbose_name_plural = _("commendation"), _("commendations")

    def __str__(self) -> str:
        return f"thanks of {self.order_id}"
