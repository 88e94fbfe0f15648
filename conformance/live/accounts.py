"""The accounts of a site: how each signs in, and which must not try again."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import ExchangeFault, UserError
from conformance.live.references import resolve
from conformance.live.settings import Account, Role
from conformance.site.seam import Credentials, NotApplicable
from conformance.wire.exception_ids import Moment, circumstance
from conformance.wire.names import NAMESPACES
from conformance.wire.request import Body
from conformance.wire.response import Response

SIGN_IN = "AuthenticateUser"
_TICKET_LIFE = 5400.0
"""Seconds a session ticket lives where the answer does not say; as recorded."""
_RENEW_AT = 0.8
"""Which part of its life a ticket is used for."""
_REFUSED = "refused.json"

Ask = Callable[[str, Mapping[str, str], Body], Awaitable[Response]]
"""Calls an operation with a securityContext and a body. Raises ExchangeFault."""


@dataclass(slots=True)
class _Known:
    """An account with its secret, and the ticket it holds."""

    web_ex_id: str
    email: str
    secret: str = field(repr=False)
    by: str
    """``password``, ``ticket`` or ``token``."""
    ticket: str = field(default="", repr=False)
    renew: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def first_security(self) -> dict[str, str]:
        """What the securityContext says of a caller that has no ticket."""
        name = {"webExID": self.web_ex_id}
        return name if self.by == "token" else {**name, "password": self.secret}


class SignInRefused(UserError):
    """The site refused an account; trying again could lock it."""


class Accounts:
    """Signs callers in by role. A password that was refused once is never sent again, by no later run either."""

    def __init__(self, accounts: Mapping[Role, Account], base: Path, state: Path) -> None:
        """Read the secrets of all accounts. Raises UserError where one can not be had."""
        self._known: dict[str, _Known] = {
            role: _Known(
                account.web_ex_id,
                account.email,
                resolve(account.password or account.access_token, base),
                "token" if account.access_token else account.sign_in,
            )
            for role, account in accounts.items()
        }
        self._memory = _Memory(state / _REFUSED)

    @property
    def credentials(self) -> dict[str, Credentials]:
        """The accounts by role."""
        return {role: Credentials(known.web_ex_id, known.secret, known.email) for role, known in self._known.items()}

    @property
    def secrets(self) -> tuple[str, ...]:
        """All secrets that are known by now: passwords, tokens, tickets."""
        known = self._known.values()
        return tuple(secret for account in known for secret in (account.secret, account.ticket) if secret)

    def role_of(self, web_ex_id: str) -> str:
        """Return the role of the account of that Webex ID; empty where it is none of ours."""
        folded = web_ex_id.casefold()
        return next((role for role, known in self._known.items() if known.web_ex_id.casefold() == folded), "")

    async def security(self, role: str, ask: Ask) -> dict[str, str]:
        """Return what the securityContext says for the account that plays ``role``; renew its ticket where due.

        Raises NotApplicable where there is no such account, SignInRefused, ExchangeFault.
        """
        known = self._known.get(role)
        if known is None:
            raise NotApplicable(f"the site has no account for the role {role}")
        self._refuse_what_was_refused(role, known)
        if known.by == "token":
            return {"webExID": known.web_ex_id, "webExAccessToken": known.secret}
        if known.by == "password":
            return known.first_security
        async with known.lock:
            if not known.ticket or time.monotonic() >= known.renew:
                await self._sign_in(role, known, ask)
        return {"webExID": known.web_ex_id, "sessionTicket": known.ticket}

    async def try_once(self, role: str, ask: Ask) -> None:
        """Sign an account in, to see that it can. Raises SignInRefused, ExchangeFault."""
        known = self._known[role]
        self._refuse_what_was_refused(role, known)
        async with known.lock:
            await self._sign_in(role, known, ask)

    def refused(self, role: str, why: str) -> None:
        """Note that the site refused the secret of an account."""
        known = self._known[role]
        self._memory.add(known.web_ex_id, known.secret, why)

    def ticket_refused(self, ticket: str) -> None:
        """Note that the site no longer knows a ticket; whoever calls next signs in anew."""
        for known in self._known.values():
            if known.ticket == ticket:
                known.ticket = ""

    def forgive(self) -> None:
        """Forget which secrets were refused, at the user's own risk."""
        self._memory.clear()

    async def _sign_in(self, role: str, known: _Known, ask: Ask) -> None:
        body = {"accessToken": known.secret} if known.by == "token" else {}
        asked = time.monotonic()
        response = await ask(SIGN_IN, known.first_security, body)
        if response.result != "SUCCESS":
            told = circumstance(response.exception_id, response.reason)
            if told is not None and told.moment is not Moment.CREDENTIALS:
                raise ExchangeFault("service", f"{SIGN_IN} answered {response.exception_id}: {told.note}")
            why = f"{response.exception_id} {response.reason}"
            self.refused(role, why)
            raise SignInRefused(_told(role, known, f"the site refused it: {why}"))
        use = NAMESPACES["use"]
        known.ticket = (response.root.findtext(f".//{{{use}}}sessionTicket") or "").strip()
        if not known.ticket and known.by == "ticket":
            raise ExchangeFault("sign-in", f"{SIGN_IN} for {role} brought no sessionTicket")
        life = (response.root.findtext(f".//{{{use}}}timeToLive") or "").strip()
        known.renew = asked + _RENEW_AT * (float(life) if life.isdecimal() else _TICKET_LIFE)

    def _refuse_what_was_refused(self, role: str, known: _Known) -> None:
        if why := self._memory.why(known.web_ex_id, known.secret):
            raise SignInRefused(_told(role, known, f"its {_word(known)} was refused before ({why}); not tried again"))


