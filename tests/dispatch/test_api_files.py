"""Files of an order: what comes in, what is refused, how they go out."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.makers import client_of, make_order
from workorders.attachments import plain_name
from workorders.lifecycle import State
from workorders.models import AccessLog, Attachment

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n%%EOF"
GPS = 0x8825


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    storage = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "default": storage}
    return tmp_path


def picture(form="JPEG", size=(40, 30), **options):
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, form, **options)
    return out.getvalue()


def photo_with_place():
    exif = Image.Exif()
    exif[GPS] = {1: "N", 2: (36.0, 40.0, 0.0)}
    exif[0x010F] = "Maker"
    return picture(exif=exif)


def document(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return out.getvalue()


def send(user, order, name, data, **fields):
    upload = SimpleUploadedFile(name, data)
    return client_of(user).post(f"/api/v1/orders/{order.number}/attachments/", {"file": upload, **fields})


def test_a_file_is_kept_under_a_random_name_and_told_on_the_trail(operator, folder):
    order = make_order()
    answer = send(operator, order, "notice.pdf", PDF, label="before")
    assert answer.status_code == 201, answer.content.decode()
    row = Attachment.objects.get()
    assert (row.name, row.label, "notice" in row.file.name) == ("notice.pdf", "before", False)
    assert Path(folder, row.file.name).read_bytes() == PDF
    event = order.events.order_by("-number").first()
    assert (event.verb, event.facts["name"]) == ("attach", "notice.pdf")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("photo.jpg", picture()),
        ("PHOTO.JPEG", picture()),
        ("plan.png", picture("PNG")),
        ("plan.webp", picture("WEBP")),
        ("letter.docx", document("[Content_Types].xml", "word/document.xml")),
        ("table.xlsx", document("[Content_Types].xml", "xl/workbook.xml")),
        ("call.mp3", b"ID3\x04" + b"\0" * 20),
        ("call.wav", b"RIFF\x24\0\0\0WAVEfmt "),
        ("street.mp4", b"\0\0\0\x18ftypisom" + b"\0" * 20),
    ],
)
def test_allowed_kinds_are_taken(operator, name, data):
    assert send(operator, make_order(), name, data).status_code == 201


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.html", b"<script>"),
        ("drawing.svg", b"<svg onload='x'/>"),
        ("tool.exe", b"MZ\x90"),
        ("archive.zip", document("a.txt")),
        ("noextension", PDF),
        ("page.jpg", b"<html><script>alert(1)</script></html>"),
        ("half.jpg", picture()[:200]),
        ("real.png", picture()),
        ("macro.docx", document("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("any.docx", document("a.txt")),
        ("empty.pdf", b""),
    ],
)
def test_everything_else_is_refused(operator, folder, name, data):
    answer = send(operator, make_order(), name, data)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["file"])
    assert not list(folder.rglob("*.*"))


def test_a_file_may_not_be_too_large(operator, settings):
    settings.ATTACHMENT_MAX_BYTES = 2**20
    assert send(operator, make_order(), "big.pdf", PDF + b"\0" * 2**20).status_code == 400


def test_a_picture_forgets_where_it_was_taken(operator, folder):
    sent = photo_with_place()
    assert dict(Image.open(io.BytesIO(sent)).getexif())
    send(operator, make_order(), "photo.jpg", sent)
    kept = Image.open(Path(folder, Attachment.objects.get().file.name))
    assert (dict(kept.getexif()), kept.size) == ({}, (40, 30))


def test_what_is_glued_behind_a_picture_is_gone(operator, folder):
    send(operator, make_order(), "photo.png", picture("PNG") + b"<?php evil ?>")
    assert b"evil" not in Path(folder, Attachment.objects.get().file.name).read_bytes()


def test_a_picture_of_too_many_pixels_is_refused(operator, monkeypatch):
    monkeypatch.setattr("workorders.attachments.MOST_PIXELS", 100)
    assert send(operator, make_order(), "photo.jpg", picture()).status_code == 400


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\plan.PDF", "plan.pdf"),
        ("photo\u202efdp.jpg", "photofdp.jpg"),
        ("shell.php.jpg", "shell_php.jpg"),
        (".jpg", "file.jpg"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
        ("a\r\nSet-Cookie.pdf", "aSet-Cookie.pdf"),
    ],
)
def test_a_name_is_only_a_name(given, kept):
    assert plain_name(given) == kept


def test_a_download_is_never_run_and_always_recorded(operator):
    order = make_order()
    row_id = send(operator, order, "notice.pdf", PDF).json()["id"]
    answer = client_of(operator).get(f"/api/v1/orders/{order.number}/attachments/{row_id}/")
    assert b"".join(answer.streaming_content) == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert AccessLog.objects.filter(act="download", order=order, user=operator).count() == 1


def test_files_are_listed(operator):
    order = make_order()
    send(operator, order, "notice.pdf", PDF)
    rows = client_of(operator).get(f"/api/v1/orders/{order.number}/attachments/").json()
    assert [(row["name"], row["size"]) for row in rows] == [("notice.pdf", len(PDF))]


def test_files_of_a_foreign_order_are_missing(operator, unit_clerk, outsider):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    row_id = send(operator, order, "notice.pdf", PDF).json()["id"]
    client = client_of(outsider)
    for path in ("attachments/", f"attachments/{row_id}/"):
        foreign = client.get(f"/api/v1/orders/{order.number}/{path}")
        missing = client.get(f"/api/v1/orders/JN20260101ABCDEFG/{path}")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
    assert send(outsider, order, "notice.pdf", PDF).status_code == 404


def test_a_file_belongs_to_its_order(operator):
    mine, other = make_order(), make_order()
    row_id = send(operator, other, "notice.pdf", PDF).json()["id"]
    answer = client_of(operator).get(f"/api/v1/orders/{mine.number}/attachments/{row_id}/")
    assert answer.status_code == 404


def test_an_order_holds_only_so_many_files(operator, monkeypatch, folder):
    monkeypatch.setattr("workorders.attachments.MOST_FILES", 1)
    order = make_order()
    send(operator, order, "notice.pdf", PDF)
    assert send(operator, order, "notice.pdf", PDF).status_code == 400
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("fields", [{}, {"file": "text"}, {"label": "sideways"}, {"state": "closed"}])
def test_a_form_that_does_not_fit_is_400(operator, fields):
    order = make_order()
    answer = client_of(operator).post(f"/api/v1/orders/{order.number}/attachments/", fields)
    assert answer.status_code == 400
