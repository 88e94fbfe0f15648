"""The mailbox against servers that do wrong, settings that can not be used, and a missing library."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import UserError
from conformance.live.imap import ImapMailbox
from conformance.live.imap_connection import MailboxSettings
from conformance.site.seam import NotObservable

CANARY = "Zq7Canary9"
TO = "a@example.com"
CALL = 0.3
SOON = 10.0
"""Seconds, many more than the longest call; without a bound, what is tested here never ends."""

Script = Callable[[socket.socket], None]


class Scripted:
    """A server that does with each connection what a script says."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=[connection]))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._script(connection)
            except OSError:
                return  # the other side has gone

    def stop(self) -> None:
        """Close everything."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(SOON)
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for thread in self._threads:
            thread.join(SOON)
            assert not thread.is_alive()


@pytest.fixture
def serve() -> Iterator[Callable[[Script], Scripted]]:
    """Start servers."""
    servers: list[Scripted] = []

    def start(script: Script) -> Scripted:
        servers.append(Scripted(script))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def talk(greeting: bytes = b"* OK hello\r\n", **answers: bytes) -> Script:
    """Return a script of an IMAP server: what it says to each command before it says OK, or NO and BAD instead."""
    known = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
        "EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 1] x\r\n",
        **answers,
    }

    def script(connection: socket.socket) -> None:
        connection.sendall(greeting)
        for line in connection.makefile("rb"):
            tag, _, rest = line.partition(b" ")
            command = rest.removeprefix(b"UID ").split(b" ")[0].decode("latin-1").strip().upper()
            answer = known.get(command, b"")
            if answer.startswith((b"NO", b"BAD")):
                connection.sendall(tag + b" " + answer)
            else:
                connection.sendall(answer + tag + b" OK done\r\n")

    return script


def drip(connection: socket.socket) -> None:
    """Send a byte often enough that nobody's patience between two bytes ends."""
    while True:
        connection.sendall(b"x")
        time.sleep(0.05)


def hang_up(connection: socket.socket) -> None:
    """Say nothing, and go."""


def ignore(connection: socket.socket) -> None:
    """Read, and say nothing."""
    while connection.recv(10_000):
        pass


def settings(port: int, **changed: Any) -> MailboxSettings:
    """Return settings for a scripted server."""
    usual: dict[str, Any] = {
        "host": "127.0.0.1",
        "user": "qa",
        "password": CANARY,
        "port": port,
        "tls": "none",
        "wait_seconds": 0.1,
        "settle_seconds": 0.0,
        "poll_seconds": 0.05,
        "call_seconds": CALL,
        "connect_seconds": CALL,
    }
    return MailboxSettings(**{**usual, **changed})


async def mails_at(server: Scripted) -> Any:
    """Open the mailbox and return what is found in it."""
    mailbox = ImapMailbox(settings(server.port))
    await mailbox.open()
    try:
        return await mailbox.mails(TO, 1)
    finally:
        await mailbox.close()


def told(settings: MailboxSettings) -> str:
    """Open the mailbox, look for a mail, and return why that did not work."""

    async def run() -> None:
        mailbox = ImapMailbox(settings)
        try:
            await mailbox.open()
            await mailbox.mails(TO, 1)
        finally:
            await mailbox.close()

    began = time.perf_counter()
    with pytest.raises(NotObservable) as caught:
        asyncio.run(run())  # waits for its threads, so none of them is left behind
    assert time.perf_counter() - began < SOON
    text = str(caught.value)
    assert text.startswith(f"the mailbox qa at {settings.host}:{settings.port}: ")
    assert CANARY not in text
    return text.partition(f"{settings.port}: ")[2]


