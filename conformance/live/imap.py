"""The mailbox that a site's mails arrive in, read over IMAP. Nothing in it is ever changed.

Only mails are seen that arrived after ``open``, told by the UIDs that the server gives them: no clock is asked.
"""

from __future__ import annotations

import asyncio
import imaplib
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from conformance.errors import UserError
from conformance.live.imap_connection import Connection, Cut, MailboxSettings, SignInRefused, require_imapclient
from conformance.live.received import MAX_MAIL, UnreadableMail, comparable, read_mail, recipients
from conformance.site.seam import NotObservable, ReceivedMail
from conformance.site.tls import trust
from conformance.site.transport import is_this_machine
from conformance.wire.pretty import printable
from conformance.wire.redact import MASK, Redactor

MAX_MAILS = 100
"""Mails to one address that are read; more are no answer to anything that a case does."""

_MAX_HEADER = 65_536
_MAX_REASON = 200
_MAX_ADDRESS = 320
_T = TypeVar("_T")


class _Failed(Exception):
    """A look that did not succeed; ``for_good`` where the next one would not either."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


class ImapMailbox:
    """Reads the mails to an address. Call ``open`` before the first case, ``close`` after the last.

    Raises UserError where the settings can not be used or the library is not installed.
    """

    def __init__(self, settings: MailboxSettings) -> None:
        require_imapclient()
        self._settings = settings
        self._trust = _trust(settings)
        self._redact = Redactor([settings.password])
        self._lock = asyncio.Lock()
        self._connection: Connection | None = None
        self._first_uid = 0
        self._uid_validity = 0
        self._failed_for_good = "it was not opened when the run began"

    async def open(self) -> None:
        """Connect, and take note of what is there already. Raises NotObservable, now and for all later looks."""
        try:
            self._uid_validity, self._first_uid = await self._ask(lambda connection, _: _place(connection))
        except _Failed as error:
            self._failed_for_good = str(error)
            raise self._not_observable(error) from None
        self._failed_for_good = ""

    async def close(self) -> None:
        """Let go of the connection. Never raises; can be called twice."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                async with asyncio.timeout(min(2.0, self._settings.call_seconds)):
                    await asyncio.to_thread(connection.run, lambda client: client.logout())
            except Exception:  # noqa: BLE001, S110 - the connection ends anyway
                pass
            finally:
                connection.cut()

    async def mails(self, to: str, count: int | None = None) -> Sequence[ReceivedMail]:
        """Return the mails to an address, oldest first.

        Waits until ``count`` (none given: one) are there, and a little longer, to see one too many; at most
        ``wait_seconds``, and all of them where none is expected. Raises NotObservable where the mailbox could
        not be looked into when the time was over.
        """
        address = _checked(to)
        settings, clock = self._settings, asyncio.get_running_loop().time
        wanted = 1 if count is None else count
        end, settling = clock() + settings.wait_seconds, False
        seen: dict[int, ReceivedMail | None] = {}
        try:
            async with asyncio.timeout(settings.wait_seconds + settings.settle_seconds + 3 * settings.call_seconds):
                while True:
                    began = clock()
                    try:
                        found = await self._look(address, seen)
                    except _Failed as error:
                        if error.for_good or began >= end + settings.call_seconds:
                            raise
                    else:
                        if not settling and 0 < wanted <= len(found):
                            end, settling = clock() + settings.settle_seconds, True
                        elif began >= end:
                            return found
                    await asyncio.sleep(min(settings.poll_seconds, max(end - clock(), settings.poll_seconds / 10)))
        except _Failed as error:
            raise self._not_observable(error) from None
        except TimeoutError:
            raise self._not_observable("it did not answer in time") from None

    async def _look(self, address: str, seen: dict[int, ReceivedMail | None]) -> list[ReceivedMail]:
        """Return the mails to an address by now; what was read before is not read again."""
        if self._failed_for_good:
            raise _Failed(self._failed_for_good, for_good=True)

        def look(connection: Connection, client: Any) -> dict[int, ReceivedMail | None]:
            if connection.uid_validity != self._uid_validity:
                raise _Failed("the server has numbered its mails anew since the run began", for_good=True)
            return _new_mails(client, self._first_uid, address, seen)

        seen.update(await self._ask(look))
        return [mail for _, mail in sorted(seen.items()) if mail is not None]

    async def _ask(self, work: Callable[[Connection, Any], _T]) -> _T:
        """Let ``work`` use the one connection in a thread; raise _Failed."""
        settings = self._settings
        async with self._lock:
            # Taken out for as long as it is in use: what is cut off in the middle is never used again.
            connection, self._connection = self._connection or Connection(settings, self._trust), None
            try:
                async with asyncio.timeout(settings.call_seconds):
                    result = await asyncio.to_thread(connection.run, lambda client: work(connection, client))
            except Exception as error:  # noqa: BLE001 - a hostile server breaks the library in many ways
                connection.cut()
                failed = error if isinstance(error, _Failed) else self._translated(error)
                if isinstance(error, SignInRefused):
                    self._failed_for_good = str(failed)
                raise failed from None
            except BaseException:
                connection.cut()
                raise
            self._connection = connection
            return result

    def _translated(self, error: Exception) -> _Failed:
        """Say in words of ours what went wrong; of the server's words, only what holds no secret."""
        settings = self._settings
        if isinstance(error, SignInRefused):
            return _Failed(f"signing in as {settings.user} was refused: {self._safe(str(error))}", for_good=True)
        if isinstance(error, ssl.SSLCertVerificationError):
            return _Failed(f"TLS: {self._safe(error.verify_message)}", for_good=True)
        return _Failed(self._reason(error))

    def _reason(self, error: Exception) -> str:
        told = str(error)
        match error:
            case TimeoutError():
                return "it did not answer in time"
            case socket.gaierror():
                return f"the name {self._settings.host} is not known"
            case ssl.SSLError():
                return f"TLS: {self._safe(error.reason or told)}"
            case imaplib.IMAP4.error():  # those of IMAPClient are such, too
                return f"the server said: {self._safe(told)}"
            case Cut() | OSError():
                return self._safe(getattr(error, "strerror", "") or told)
            case _:
                return f"the server's answer can not be read ({type(error).__name__})"

    def _safe(self, text: str) -> str:
        text = self._redact(text).replace(self._settings.password, MASK)
        return printable(" ".join(text.split()))[:_MAX_REASON]

    def _not_observable(self, why: Exception | str) -> NotObservable:
        host, port = self._settings.address
        return NotObservable(f"the mailbox {self._settings.user} at {host}:{port}: {why}")


