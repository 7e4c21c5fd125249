"""Files of an order over HTTP."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.api.base import checked
from dispatch.api.fields import OptionalChoice, StrictSerializer
from dispatch.api.outputs import Refusal, Shown
from dispatch.api.views import OrderView
from hotline.lib.masking import mask_text
from workorders import attachments
from workorders.models import Attachment

ENVELOPE = 64 * 1024
"""What a multipart body needs besides the file."""


class FileInput(StrictSerializer):
    file = serializers.FileField()
    label = OptionalChoice(Attachment.Label.choices)


class FileShown(Shown):
    id = serializers.IntegerField()
    name = serializers.SerializerMethodField()
    content_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    label = serializers.CharField(allow_blank=True)
    at = serializers.DateTimeField()
    by = serializers.SerializerMethodField()

    def get_name(self, row: Attachment) -> str:
        return mask_text(row.name)

    def get_by(self, row: Attachment) -> str | None:
        return str(row.by) if self.reader.sees_all and row.by else None


class Files(OrderView):
    parser_classes = [MultiPartParser]
    longest_body = settings.ATTACHMENT_MAX_BYTES + ENVELOPE

    @extend_schema(
        operation_id="order_files",
        tags=["files"],
        responses={200: FileShown(many=True), 401: Refusal, 404: Refusal},
    )
    def get(self, request: Request, number: str) -> Response:
        """The files of an order, at most thirty."""
        rows = (
            self.order(number).attachments.select_related("by").order_by("at", "pk")[: attachments.MOST_FILES]
        )
        return Response(FileShown(rows, many=True, context={"reader": self.reader}).data)

    @extend_schema(
        operation_id="order_add_file",
        tags=["files"],
        request={"multipart/form-data": FileInput},
        responses={201: FileShown, **{code: Refusal for code in (400, 401, 404, 413, 429)}},
    )
    def post(self, request: Request, number: str) -> Response:
        """Add a file: picture, PDF, Word, Excel, sound or video."""
        order = self.order(number)
        data = checked(FileInput, request.data)
        row = attachments.store(order, data["file"], actor=request.user, now=self.now, label=data["label"])
        return Response(FileShown(row, context={"reader": self.reader}).data, status=201)


class File(OrderView):
    @extend_schema(
        operation_id="order_file",
        tags=["files"],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY, 401: Refusal, 404: Refusal},
    )
    def get(self, request: Request, number: str, file_id: int) -> FileResponse:
        """One file, as a download. It is recorded."""
        order = self.order(number)
        return attachments.answer_with(order, file_id, user=request.user, now=self.now, request=request)
