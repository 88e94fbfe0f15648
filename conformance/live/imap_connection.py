"""A connection to an IMAP server that one thread uses, and that another can cut at any moment.

IMAPClient speaks the protocol: it is kept, returns values instead of raw lines, and lets the server search.
Of the others, aioimaplib leaves the reading of answers to its user, and imap-tools reads mails in its own way.
Its calls block, and bound the time between two bytes only. So the socket is made here: a second handle of it
ends whatever the thread waits for, in the middle of a TLS handshake too.
"""

from __future__ import annotations

import contextlib
import imaplib
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from conformance.errors import UserError

INSTALL = "a mailbox is read with the package IMAPClient, which is missing; pip install 'webex-conformance[mail]'"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """Where mails arrive, and how long to wait for them. Times are in seconds."""

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 0
    """0: the usual one, 993 for implicit TLS, else 143."""
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    """``none`` is refused for all but this machine."""
    ca_file: Path | None = None
    """Certificates to trust instead of the system's."""
    folder: str = "INBOX"
    wait_seconds: float = 30.0
    """How long a mail may take to arrive; where none is expected, how long to look for one."""
    settle_seconds: float = 2.0
    """How long to go on looking when as many as expected are there, to see one too many."""
    poll_seconds: float = 1.0
    connect_seconds: float = 5.0
    call_seconds: float = 15.0
    """The most that one look at the mailbox may take, signing in included."""

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port or (993 if self.tls == "implicit" else 143)


class SignInRefused(Exception):
    """The server did not take user and password; trying again could lock the account."""


class Cut(Exception):
    """The connection was given up while it was in use."""


class Connection:
    """One connection with the folder open for reading. ``run`` blocks; ``cut`` does not."""

    def __init__(self, settings: MailboxSettings, trust: ssl.SSLContext | None) -> None:
        self.uid_validity = 0
        self.uid_next = 0
        self._settings = settings
        self._trust = trust
        self._client: Any = None
        self._handle: socket.socket | None = None
        self._guard = threading.Lock()
        self._running = False
        self._is_cut = False

    def run(self, work: Callable[[Any], _T]) -> _T:
        """Let ``work`` use the client, connecting first where that is still to be done.

        After any error the connection is closed. Raises SignInRefused, Cut, OSError, and what IMAPClient raises.
        """
        with self._guard:
            self._fail_where_cut()
            self._running = True
        done = False
        try:
            if self._client is None:
                self._connect()
            result = work(self._client)
            done = True
        finally:
            with self._guard:
                self._running = False
                if not done or self._is_cut:
                    self._close()
        return result

    def cut(self) -> None:
        """End the connection; who waits for it is woken."""
        with self._guard:
            self._is_cut = True
            if self._handle is not None:
                with contextlib.suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)
            if not self._running:
                self._close()

    def _fail_where_cut(self) -> None:
        if self._is_cut:
            raise Cut("the connection was given up")

    def _connect(self) -> None:
        settings = self._settings
        raw = socket.create_connection(settings.address, settings.connect_seconds)
        try:
            with self._guard:
                self._fail_where_cut()
                self._handle = raw.dup()
            raw.settimeout(settings.call_seconds)
            if settings.tls == "implicit" and self._trust is not None:
                raw = self._trust.wrap_socket(raw, server_hostname=settings.host)
            self._client = new_client(raw, settings.host)
        except BaseException:
            raw.close()
            raise
        if settings.tls == "starttls":
            self._client.starttls(self._trust)
        self._sign_in()
        opened = self._client.select_folder(settings.folder, readonly=True)
        self.uid_validity, self.uid_next = int(opened[b"UIDVALIDITY"]), int(opened[b"UIDNEXT"])

    def _sign_in(self) -> None:
        from imapclient.exceptions import LoginError  # noqa: PLC0415 - an extra that few need

        settings = self._settings
        # PLAIN has no quoting to get wrong, and takes all characters; a server without it may still know LOGIN.
        plain = self._client.has_capability("AUTH=PLAIN")
        if not plain and self._client.has_capability("LOGINDISABLED"):
            raise SignInRefused("the server lets nobody sign in by password")
        sign_in = self._client.plain_login if plain else self._client.login
        try:
            sign_in(settings.user, settings.password)
        except LoginError as error:
            raise SignInRefused(str(error)) from None

    def _close(self) -> None:
        client, self._client = self._client, None
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.close()
        if client is not None:
            with contextlib.suppress(Exception):
                client.shutdown()


def require_imapclient() -> None:
    """Raise UserError where the library is not installed; keep its record of the talk, which may hold secrets, off."""
    try:
        import imapclient  # noqa: F401, PLC0415 - an extra that few need
    except ImportError:
        raise UserError(INSTALL) from None
    logging.getLogger("imapclient.imaplib").setLevel(logging.CRITICAL)


def new_client(connected: socket.socket, host: str) -> Any:
    """Return an IMAPClient that talks over a socket that is connected, and has read the greeting."""
    from imapclient import IMAPClient, SocketTimeout  # noqa: PLC0415 - an extra that few need

    class Imap4(imaplib.IMAP4):
        def _create_socket(self, timeout: float | None = None) -> socket.socket:  # noqa: ARG002
            return connected

    class Client(IMAPClient):  # type: ignore[misc]  # it has no types
        def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802
            return Imap4(host)

    wait = connected.gettimeout()
    return Client(host, port=1, ssl=False, timeout=SocketTimeout(wait, wait))
