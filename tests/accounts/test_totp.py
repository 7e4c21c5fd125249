import re
from datetime import timedelta

import pytest

from hotline.accounts import totp
from hotline.accounts.models import Change, Role
from tests.makers import NOON, make_user
from tests.makers import client_of as browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def half_in(login, travel):
    """`half_in(user)`: a browser after the password and before the code."""
    from django.test import Client

    def enter(user):
        client = Client()
        login(user, client=client)
        return client

    return enter


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_administrators_and_auditors_must_set_up_a_second_factor(role, half_in):
    response = half_in(make_user(role)).get("/account/")

    assert response.headers["Location"] == "/account/totp/enrol/"


def test_the_page_of_the_second_factor_is_not_sent_to_itself_by_its_own_bell(admin, half_in):
    here = {"HX-Request": "true", "HX-Current-URL": "http://testserver/account/totp/enrol/"}

    response = half_in(admin).get("/notices/bell/", headers=here)

    assert (response.status_code, response.headers.get("HX-Redirect")) == (204, None)


def test_a_fragment_of_another_page_leads_to_the_second_factor(admin, half_in):
    elsewhere = {"HX-Request": "true", "HX-Current-URL": "http://testserver/manage/"}

    response = half_in(admin).get("/notices/bell/", headers=elsewhere)

    assert response.headers["HX-Redirect"] == "/account/totp/enrol/"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR])
def test_administrators_and_auditors_must_enter_a_code(role, half_in, device):
    user = make_user(role)
    device(user)

    assert half_in(user).get("/account/").headers["Location"] == "/account/totp/"


def test_an_operator_works_without_a_code(operator, half_in):
    assert half_in(operator).get("/account/").status_code == 200


def test_who_set_up_a_second_factor_by_choice_is_asked_for_it(operator, half_in, device):
    device(operator)

    assert half_in(operator).get("/account/").headers["Location"] == "/account/totp/"


def test_without_the_code_the_password_cannot_be_changed(admin, half_in, device):
    device(admin)
    admin.must_change_password = True
    admin.save()

    assert half_in(admin).get("/account/").headers["Location"] == "/account/totp/"


def test_without_the_code_the_api_is_closed(admin, half_in, device):
    device(admin)

    response = half_in(admin).get("/api/schema/")

    assert (response.status_code, response.json()["code"]) == (403, "totp_verify_required")


def test_without_the_code_an_htmx_request_is_sent_to_the_code_page(admin, half_in, device):
    device(admin)

    response = half_in(admin).get("/account/", headers={"HX-Request": "true"})

    assert response.headers["HX-Redirect"] == "/account/totp/"


def test_the_right_code_opens_the_pages(admin, half_in, device, code_of):
    app = device(admin)
    client = half_in(admin)

    client.post("/account/totp/", {"code": code_of(app.key)})

    assert client.get("/account/").status_code == 200


def test_a_wrong_code_opens_nothing(admin, half_in, device, code_of):
    app = device(admin)
    client = half_in(admin)

    response = client.post("/account/totp/", {"code": code_of(app.key, steps=500)})

    assert response.status_code == 422
    assert client.get("/account/").status_code == 302


def test_a_code_works_once(admin, half_in, device, code_of):
    app = device(admin)
    code = code_of(app.key)
    half_in(admin).post("/account/totp/", {"code": code})

    response = half_in(admin).post("/account/totp/", {"code": code})

    assert response.status_code == 422


def test_a_clock_half_a_minute_off_is_forgiven(admin, device, code_of, travel):
    app = device(admin)

    assert totp.prove(admin, code_of(app.key, steps=1)) == app


def test_a_clock_two_minutes_off_is_not(admin, device, code_of, travel):
    with pytest.raises(totp.CodeRefused):
        totp.prove(admin, code_of(device(admin).key, steps=4))


def test_wrong_codes_in_a_row_make_even_the_right_one_wait(admin, device, code_of, travel):
    app = device(admin)
    with pytest.raises(totp.CodeRefused):
        totp.prove(admin, code_of(app.key, steps=500))

    with pytest.raises(totp.TooManyCodes):
        totp.prove(admin, code_of(app.key))


