"""What a request would do to a shared site, and whether it may: only to what this run created, only to addresses
that are ours."""

from __future__ import annotations

import re
from dataclasses import dataclass

from conformance.cases.values import RUN_MARK
from conformance.errors import MalformedMessage
from conformance.live.ledger import Ledger
from conformance.live.settings import SiteSettings
from conformance.site.seam import NotApplicable
from conformance.wire.effects import (
    COPIED_BY,
    CREATED_BY,
    DELETED_BY,
    OF_THE_CALLER,
    SHARED,
    Key,
    ObjectKind,
    key_of,
    reads,
)
from conformance.wire.request import Request, read_request
from conformance.wire.tree import Node

_OUR_LIMITS = frozenset({"doctype", "encoding", "limit"})
"""Why we do not read what the service may well read."""

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")

_RESERVED_DOMAINS = ("example.com", "example.org", "example.net")
_RESERVED_ENDS = (".example.com", ".example.org", ".example.net", ".example", ".invalid", ".test")
"""Domains that no mail ever reaches (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What one request does."""

    operation: str
    reads: bool
    creates: ObjectKind | None = None
    name: str = ""
    """Of the object that it creates."""
    targets: tuple[Key, ...] = ()
    """The objects that it is about."""
    addresses: frozenset[str] = frozenset()
    """Where the site may write to because of it."""
    renames: bool = False
    """Whether an object would no longer be found by the name that the ledger has."""

    @property
    def deletes(self) -> bool:
        """Whether it only takes something away."""
        return self.operation.startswith("Del")

    @property
    def removed(self) -> tuple[Key, ...]:
        """The objects that are gone once it is done; what it takes away from others leaves those there."""
        return tuple(key for key in self.targets if key.of == DELETED_BY.get(self.operation))

    @property
    def copies(self) -> bool:
        """Whether what it creates gets the name of what it is about."""
        return self.operation in COPIED_BY


def deed_of(data: bytes) -> Deed:
    """Tell what a request does. Bytes that nobody can read do nothing; what only we refuse to read may do anything."""
    try:
        request = read_request(data)
    except MalformedMessage as error:
        return Deed("", reads=error.kind not in _OUR_LIMITS)
    name = request.operation.name if request.operation else _name_of(request.xsi_type)
    if reads(name):
        return Deed(name, reads=True, targets=_targets(name, request))
    kind = CREATED_BY.get(name)
    return Deed(
        operation=name,
        reads=False,
        creates=kind or COPIED_BY.get(name),
        name=_called(request.content, kind.name) if kind else "",
        targets=_targets(name, request),
        addresses=frozenset() if name.startswith("Del") else _addresses(request.content),
        renames=name == "SetUser" and bool(request.content.value("newWebExId")),
    )


def refuse_foreign(deed: Deed, settings: SiteSettings, ledger: Ledger) -> None:
    """Raise NotApplicable where a request would touch what this run did not create, or write to strangers."""
    if deed.reads:
        return
    if not settings.may_change:
        raise NotApplicable(
            f"{deed.operation or 'the request'} changes a production site; only reading is allowed there"
        )
    if deed.renames:
        raise NotApplicable(f"{deed.operation} would give a user another name, under which no sweep would find him")
    ours = {account.email.casefold() for account in settings.accounts.values()}
    strangers = sorted(
        address for address in deed.addresses if address not in ours and not _harmless(address, settings.mail_domain)
    )
    if strangers:
        raise NotApplicable(f"{deed.operation} would let the site write to {strangers[0]}, which is not in our domain")
    if deed.creates and not deed.copies and RUN_MARK not in deed.name:
        raise NotApplicable(
            f"{deed.operation} creates a {deed.creates.word} whose name does not tell this run; use unique()"
        )
    if settings.touch_shared and not deed.copies:
        return
    if deed.operation in SHARED:
        raise NotApplicable(f"{deed.operation} changes what others on the site share; touch_shared = true allows that")
    if what := _foreign(deed, ledger):
        raise NotApplicable(f"{deed.operation or 'the request'} would change {what}, which this run did not create")


def _foreign(deed: Deed, ledger: Ledger) -> str:
    """Return what a request is about that is not ours; empty where all of it is."""
    created_anew = deed.creates and not deed.copies
    # Whom a new session is for may be anybody; which other session it is to belong to may not.
    about = [key for key in deed.targets if key.of == "session" or not created_anew]
    # A name of this run is ours, also where the object never came to be.
    foreign = [key.text for key in about if RUN_MARK not in key.text and not ledger.owns(key)]
    if not (about or created_anew):
        return "what it does not name"
    return foreign[0] if foreign else ""


def _name_of(xsi_type: str) -> str:
    return xsi_type.rpartition(".")[2].rpartition(":")[2]


def _called(content: Node, path: str) -> str:
    """Return the name at ``a/b/c`` or, of an attribute, ``a/b/@c``."""
    path, _, attribute = path.partition("/@")
    if not attribute:
        return content.value(path) or ""
    node = content.find(path)
    return node.attributes.get(attribute, "").strip() if node else ""


def _targets(operation: str, request: Request) -> tuple[Key, ...]:
    found = [
        key
        for node in request.content.walk()
        if not node.children and node.text.strip() and (key := key_of(operation, node.name, node.text.strip()))
    ]
    if operation in OF_THE_CALLER and not any(key.of == "user" for key in found):
        found += [Key("user", value) for name, value in request.security.items() if name == "webExID"]
    return tuple(found)


def _addresses(content: Node) -> frozenset[str]:
    texts = (node.text for node in content.walk() if not node.children and "@" in node.text)
    return frozenset(address.casefold() for text in texts for address in _ADDRESS.findall(text))


def _harmless(address: str, mail_domain: str) -> bool:
    domain = address.rpartition("@")[2]
    return domain in (mail_domain, *_RESERVED_DOMAINS) or domain.endswith(_RESERVED_ENDS)