def _word(known: _Known) -> str:
    return "access token" if known.by == "token" else "password"


def _told(role: str, known: _Known, problem: str) -> str:
    return f"credentials: the account {known.web_ex_id} (role {role}): {problem}; put the right {_word(known)} there"


class _Memory:
    """Which secrets were refused, across runs: accounts are locked after some wrong passwords.

    The file holds salted scrypt digests, from which no good secret can be had back.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: dict[tuple[str, str], str] = {}

    def why(self, web_ex_id: str, secret: str) -> str:
        """Return how a secret was refused; empty where it was not."""
        key = web_ex_id.casefold(), secret
        if key not in self._seen:
            record = self._records().get(key[0])
            same = record and secrets.compare_digest(record["digest"], _digest(secret, record["salt"]))
            self._seen[key] = str(record["why"]) if record and same else ""
        return self._seen[key]

    def add(self, web_ex_id: str, secret: str, why: str) -> None:
        """Remember a secret as refused."""
        self._seen[web_ex_id.casefold(), secret] = why
        salt = secrets.token_hex(16)
        # What the site said may hold the secret itself.
        code = why.partition(" ")[0]
        record = {"salt": salt, "digest": _digest(secret, salt), "why": f"{code} on {time.strftime('%Y-%m-%d')}"}
        self._write({**self._records(), web_ex_id.casefold(): record})

    def clear(self) -> None:
        """Forget all."""
        self._seen.clear()
        self._path.unlink(missing_ok=True)

    def _records(self) -> dict[str, dict[str, str]]:
        try:
            records = json.loads(self._path.read_text(encoding="utf-8"))
            for record in records.values():
                bytes.fromhex(record["salt"])
            return {
                name: {key: str(record[key]) for key in ("salt", "digest", "why")} for name, record in records.items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, KeyError, TypeError) as error:
            raise UserError(f"{self._path}: can not be read ({type(error).__name__}); remove it") from error

    def _write(self, records: Mapping[str, Mapping[str, str]]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(records, indent=1), encoding="utf-8")
        new.replace(self._path)


def _digest(secret: str, salt: str) -> str:
    return hashlib.scrypt(secret.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()
