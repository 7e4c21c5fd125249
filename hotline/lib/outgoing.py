"""POST to an address that somebody typed in: signed, with little patience, and never into our own network
unasked."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

SECRET_PREFIX = "whsec_"
NAT64 = ip_network("64:ff9b::/96")
PATIENCE = 3
"""A whole exchange may take so many times the timeout, which bounds each single wait."""


class AddressRefused(Exception):
    """The address is none we may call: not http, or it leads into a network we must not reach from here."""


def signed_headers(message_id: str, timestamp: int, body: bytes, secrets: list[str]) -> dict[str, str]:
    """The three headers of Standard Webhooks. With two secrets (a rotation) there are two signatures; a
    receiver accepts when one fits. Secrets may have the form `whsec_` + base64."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    marks = [hmac.new(secret_bytes(secret), signed, hashlib.sha256).digest() for secret in secrets if secret]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        **(
            {"webhook-signature": " ".join(f"v1,{base64.b64encode(mark).decode()}" for mark in marks)}
            if marks
            else {}
        ),
    }


def secret_bytes(secret: str) -> bytes:
    if secret.startswith(SECRET_PREFIX):
        with suppress(binascii.Error, ValueError):
            return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    return secret.encode()


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool = False, timeout: float = 5
) -> int:
    """Send and return the HTTP status. Redirects are not followed: the answer is the answer.

    The name is resolved here and the very address that was checked is called, so a name that changes its
    address meanwhile gains nothing. Raises AddressRefused, or OSError and http.client.HTTPException for
    trouble on the way."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise AddressRefused("only http and https addresses without a password are called")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise AddressRefused("the port is no number") from None
    address = reachable(parts.hostname, port, allow_private)
    connection = PinnedConnection(parts.hostname, port, address, parts.scheme == "https", timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    stop = threading.Timer(PATIENCE * timeout, connection.abort)
    stop.daemon = True
    stop.start()
    try:
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    finally:
        stop.cancel()
        connection.close()


class PinnedConnection(http.client.HTTPConnection):
    """A connection to one checked address, under the name that the certificate and the Host header need."""

    def __init__(self, host: str, port: int, address: str, secure: bool, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self.address, self.secure = address, secure
        if secure:
            self.default_port = http.client.HTTPS_PORT

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        if self.secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def abort(self) -> None:
        """End an exchange that drips on for too long, from another thread."""
        sock = self.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def reachable(host: str, port: int, allow_private: bool) -> str:
    """The first address of the host that may be called. Raises AddressRefused when one of them may not: a
    name with a public and a private address is a trap."""
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for text in found:
        if not may_call(ip_address(text.partition("%")[0]), allow_private):
            raise AddressRefused(f"{host} leads to the address {text}, which is not public")
    return found[0]


def may_call(address: IPv4Address | IPv6Address, allow_private: bool) -> bool:
    """Public addresses only; with `allow_private` also private ones and this machine, but never the
    link-local range, where clouds keep their secrets."""
    address = inner(address)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or (allow_private and (address.is_private or address.is_loopback))


def inner(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one wraps, where it does."""
    if isinstance(address, IPv6Address):
        if address in NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address
