"""What someone is typing, kept on the server so that nothing is lost: the desk's form, a reply."""

from django.conf import settings
from django.db import models

from hotline.lib.sealing import SealedTextField


class Draft(models.Model):
    """One form of one person. `data` is sealed JSON: it may hold a caller's name and number."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=80)
    data = SealedTextField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="one_draft_per_form")]
        indexes = [models.Index(fields=["user", "-saved_at"], name="draft_newest")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"