class TestServers:
    @pytest.mark.parametrize("tls", ["none", "implicit", "starttls"])
    def test_one_that_never_answers(self, serve: Callable[[Script], Scripted], tls: str) -> None:
        server = serve(ignore)
        assert told(settings(server.port, tls=tls)) == "it did not answer in time"

    @pytest.mark.parametrize("tls", ["none", "starttls"])
    def test_one_whose_greeting_never_ends(self, serve: Callable[[Script], Scripted], tls: str) -> None:
        assert told(settings(serve(drip).port, tls=tls)) == "it did not answer in time"

    def test_one_that_answers_a_byte_at_a_time(self, serve: Callable[[Script], Scripted]) -> None:
        def script(connection: socket.socket) -> None:
            connection.sendall(b"* OK hello\r\n")
            connection.recv(100)
            drip(connection)

        assert told(settings(serve(script).port)) == "it did not answer in time"

    def test_a_tls_handshake_that_never_ends(self, serve: Callable[[Script], Scripted]) -> None:
        def script(connection: socket.socket) -> None:
            connection.sendall(b"\x16\x03\x03\x3f\xff")  # a record of 16 KiB begins
            drip(connection)

        assert told(settings(serve(script).port, tls="implicit")) == "it did not answer in time"

    def test_a_tls_handshake_that_never_ends_after_starttls(self, serve: Callable[[Script], Scripted]) -> None:
        def script(connection: socket.socket) -> None:
            connection.sendall(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n")
            while line := connection.recv(1000):
                connection.sendall(b"* CAPABILITY IMAP4rev1 STARTTLS\r\n" + line.split()[0] + b" OK done\r\n")
                if b"STARTTLS" in line:
                    break
            connection.recv(1000)
            connection.sendall(b"\x16\x03\x03\x3f\xff")
            drip(connection)

        assert told(settings(serve(script).port, tls="starttls")) == "it did not answer in time"

    @pytest.mark.parametrize(
        "greeting", [b"* BYE overloaded\r\n", b"SSH-2.0-x\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"]
    )
    def test_one_that_is_none_or_does_not_want_to_be(
        self, serve: Callable[[Script], Scripted], greeting: bytes
    ) -> None:
        assert told(settings(serve(talk(greeting)).port)).startswith("the server said: ")

    def test_one_that_hangs_up(self, serve: Callable[[Script], Scripted]) -> None:
        assert told(settings(serve(hang_up).port)).startswith("the server said: ")

    def test_a_port_where_nobody_listens(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            assert told(settings(unused.getsockname()[1])) == "Connection refused"

    def test_a_name_that_does_not_exist(self) -> None:
        assert told(settings(1, host="imap.invalid", tls="implicit")) == "the name imap.invalid is not known"

    def test_one_without_tls_where_it_is_wanted(self, serve: Callable[[Script], Scripted]) -> None:
        assert told(settings(serve(talk()).port, tls="implicit")).startswith("TLS: ")
        assert "STARTTLS" in told(settings(serve(talk()).port, tls="starttls"))

    def test_one_that_repeats_the_password(self, serve: Callable[[Script], Scripted]) -> None:
        server = serve(talk(LOGIN=b"NO qa has not the password " + CANARY.encode() + b", sorry\r\n"))
        assert "has not the password ******, sorry" in told(settings(server.port))

    def test_one_that_repeats_a_very_short_password(self, serve: Callable[[Script], Scripted]) -> None:
        server = serve(talk(LOGIN=b"NO not '#7'\r\n"))
        assert "#7" not in told(settings(server.port, password="#7"))

    def test_a_password_that_was_refused_is_sent_once(self, serve: Callable[[Script], Scripted]) -> None:
        server = serve(talk(LOGIN=b"NO no\r\n"))
        told(settings(server.port))
        assert server.accepted == 1

    def test_one_that_takes_no_passwords(self, serve: Callable[[Script], Scripted]) -> None:
        server = serve(talk(CAPABILITY=b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n", LOGIN=b"* OK?\r\n"))
        assert told(settings(server.port)).endswith("the server lets nobody sign in by password")

    @pytest.mark.parametrize(
        ("command", "answer", "reason"),
        [
            ("EXAMINE", b"* 0 EXISTS\r\n", "can not be read"),
            ("EXAMINE", b"NO no such folder\r\n", "the server said: "),
            ("SEARCH", b"* SEARCH x y\r\n", "can not be read"),
            ("SEARCH", b"BAD what\r\n", "the server said: "),
            ("SEARCH", b"* SEARCH " + b"1 " * 600_000 + b"\r\n", "the server said: "),
            ("NOOP", b"* BYE so long\r\n", "the server said: "),
        ],
    )
    def test_answers_that_make_no_sense(
        self, serve: Callable[[Script], Scripted], command: str, answer: bytes, reason: str
    ) -> None:
        assert reason in told(settings(serve(talk(**{command: answer})).port))

    def test_what_it_says_is_shown_in_one_short_line(self, serve: Callable[[Script], Scripted]) -> None:
        text = told(settings(serve(talk(EXAMINE=b"NO \x1b[31m" + b"x" * 5000 + b"\r\n")).port))
        assert text.isprintable()
        assert len(text) < 300

    @pytest.mark.parametrize(
        "fetched", [b"", b"* 1 FETCH (UID 5 FLAGS ())\r\n", b"* 1 FETCH (UID 6 BODY[]<0> NIL)\r\n"]
    )
    def test_a_mail_that_is_gone_when_it_is_fetched_is_none(
        self, serve: Callable[[Script], Scripted], fetched: bytes
    ) -> None:
        server = serve(talk(SEARCH=b"* SEARCH 5\r\n", FETCH=fetched))

        assert asyncio.run(mails_at(server)) == []

    def test_the_last_mail_that_each_range_finds_is_no_new_one(self, serve: Callable[[Script], Scripted]) -> None:
        server = serve(
            talk(
                EXAMINE=b"* 4 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5] x\r\n",
                SEARCH=b"* SEARCH 4\r\n",
                FETCH=b"BAD never to be asked\r\n",
            )
        )

        assert asyncio.run(mails_at(server)) == []


class TestSecrets:
    def test_no_log_and_no_repr_holds_the_password(
        self, serve: Callable[[Script], Scripted], caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        server = serve(talk(LOGIN=f"* OK {CANARY}\r\n".encode(), SEARCH=f"NO {CANARY}\r\n".encode()))
        told(settings(server.port))
        assert CANARY not in caplog.text
        assert CANARY not in repr(settings(server.port))

    def test_no_exception_on_the_way_holds_the_password(self, serve: Callable[[Script], Scripted]) -> None:
        server = serve(talk(LOGIN=f"NO {CANARY}\r\n".encode()))
        with pytest.raises(NotObservable) as caught:
            asyncio.run(ImapMailbox(settings(server.port)).open())
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


class TestSettings:
    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"host": "imap.example.com"}, 'tls = "none" is for this machine only'),
            ({"host": "192.0.2.1"}, 'tls = "none" is for this machine only'),
            ({"user": "qa\r\nA1 LOGOUT"}, "no control characters"),
            ({"password": "a\0b"}, "no control characters"),
            ({"password": ""}, "must be there"),
            ({"tls": "implicit", "ca_file": Path("nowhere.pem")}, "nowhere.pem: can not be used as ca_file"),
            ({"tls": "implicit", "ca_file": Path(__file__)}, "can not be used as ca_file"),
        ],
    )
    def test_what_can_not_be_used_is_told_before_anything_is_sent(self, changed: dict[str, Any], told: str) -> None:
        with pytest.raises(UserError, match=told):
            ImapMailbox(settings(1, **changed))

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
    def test_this_machine_may_do_without_tls(self, host: str) -> None:
        ImapMailbox(settings(1, host=host))

    @pytest.mark.parametrize(("tls", "port"), [("implicit", 993), ("starttls", 143), ("none", 143)])
    def test_each_way_has_its_usual_port(self, tls: Any, port: int) -> None:
        assert MailboxSettings("localhost", "qa", "x", tls=tls).address == ("localhost", port)

    def test_a_mailbox_that_was_never_opened_can_not_be_looked_into(self) -> None:
        with pytest.raises(NotObservable, match="it was not opened when the run began"):
            asyncio.run(ImapMailbox(settings(1)).mails(TO, 0))

    def test_without_the_library_it_is_told_how_to_get_it(self) -> None:
        code = (
            "import sys; sys.modules['imapclient'] = None\n"
            "from conformance.errors import UserError\n"
            "from conformance.live.imap import ImapMailbox, MailboxSettings\n"
            "try: ImapMailbox(MailboxSettings('localhost', 'qa', 'x'))\n"
            "except UserError as error: print(error)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.rstrip().endswith("pip install 'webex-conformance[mail]'")
