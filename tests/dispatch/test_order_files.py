"""The files of an order, on its page."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.makers import make_order
from workorders.lifecycle import State
from workorders.models import AccessLog, Attachment

pytestmark = pytest.mark.django_db


def picture(name: str = "before.png") -> SimpleUploadedFile:
    data = BytesIO()
    Image.new("RGB", (8, 8), "green").save(data, "PNG")
    return SimpleUploadedFile(name, data.getvalue(), "image/png")


@pytest.fixture
def order(unit):
    return make_order(state=State.HANDLING, lead=unit)


def test_a_photo_of_the_unit_is_kept_with_its_label(unit_clerk, client_of, order):
    answer = client_of(unit_clerk).post(
        f"/orders/{order.number}/files/", {"file": picture(), "label": "before"}
    )

    assert answer.status_code == 302
    assert Attachment.objects.get(order=order).label == "before"
    assert order.events.last().verb == "attach"


def test_what_is_no_picture_inside_is_refused_with_a_reason(unit_clerk, client_of, order):
    fake = SimpleUploadedFile("page.png", b"<script>", "image/png")

    answer = client_of(unit_clerk).post(f"/orders/{order.number}/files/", {"file": fake})

    assert answer.status_code == 422
    assert not Attachment.objects.exists()


def test_a_download_is_a_file_and_is_recorded(unit_clerk, client_of, order):
    client = client_of(unit_clerk)
    client.post(f"/orders/{order.number}/files/", {"file": picture()})
    file = Attachment.objects.get()

    answer = client.get(f"/orders/{order.number}/files/{file.pk}/")

    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert AccessLog.objects.filter(act="download", order=order).count() == 1


def test_another_unit_finds_nothing(unit_clerk, outsider, client_of, order):
    client_of(unit_clerk).post(f"/orders/{order.number}/files/", {"file": picture()})

    assert (
        client_of(outsider).get(f"/orders/{order.number}/files/{Attachment.objects.get().pk}/").status_code
        == 404
    )


def test_files_are_sent_by_post_alone(unit_clerk, client_of, order):
    assert client_of(unit_clerk).get(f"/orders/{order.number}/files/").status_code == 405
