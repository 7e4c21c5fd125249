"""The request id and the client's address."""

import logging

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from hotline.lib.requests import RequestIdFilter, RequestIdMiddleware, client_ip, current_request_id


def ask(**headers):
    return RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", headers=headers)


def answer(request, inside=lambda request: None):
    def view(request):
        inside(request)
        return HttpResponse("ok")

    return RequestIdMiddleware(view)(request)


def record(**extra):
    line = logging.LogRecord("hotline", logging.INFO, __file__, 1, "text", (), None)
    line.__dict__.update(extra)
    assert RequestIdFilter().filter(line) is True
    return line


def test_an_answer_carries_the_id_of_its_request():
    request = ask()
    response = answer(request)
    assert response.headers["X-Request-ID"] == request.request_id


def test_two_requests_get_two_ids():
    assert answer(ask()).headers["X-Request-ID"] != answer(ask()).headers["X-Request-ID"]


def test_a_proxy_of_ours_may_name_the_request(settings):
    settings.TRUSTED_PROXIES = 1
    assert answer(ask(x_request_id="proxy-12345678")).headers["X-Request-ID"] == "proxy-12345678"


def test_a_stranger_may_not_name_the_request(settings):
    settings.TRUSTED_PROXIES = 0
    assert answer(ask(x_request_id="proxy-12345678")).headers["X-Request-ID"] != "proxy-12345678"


@pytest.mark.parametrize(
    "odd", ["", "short", "x" * 65, "has space 123", "new\nline-1234", "<script>alert(1)", "-starts-wrong"]
)
def test_an_odd_id_is_replaced(settings, odd):
    settings.TRUSTED_PROXIES = 1
    assert answer(ask(x_request_id=odd)).headers["X-Request-ID"] != odd


def test_log_lines_inside_a_request_carry_its_id():
    seen = []
    request = ask()
    answer(request, inside=lambda request: seen.append(record().request_id))
    assert seen == [request.request_id]


def test_log_lines_outside_a_request_carry_a_dash():
    answer(ask())
    assert record().request_id == "-"


def test_a_line_logged_after_the_middleware_still_carries_the_id():
    request = ask()
    answer(request)
    assert record(request=request).request_id == request.request_id


def test_a_failing_view_leaves_no_id_behind():
    def fail(request):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        answer(ask(), inside=fail)
    assert current_request_id() == "-"


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.9"),
        (1, "6.6.6.6, not-an-address", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "1.2.3.4:5123", "1.2.3.4"),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (1, "2001:DB8::1", "2001:db8::1"),
    ],
)
def test_only_as_many_proxies_are_believed_as_we_run(settings, hops, forwarded, expected):
    settings.TRUSTED_PROXIES = hops
    assert client_ip(ask(x_forwarded_for=forwarded)) == expected
