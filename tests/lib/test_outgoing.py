"""Calling addresses that somebody typed in."""

import base64
import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import pytest

from hotline.lib import outgoing
from hotline.lib.outgoing import AddressRefused, may_call, post, signed_headers


@pytest.fixture
def server():
    """A receiver on this machine: its `url`, what it `got` (path, headers, body), the status it will
    `answer`."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            httpd.got.append((self.path, dict(self.headers), body))
            self.send_response(httpd.answer)
            if httpd.answer == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *args):
            pass

    httpd = HTTPServer(("127.0.0.1", 0), Receiver)
    httpd.got, httpd.answer, httpd.url = [], 204, f"http://127.0.0.1:{httpd.server_port}/hook?x=1"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield httpd
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_a_message_arrives_whole(server):
    status = post(server.url, b'{"a":1}', {"X-Mark": "7"}, allow_private=True)

    path, headers, body = server.got[0]
    assert (status, path, headers["X-Mark"], body) == (204, "/hook?x=1", "7", b'{"a":1}')


def test_a_redirect_is_an_answer_and_is_not_followed(server):
    server.answer = 302

    assert post(server.url, b"{}", {}, allow_private=True) == 302
    assert len(server.got) == 1


def test_an_address_of_our_own_network_is_not_called_unasked(server):
    with pytest.raises(AddressRefused):
        post(server.url, b"{}", {})

    assert server.got == []


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/", "file:///etc/passwd", "http://user:pass@example.com/", "http://", "http://h:x/"],
)
def test_what_is_no_plain_http_address_is_refused(url):
    with pytest.raises(AddressRefused):
        post(url, b"{}", {}, allow_private=True)


PRIVATE = ["10.0.0.1", "192.168.1.1", "172.16.0.1", "127.0.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"]


@pytest.mark.parametrize("text", [*PRIVATE, "64:ff9b::a00:1", "100.64.0.1", "0.0.0.0"])
def test_private_addresses_are_refused(text):
    assert not may_call(ip_address(text), allow_private=False)


@pytest.mark.parametrize("text", PRIVATE)
def test_private_addresses_are_called_when_asked(text):
    assert may_call(ip_address(text), allow_private=True)


@pytest.mark.parametrize(
    "text", ["169.254.169.254", "fe80::1", "224.0.0.1", "0.0.0.0", "::ffff:169.254.169.254"]
)
def test_the_range_where_clouds_keep_secrets_is_never_called(text):
    assert not may_call(ip_address(text), allow_private=True)


def test_a_name_with_one_private_address_is_refused(monkeypatch):
    found = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *args, **kwargs: found)

    with pytest.raises(AddressRefused):
        post("http://both.example/", b"{}", {})


def test_the_signature_is_that_of_standard_webhooks():
    secret = "whsec_" + base64.b64encode(b"0123456789abcdef").decode()

    headers = signed_headers("msg_1", 1700000000, b'{"a":1}', [secret])

    mark = hmac.new(b"0123456789abcdef", b'msg_1.1700000000.{"a":1}', hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mark).decode()}"
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("msg_1", "1700000000")


def test_during_a_rotation_both_secrets_sign():
    marks = signed_headers("m", 1, b"", ["new", "old"])["webhook-signature"].split(" ")

    assert len(set(marks)) == 2


def test_without_a_secret_nothing_is_signed():
    assert "webhook-signature" not in signed_headers("m", 1, b"", [""])
