"""承诺: a dated public promise, kept or broken."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Promise(models.Model):
    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="promises")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    promised_on = models.DateField(_("promised for"))
    made_at = models.DateTimeField()
    text = models.TextField(blank=True)
    kept_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["promised_on"]
        verbose_name, verbose_name_plural = _("promise"), _("promises")

    def __str__(self) -> str:
        return f"{self.promised_on} of {self.order_id}"
