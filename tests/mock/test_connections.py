"""Connections as old clients use them: over sockets, byte by byte."""

from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit

import pytest

from conformance.mock.server import MockServer
from conformance.wire.limits import MAX_BODY

HEAD = b"POST /WBXService/XMLService HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n%b\r\n"
CLOSE = b"Connection: close\r\n"


@pytest.fixture
def connection(server):
    parts = urlsplit(server.endpoint)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as opened:
        yield opened


@pytest.fixture
def data(server, make_site, as_bytes):
    server.add_site(make_site())
    return as_bytes("go", "GetSite", "", "host")


def request(data: bytes, header: bytes = b"") -> bytes:
    return HEAD % (len(data), header) + data


def rest(opened: socket.socket) -> bytes:
    """Return what comes until the server closes the connection."""
    return b"".join(iter(lambda: opened.recv(65536), b""))


@pytest.mark.parametrize("delay", [0.0, 0.2])
def test_a_client_may_end_its_side_before_it_reads(make_site, as_bytes, delay):
    with MockServer(delay=delay) as server:
        server.add_site(make_site())
        parts = urlsplit(server.endpoint)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as opened:
            opened.sendall(request(as_bytes("go", "GetSite", "", "host")) * 2)
            opened.shutdown(socket.SHUT_WR)
            assert rest(opened).count(b"SUCCESS") == 2


def test_one_that_ends_its_side_with_nothing_asked_is_closed(connection):
    connection.shutdown(socket.SHUT_WR)
    assert rest(connection) == b""


def test_one_that_ends_its_side_within_a_request_is_closed(connection, data):
    connection.sendall(request(data)[:-1])
    connection.shutdown(socket.SHUT_WR)
    assert b"SUCCESS" not in rest(connection)


@pytest.mark.parametrize("blank", [b"\r\n", b"\n", b"\r\n\r\n"])
def test_blank_lines_between_requests_are_none(connection, data, blank):
    connection.sendall(blank + request(data) + blank + request(data))
    connection.sendall(blank)
    connection.sendall(blank + request(data, CLOSE))
    answers = rest(connection)
    assert (answers.count(b"HTTP/1.1 "), answers.count(b"SUCCESS")) == (3, 3)


def test_what_is_too_long_is_answered_while_it_comes(connection):
    sending = threading.Thread(target=connection.sendall, args=[request(b"<" * (MAX_BODY + 0x100000))])
    sending.start()
    answer = rest(connection)
    sending.join()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.lower().count(b"connection: close\r\n") == 1
