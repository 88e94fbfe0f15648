"""The service of a live site: every request passes the guard, the ledger and the traffic rules on its way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import zip_longest

from conformance.errors import ExchangeFault, MalformedMessage
from conformance.live.accounts import Accounts
from conformance.live.guard import Deed, deed_of, refuse_foreign
from conformance.live.ledger import Entry, Ledger
from conformance.live.settings import SiteSettings
from conformance.live.traffic import Traffic
from conformance.site.http import HttpClient
from conformance.site.seam import Exchange
from conformance.wire.effects import NOT_FOUND, PARTS, Key, ObjectKind
from conformance.wire.names import operation
from conformance.wire.request import Body, build_request, read_request
from conformance.wire.response import Response, read_response

READ_RETRIES = 2
_AGAIN = frozenset({"refused", "connect-timeout", "reset", "inactivity", "truncated"})
"""Faults that may be gone the next moment."""
_AGAIN_STATUS = frozenset({429, 502, 503, 504})
_RATE_LIMIT = "000045"
_REFUSED_SIGN_IN = "030002"
_REFUSED_TICKET = "030047"
_UNCLEAR = frozenset({"000035"})
"""Failures of a service behind the service, which may have done what was asked."""
_FIRST_LOOK_AGAIN = 0.1
"""Seconds; doubled each time."""


class Service:
    """Sends requests of one run to one site."""

    def __init__(
        self, settings: SiteSettings, client: HttpClient, accounts: Accounts, ledger: Ledger, traffic: Traffic
    ) -> None:
        self.settings = settings
        self.client = client
        self.accounts = accounts
        self.ledger = ledger
        self.traffic = traffic
        self._late: list[float] = []

    async def ask(self, name: str, security: Mapping[str, str], body: Body, *, sweeping: bool = False) -> Response:
        """Call an operation for ourselves and return the answer; raise ExchangeFault where there was none."""
        request = build_request(operation(name), {"siteName": self.settings.site_name, **security}, body)
        return response_of(await self._exchange(request, deed_of(request), sweeping=sweeping))

    async def send(self, request: bytes, case: str) -> Exchange:
        """Send the request of a case. Raises NotApplicable where it must not be sent, ExchangeFault."""
        deed = deed_of(request)
        refuse_foreign(deed, self.settings, self.ledger)
        if deed.creates is None:
            exchange = await self._seen_through(request, deed)
        else:
            exchange = await self._create(request, deed, deed.creates, case)
        if deed.removed:
            self._note_removal(deed, exchange)
        if deed.operation in PARTS:
            self._note_parts(deed, exchange)
        self._note_refused_sign_in(request, exchange)
        return exchange

    async def _create(self, request: bytes, deed: Deed, kind: ObjectKind, case: str) -> Exchange:
        """Send a request that creates something, which stands in the ledger before."""
        names = map(self.ledger.name_of, deed.targets) if deed.copies else [deed.name]
        caller, now = self._caller(request), datetime.now(UTC)
        entries = [self.ledger.intend(Entry(kind.word, name, caller, case, now)) for name in names]
        try:
            exchange = await self._exchange(request, deed)
        except ExchangeFault as fault:
            if not fault.sent:
                self._close(entries)
            raise
        self._note_creation(entries, kind, exchange)
        return exchange

    def remarks(self) -> Iterator[str]:
        """Yield what the end of the run must say."""
        yield from self.traffic.remarks()
        if self._late:
            late = max(self._late)
            yield f"{len(self._late)} objects were found only some time after they were written, at most {late:.1f} s"

    async def _exchange(self, request: bytes, deed: Deed, *, sweeping: bool = False) -> Exchange:
        """Send, and where that is safe send again; every attempt is told.

        A request counts as one failure for the circuit, and only when it is given up: a short fault befalls all
        that is in flight.
        """
        attempts: list[str] = []
        while True:
            await self.traffic.admit(
                objects=int(deed.creates is not None),
                mails=len(deed.addresses),
                cleaning=deed.deletes,
                sweeping=sweeping,
            )
            try:
                exchange = await self.client.post(request)
            except ExchangeFault as fault:
                again = fault.kind in _AGAIN and (deed.reads if fault.sent else True)
                if not again or len(attempts) >= (READ_RETRIES if deed.reads else 1):
                    self._note_fault(fault)
                    raise _with(fault, attempts) from fault
                attempts.append(str(fault))
                await self._pause(len(attempts))
                continue
            told = self._note_answer(exchange)
            if not told or not deed.reads or len(attempts) >= READ_RETRIES:
                if exchange.status >= 500:
                    self.traffic.failed(f"HTTP {exchange.status}")
                return _after(exchange, attempts)
            attempts.append(told)
            await self._pause(len(attempts))

    def _note_fault(self, fault: ExchangeFault) -> None:
        if fault.breaks_contract:
            self.traffic.succeeded()
        else:
            self.traffic.failed(str(fault))

    def _note_answer(self, exchange: Exchange) -> str:
        """Return why a read should be sent again; empty where the answer is one. Waits are noted with the traffic."""
        status, retry_after = exchange.status, exchange.headers.get("retry-after", "")
        if status == 429:
            self.traffic.slow_down(retry_after)
        elif status >= 500:
            if status in _AGAIN_STATUS and retry_after:
                self.traffic.wait(retry_after)
        else:
            self.traffic.succeeded()
            if _RATE_LIMIT.encode() in exchange.body and failure_code(exchange) == _RATE_LIMIT:
                self.traffic.slow_down("")
                return f"exceptionID {_RATE_LIMIT}"
        return f"HTTP {status}" if status in _AGAIN_STATUS else ""

    async def _pause(self, attempt: int) -> None:
        self.traffic.retries += 1
        jitter = random.uniform(0.5, 1.5)  # noqa: S311 - so that clients that failed together do not come back together
        await asyncio.sleep(self.settings.limits.retry_seconds * 2 ** (attempt - 1) * jitter)

    async def _seen_through(self, request: bytes, deed: Deed) -> Exchange:
        """Send a request; where it reads what this run just wrote and finds nothing, ask again for a while.

        A site of many servers may show what was written only later.
        """
        exchange = await self._exchange(request, deed)
        written = self._just_written(deed)
        if written is None or failure_code(exchange) not in NOT_FOUND:
            return exchange
        attempts = list(exchange.attempts)
        pause = _FIRST_LOOK_AGAIN
        while (age := _age(written)) < self.settings.limits.settle_seconds:
            attempts.append(f"exceptionID {failure_code(exchange)}, {age:.1f} s after the object was created")
            await asyncio.sleep(pause)
            pause *= 2
            exchange = await self._exchange(request, deed)
            if failure_code(exchange) not in NOT_FOUND:
                self._late.append(_age(written))
                break
        return _after(exchange, attempts)

    def _just_written(self, deed: Deed) -> Entry | None:
        if not deed.reads:
            return None
        found = [entry for target in deed.targets if (entry := self.ledger.open_entry(target))]
        young = [e for e in found if _age(e) < self.settings.limits.settle_seconds]
        return young[0] if young else None

    def _caller(self, request: bytes) -> str:
        return self.accounts.role_of(read_request(request).security.get("webExID", ""))

    def _close(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.ledger.close(entry, "absent")

    def _note_creation(self, entries: Sequence[Entry], kind: ObjectKind, exchange: Exchange) -> None:
        """Note what became of objects. Whatever is no clear answer leaves them open: they may be there."""
        response = readable(exchange)
        if response is None:
            return
        if response.result == "FAILURE":
            if response.exception_id not in _UNCLEAR:
                self._close(entries)
            return
        keys = dict.fromkeys(local_texts(response, kind.key)) if kind.key else {}
        for entry, key in zip_longest(entries, filter(None, keys)):
            if key is None:
                continue  # found by its name, if it is there
            self.ledger.created(entry or self.ledger.intend(entries[0]), key)

    def _note_removal(self, deed: Deed, exchange: Exchange) -> None:
        response = readable(exchange)
        if response is None:
            return
        gone = response.result == "SUCCESS" and "FAILURE" not in local_texts(response, "status")
        if gone or response.exception_id in NOT_FOUND:
            for key in deed.removed:
                if entry := self.ledger.open_entry(key):
                    self.ledger.close(entry, "removed")

    def _note_parts(self, deed: Deed, exchange: Exchange) -> None:
        """Note what was added to objects of this run, so that it may be changed and taken away again."""
        response = readable(exchange)
        if response is not None and deed.targets and all(map(self.ledger.owns, deed.targets)):
            element, of = PARTS[deed.operation]
            for text in local_texts(response, element):
                self.ledger.add_part(Key(of, text))

    def _note_refused_sign_in(self, request: bytes, exchange: Exchange) -> None:
        code = failure_code(exchange)
        if code == _REFUSED_TICKET:
            self.accounts.ticket_refused(read_request(request).security.get("sessionTicket", ""))
        if code == _REFUSED_SIGN_IN and (role := self._caller(request)):
            security = read_request(request).security
            known = self.accounts.credentials[role]
            if security.get("password") == known.password:
                self.accounts.refused(role, code)


def readable(exchange: Exchange) -> Response | None:
    """Return the answer of an exchange; None where it is none."""
    if exchange.status != 200:
        return None
    try:
        return read_response(exchange.body)
    except MalformedMessage:
        return None


def response_of(exchange: Exchange) -> Response:
    """Return the answer of an exchange; raise ExchangeFault where it is none."""
    if exchange.status in (401, 403):
        raise ExchangeFault("credentials", f"the site answered HTTP {exchange.status}")
    if exchange.status != 200:
        raise ExchangeFault("http", f"the site answered HTTP {exchange.status}")
    try:
        return read_response(exchange.body)
    except MalformedMessage as error:
        raise ExchangeFault("not-the-api", f"the answer is no message of the API: {error}") from error


def failure_code(exchange: Exchange) -> str:
    """Return the exceptionID of an answer; empty for SUCCESS and for what is no answer."""
    if b"FAILURE" not in exchange.body:
        return ""
    response = readable(exchange)
    return (response.exception_id or "") if response is not None else ""


def local_text(response: Response, name: str) -> str:
    """Return the first text of an element of that local name, whatever its case."""
    return next(iter(local_texts(response, name)), "")


def local_texts(response: Response, name: str) -> list[str]:
    """Return the texts of all elements of that local name, whatever its case."""
    if response.content is None:
        return []
    return [
        (element.text or "").strip()
        for element in response.content.iter("{*}*")
        if element.tag.rpartition("}")[2].casefold() == name.casefold()
    ]


def _age(entry: Entry) -> float:
    return (datetime.now(UTC) - entry.at).total_seconds()


def _after(exchange: Exchange, attempts: list[str]) -> Exchange:
    return replace(exchange, attempts=(*attempts, *exchange.attempts)) if attempts else exchange


def _with(fault: ExchangeFault, attempts: list[str]) -> ExchangeFault:
    if not attempts:
        return fault
    told = f"{fault.detail}; so did {len(attempts)} earlier attempts ({', '.join(attempts)})"
    return ExchangeFault(
        fault.kind, told, sent=fault.sent, breaks_contract=fault.breaks_contract, partial=fault.partial
    )
