"""附件: a file of an order, kept outside the web root under a random name."""

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def storage_name(attachment: "Attachment", filename: str) -> str:
    """A random name, so that nothing of the uploaded one reaches the file system."""
    return f"{attachment.order_id % 1000:03d}/{secrets.token_hex(16)}"


class Attachment(models.Model):
    class Label(models.TextChoices):
        NONE = "", _("File")
        BEFORE = "before", _("Before")
        AFTER = "after", _("After")

    order = models.ForeignKey("WorkOrder", models.PROTECT, related_name="attachments")
    file = models.FileField(upload_to=storage_name)
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    label = models.CharField(max_length=8, choices=Label.choices, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        verbose_name, verbose_name_plural = _("file"), _("files")

    def __str__(self) -> str:
        return self.name