def test_after_the_wait_the_right_code_works_again(admin, device, code_of, travel):
    app = device(admin)
    with pytest.raises(totp.CodeRefused):
        totp.prove(admin, code_of(app.key, steps=500))
    travel.shift(timedelta(seconds=2))

    assert totp.prove(admin, code_of(app.key)) == app


def test_the_session_id_changes_when_the_code_is_accepted(admin, half_in, device, code_of):
    app = device(admin)
    client = half_in(admin)
    before = client.session.session_key

    client.post("/account/totp/", {"code": code_of(app.key)})

    assert client.session.session_key != before


@pytest.fixture
def enrolling(admin, half_in):
    """The administrator's browser on the enrolment page, with the offered secret."""
    client = half_in(admin)
    html = client.get("/account/totp/enrol/").content.decode()
    client.offer = re.search(r'name="offer" value="([^"]+)"', html)[1]
    client.key = totp.Offer.from_signed(admin, client.offer).key
    client.html = html
    return client


def test_the_first_code_takes_the_device_into_use(admin, enrolling, code_of):
    enrolling.post("/account/totp/enrol/", {"offer": enrolling.offer, "code": code_of(enrolling.key)})

    assert totp.device_of(admin).key == enrolling.key
    assert enrolling.get("/account/").status_code == 200


def test_setting_up_is_recorded(admin, enrolling, code_of):
    enrolling.post("/account/totp/enrol/", {"offer": enrolling.offer, "code": code_of(enrolling.key)})

    assert Change.objects.get(action="totp_enrol").actor == admin


def test_the_first_code_cannot_be_used_again_to_log_in(admin, enrolling, code_of):
    code = code_of(enrolling.key)
    enrolling.post("/account/totp/enrol/", {"offer": enrolling.offer, "code": code})

    with pytest.raises(totp.CodeRefused):
        totp.prove(admin, code)


def test_a_wrong_first_code_sets_up_nothing_and_keeps_the_secret(admin, enrolling, code_of):
    response = enrolling.post(
        "/account/totp/enrol/", {"offer": enrolling.offer, "code": code_of(enrolling.key, steps=500)}
    )

    assert response.status_code == 422
    assert totp.device_of(admin) is None
    assert totp.Offer(admin, enrolling.key).letters in response.content.decode()


def test_showing_the_enrolment_page_writes_nothing(admin, enrolling):
    assert not admin.totpdevice_set.exists()


def test_the_picture_is_part_of_the_page(enrolling):
    assert 'src="data:image/svg+xml' in enrolling.html


def test_a_forged_secret_is_refused(admin, enrolling, code_of):
    key = "00" * 20
    response = enrolling.post(
        "/account/totp/enrol/", {"offer": f'[{admin.pk},"{key}"]', "code": code_of(key)}
    )

    assert response.status_code == 422
    assert totp.device_of(admin) is None


def test_a_secret_offered_to_somebody_else_is_refused(admin, auditor, enrolling, code_of):
    offer = totp.Offer(auditor)

    enrolling.post("/account/totp/enrol/", {"offer": offer.signed, "code": code_of(offer.key)})

    assert totp.device_of(admin) is None


def test_a_second_device_cannot_be_set_up_beside_the_first(admin, half_in, device, code_of):
    device(admin)
    offer = totp.Offer(admin)

    with pytest.raises(totp.CodeRefused):
        totp.enrol(admin, offer, code_of(offer.key), NOON)


def test_another_administrator_resets_a_lost_second_factor(admin, auditor, device):
    device(auditor)
    elsewhere = browser_of(auditor)

    totp.reset(auditor, admin, NOON)

    assert totp.device_of(auditor) is None
    assert elsewhere.get("/account/").headers["Location"].startswith("/login/")
    assert Change.objects.get(action="totp_reset").actor == admin


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR, Role.OPERATOR])
def test_nobody_else_resets_a_second_factor(role, admin, device):
    device(admin)

    with pytest.raises(totp.ResetRefused):
        totp.reset(admin, make_user(role), NOON)


def test_an_administrator_cannot_reset_the_own_second_factor(admin, device):
    device(admin)

    with pytest.raises(totp.ResetRefused):
        totp.reset(admin, admin, NOON)
