"""A client's key for one intended effect: asked again, it gets the first answer."""

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """`status` null: the first request is still under way (its transaction holds the row)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    order = models.ForeignKey("WorkOrder", models.CASCADE, null=True, related_name="idempotency_keys")
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="key_once_per_user")]

    def __str__(self) -> str:
        return f"key of {self.user_id}"