def _place(connection: Connection) -> tuple[int, int]:
    return connection.uid_validity, connection.uid_next


def _trust(settings: MailboxSettings) -> ssl.SSLContext | None:
    """Return what certificates are checked with; None where there is no TLS, which only this machine may do without."""
    if any(not text or not text.isprintable() for text in (settings.host, settings.user, settings.password)):
        raise UserError("mail: host, user and password must be there, and hold no control characters")
    if settings.tls == "none":
        if not is_this_machine(settings.host.lower().encode()):
            raise UserError(f'mail: tls = "none" is for this machine only; {settings.host} needs implicit or starttls')
        return None
    try:
        return trust(settings.ca_file)
    except UserError as error:
        raise UserError(f"mail: {settings.ca_file}: can not be used as ca_file: {error}") from None


def _checked(to: str) -> str:
    """Return the address to look for. It may come from the site: a line break in it would be a command of its own."""
    if not to or not to.isprintable() or len(to) > _MAX_ADDRESS:
        raise NotObservable(f"mails to {printable(to[:60])!r} can not be looked for: that is no address")
    return comparable(to)


def _new_mails(
    client: Any, first_uid: int, address: str, seen: dict[int, ReceivedMail | None]
) -> dict[int, ReceivedMail | None]:
    """Return, by UID, the mails that were not yet seen; None for those to others, which a server's search finds too."""
    client.noop()  # so that the server tells of what has arrived
    query = ["OR", "TO", address, "OR", "HEADER", "Delivered-To", address, "HEADER", "X-Original-To", address]
    charset = None if address.isascii() else "UTF-8"
    # The last mail belongs to every range that ends with a star.
    found = client.search(["UID", f"{first_uid}:*", *query], charset)
    unknown = sorted(uid for uid in found if uid >= first_uid and uid not in seen)
    headers: dict[int, bytes] = {}
    for start in range(0, len(unknown), MAX_MAILS):
        # A peek: what is fetched otherwise is marked as read.
        fields = "BODY.PEEK[HEADER.FIELDS (TO DELIVERED-TO X-ORIGINAL-TO)]"
        headers |= _bodies(client.fetch(unknown[start : start + MAX_MAILS], [f"{fields}<0.{_MAX_HEADER}>"]))
    new: dict[int, ReceivedMail | None] = dict.fromkeys(headers)
    ours = [uid for uid, header in headers.items() if address in recipients(header)]
    if len(ours) + sum(mail is not None for mail in seen.values()) > MAX_MAILS:
        raise _Failed(f"more than {MAX_MAILS} mails to {address}", for_good=True)
    for uid in ours:
        for data in _bodies(client.fetch([uid], [f"BODY.PEEK[]<0.{MAX_MAIL}>"])).values():
            try:
                new[uid] = read_mail(data)
            except UnreadableMail as error:
                raise _Failed(f"a mail to {address} can not be read: {error}", for_good=True) from None
    return new


def _bodies(answer: Any) -> dict[int, bytes]:
    """Return the bytes that a FETCH brought, by UID; a mail that is gone meanwhile has none."""
    found = {}
    for uid, items in answer.items():
        for name, value in items.items():
            if name.startswith(b"BODY[") and isinstance(value, bytes):
                found[uid] = value
    return found
