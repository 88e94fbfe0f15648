"""Taking off a site what runs created and did not remove. Nothing is touched that no ledger names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from conformance.errors import ExchangeFault
from conformance.live.accounts import SignInRefused
from conformance.live.ledger import Entry, Ledger
from conformance.live.service import Service, local_text, local_texts
from conformance.site.seam import NotApplicable
from conformance.wire.effects import KINDS, LIBRARY_TEST, NOT_FOUND, TELECONFERENCE, USER, ObjectKind
from conformance.wire.names import NAMESPACES
from conformance.wire.request import Body
from conformance.wire.response import Response

ENTRY_SECONDS = 20.0
"""How long the removal of one object may take."""
_PAGE = 500
_PAGES = 20
_ADMIN = "siteAdmin"


@dataclass(slots=True)
class Swept:
    """What a sweep came to."""

    removed: list[Entry] = field(default_factory=list)
    absent: list[Entry] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    """What is, or may be, still there, and why it could not be removed."""
    may_be_momentary: bool = False
    """Whether something failed that may hold the next moment."""

    def lines(self) -> Iterator[str]:
        """Yield what people must know of it, beside what is left."""
        if self.removed:
            names = ", ".join(map(str, self.removed[:5])) + (", ..." if len(self.removed) > 5 else "")
            yield f"swept {len(self.removed)} objects that were left on the site: {names}"


class _StillThere(Exception):
    """An object could not be removed; the text says why."""


async def sweep(service: Service, ledger: Ledger) -> Swept:
    """Remove every open object of a ledger, the latest first, and note it there.

    Each has a deadline of its own, and a second chance: to delete twice does no harm.
    """
    swept = Swept()
    for entry in ledger.open_entries:
        await _sweep_one(service, ledger, entry, swept)
    for entry in ledger.open_entries if swept.may_be_momentary else ():
        await _sweep_one(service, ledger, entry, swept)
    return swept


async def _sweep_one(service: Service, ledger: Ledger, entry: Entry, swept: Swept) -> None:
    swept.left.pop(str(entry), None)
    try:
        async with asyncio.timeout(ENTRY_SECONDS):
            was_there = await _remove(service, entry)
    except TimeoutError:
        swept.left[str(entry)] = f"not done within {ENTRY_SECONDS:g} s"
    except (ExchangeFault, _StillThere) as error:
        swept.left[str(entry)] = str(error)
        swept.may_be_momentary = True
    except (SignInRefused, NotApplicable) as error:
        swept.left[str(entry)] = str(error)
    else:
        ledger.close(entry, "removed" if was_there else "absent")
        (swept.removed if was_there else swept.absent).append(entry)


async def remove_twins(service: Service, ledger: Ledger) -> list[str]:
    """Remove what bears a name of the ledger and should be gone, such as the second session of one created twice.

    Looks at the sessions of our own accounts and at the test library; raises nothing, what can not be listed is not
    looked at.
    """
    found: list[str] = []
    gone: dict[tuple[str, ObjectKind], set[str]] = {}
    left = {entry.name for entry in ledger.open_entries}
    for entry in ledger.entries:
        kind = LIBRARY_TEST if entry.kind == LIBRARY_TEST.word else TELECONFERENCE  # DelSession deletes all sessions
        if entry.kind != USER.word and entry.name not in left:
            gone.setdefault((entry.role, kind), set()).add(entry.name)
    for (role, kind), names in gone.items():
        account = service.accounts.credentials.get(role)
        if account is None:
            continue
        try:
            security = await service.accounts.security(role, service.ask)
            listed = await _listed(service, security, kind, {"hostWebExID": account.web_ex_id})
            for name, key in listed:
                if name in names and await _delete(service, security, kind, key):
                    found.append(f"{kind.sort} {name} (key {key})")
        except (ExchangeFault, SignInRefused, NotApplicable, _StillThere):
            continue
    return found


async def _remove(service: Service, entry: Entry) -> bool:
    """Remove one object; tell whether there was one."""
    role = entry.role or _ADMIN
    security = await service.accounts.security(role, service.ask)
    kind = KINDS[entry.kind]
    if kind is USER:
        return await _remove_user(service, entry, security)
    if entry.key:
        return await _delete(service, security, kind, entry.key)
    # The call that created it may still be under way.
    age = (datetime.now(UTC) - entry.at).total_seconds()
    await asyncio.sleep(max(0.0, min(service.settings.limits.settle_seconds, ENTRY_SECONDS / 2) - age))
    listed = await _listed(service, security, kind, {"confName": entry.name})
    return any([await _delete(service, security, kind, key) for name, key in listed if name == entry.name])


async def _remove_user(service: Service, entry: Entry, security: Mapping[str, str]) -> bool:
    known = await service.ask("GetUser", security, {"webExId": entry.name}, sweeping=True)
    if known.exception_id in NOT_FOUND:
        return False
    if local_text(known, "active").upper() == "DEACTIVATED":
        return True  # that is all that DelUser does on a real site
    return await _delete(service, security, USER, entry.name)


async def _delete(service: Service, security: Mapping[str, str], kind: ObjectKind, key: str) -> bool:
    answer = await service.ask(kind.delete, security, {kind.target: key}, sweeping=True)
    if answer.exception_id in NOT_FOUND:
        return False
    if answer.result != "SUCCESS" or "FAILURE" in local_texts(answer, "status"):
        raise _StillThere(f"{kind.delete} answered {answer.exception_id or 'FAILURE'} {answer.reason or ''}".rstrip())
    return True


async def _listed(
    service: Service, security: Mapping[str, str], kind: ObjectKind, which: Mapping[str, str]
) -> Sequence[tuple[str, str]]:
    """Return name and key of the tests of the library, or of the sessions that a filter finds."""
    if kind is not LIBRARY_TEST:
        return await _sessions(service, security, which)
    answer = await _list(service, security, "LstLibTests", {})
    return _records(answer, "train", "libTest", ("title", "testID")) if answer else ()


async def _sessions(
    service: Service, security: Mapping[str, str], which: Mapping[str, str]
) -> Sequence[tuple[str, str]]:
    """Return name and key of the sessions that a filter finds."""
    found: list[tuple[str, str]] = []
    for page in range(_PAGES):
        control: Body = {"startFrom": str(page * _PAGE + 1), "maximumNum": str(_PAGE)}
        answer = await _list(service, security, "LstsummarySession", {"listControl": control, **which})
        if answer is None:
            break
        records = _records(answer, "ep", "session", ("confName", "sessionKey"))
        found += records
        if len(records) < _PAGE:
            break
    return found


async def _list(service: Service, security: Mapping[str, str], name: str, body: Body) -> Response | None:
    """Return a list; None where there is nothing in it."""
    answer = await service.ask(name, security, body, sweeping=True)
    if answer.exception_id in NOT_FOUND:
        return None
    if answer.result != "SUCCESS":
        raise _StillThere(f"{name} answered {answer.exception_id} {answer.reason or ''}".rstrip())
    return answer


def _records(answer: Response, prefix: str, record: str, parts: tuple[str, str]) -> list[tuple[str, str]]:
    """Return two texts of each record of a list."""
    space = f"{{{NAMESPACES[prefix]}}}"
    name, key = (f"{space}{part}" for part in parts)
    return [(one.findtext(name) or "", one.findtext(key) or "") for one in answer.root.iter(f"{space}{record}")]
