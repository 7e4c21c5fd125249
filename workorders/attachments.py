"""Files of an order: what may come in, how it is kept, how it goes out again.

Believed is neither the name nor what the sender says it is: the extension must be allowed and the first
bytes must fit it. Pictures are drawn anew, which drops where they were taken and whatever was hidden in
them. Nothing is unpacked."""

from __future__ import annotations

import hashlib
import io
import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from hotline.accounts.models import User
from workorders.access import log_access
from workorders.actions import begin
from workorders.errors import InvalidInput
from workorders.models import Attachment, WorkOrder
from workorders.models.accesslog import AccessAct

MOST_FILES = 30
"""Of one order."""
MOST_PIXELS = 50_000_000
LONGEST_NAME = 100
MOST_ZIP_ENTRIES = 5_000
ISO_MEDIA = (b"isom", b"iso2", b"mp41", b"mp42", b"avc1", b"M4A ", b"M4V ", b"qt  ")


@dataclass(frozen=True)
class Format:
    content_type: str
    fits: Callable[[bytes], bool]
    picture: str = ""
    """Pillow's name of a picture format; empty for other files."""


def begins(*heads: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(heads)


def riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda data: data[:4] == b"RIFF" and data[8:12] == kind


def iso_media(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in ISO_MEDIA


def office(folder: str) -> Callable[[bytes], bool]:
    """A zip that is a document of this family, without macros. Only its list of contents is read."""

    def fits(data: bytes) -> bool:
        if not data.startswith(b"PK\x03\x04"):
            return False
        try:
            entries = zipfile.ZipFile(io.BytesIO(data)).namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return False
        if len(entries) > MOST_ZIP_ENTRIES or any("vbaproject" in name.lower() for name in entries):
            return False
        return "[Content_Types].xml" in entries and any(name.startswith(folder) for name in entries)

    return fits


OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS = {
    "jpg": Format("image/jpeg", begins(b"\xff\xd8\xff"), "JPEG"),
    "jpeg": Format("image/jpeg", begins(b"\xff\xd8\xff"), "JPEG"),
    "png": Format("image/png", begins(b"\x89PNG\r\n\x1a\n"), "PNG"),
    "webp": Format("image/webp", riff(b"WEBP"), "WEBP"),
    "pdf": Format("application/pdf", begins(b"%PDF-")),
    "docx": Format(f"{OFFICE}.wordprocessingml.document", office("word/")),
    "xlsx": Format(f"{OFFICE}.spreadsheetml.sheet", office("xl/")),
    "mp3": Format("audio/mpeg", begins(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    "wav": Format("audio/wav", riff(b"WAVE")),
    "m4a": Format("audio/mp4", iso_media),
    "mp4": Format("video/mp4", iso_media),
}
ACCEPT = ",".join(f".{extension}" for extension in FORMATS)
"""For the file field of a page."""


def store(
    order: WorkOrder, upload: UploadedFile, *, actor: User, now: datetime, label: str = ""
) -> Attachment:
    """Keep the file and write the event `attach`, both or neither. The order is one the actor may see.

    Raises InvalidInput (field `file` or `label`) for an empty, too large, forbidden or damaged file, and
    refusals of the move."""
    if label not in Attachment.Label.values:
        raise InvalidInput(_("Unknown label."), field="label")
    data, name, content_type = checked(upload)
    row = Attachment(
        order=order,
        name=name,
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        label=label,
        by=actor,
        at=now,
    )
    try:
        with transaction.atomic():
            move = begin(order.pk, "attach", actor=actor, now=now, expect=None)
            if Attachment.objects.filter(order=order).count() >= MOST_FILES:
                raise InvalidInput(
                    _("An order holds at most %(most)s files.") % {"most": MOST_FILES}, field="file"
                )
            row.file.save(name, ContentFile(data), save=False)
            row.save(force_insert=True)
            move.finish(facts={"name": name, "file": row.pk, "label": label})
    except BaseException:
        if row.file:
            row.file.storage.delete(row.file.name)
        raise
    return row


def checked(upload: UploadedFile) -> tuple[bytes, str, str]:
    """The bytes to keep, the name to show, the content type. Raises InvalidInput."""
    most = settings.ATTACHMENT_MAX_BYTES
    if upload.size > most:
        raise InvalidInput(_("A file has at most %(most)s MB.") % {"most": most // 2**20}, field="file")
    name = plain_name(upload.name or "")
    known = FORMATS.get(PurePosixPath(name).suffix[1:])
    if known is None:
        raise InvalidInput(_("Files of this kind are not taken."), field="file")
    data = upload.read()
    if not data:
        raise InvalidInput(_("The file is empty."), field="file")
    if not known.fits(data):
        raise InvalidInput(_("The content of the file is not what its name says."), field="file")
    if known.picture:
        data = redrawn(data, known.picture)
    return data, name, known.content_type


def plain_name(name: str) -> str:
    """What to show as the name: no folders, no characters that steer or hide, one dot, the extension in
    small letters."""
    name = unicodedata.normalize("NFKC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(c for c in name if unicodedata.category(c)[0] in "LNPSZ" and c not in '<>:"|?*').strip()
    stem, _dot, extension = name.rpartition(".")
    stem = stem.replace(".", "_").strip()[:LONGEST_NAME] or "file"
    return f"{stem}.{extension.strip().lower()}"[: Attachment._meta.get_field("name").max_length]


def redrawn(data: bytes, picture: str) -> bytes:
    """The same picture without anything but its pixels, upright. Raises InvalidInput for what cannot be
    drawn."""
    out = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=[picture]) as image:
                if image.width * image.height > MOST_PIXELS:
                    raise InvalidInput(_("The picture is too large."), field="file")
                upright = ImageOps.exif_transpose(image)
                if picture == "JPEG" and upright.mode not in ("RGB", "L"):
                    upright = upright.convert("RGB")
                clean = Image.new(upright.mode, upright.size)
                if upright.mode == "P":
                    clean.putpalette(upright.getpalette() or [])
                clean.paste(upright)
                options = {"quality": 88} if picture in ("JPEG", "WEBP") else {}
                clean.save(out, format=picture, **options)
    except InvalidInput:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Image.DecompressionBombError, Warning):
        raise InvalidInput(_("The picture is damaged."), field="file") from None
    return out.getvalue()


def answer_with(
    order: WorkOrder, file_id: int, *, user: User, now: datetime, request: HttpRequest
) -> FileResponse:
    """The file as a download that no browser runs, recorded in the access log. Http404 if the order has no
    such file."""
    row = Attachment.objects.filter(order=order, pk=file_id).first()
    if row is None:
        raise Http404
    try:
        handle = row.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    log_access(AccessAct.DOWNLOAD, user=user, now=now, order=order, request=request, facts={"file": row.pk})
    response = FileResponse(handle, as_attachment=True, filename=row.name, content_type=row.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
