"""Defects of hearing: what the site does not read, reads otherwise, or takes for somebody else's call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace

from conformance.mock.building import ACCOUNT_OF_ROLE
from conformance.mock.state import Proceed, Reply, Site
from conformance.wire.request import Request
from conformance.wire.tree import Node

ANONYMOUS = "anonymous"
NAMED = "named"
"""Whom the caller says he is, whatever password he sends."""

OWNER = "owner"
"""The user whom the call is about."""


@dataclass(slots=True)
class Hearing:
    """Elements of requests, by path below bodyContent, are not read or are read otherwise.

    ``deaf_to`` are those that are not read; ``hears`` gives others a text, sent or not; ``mishears`` another text
    for some of the texts that they may have.
    """

    deaf_to: Sequence[str] = ()
    hears: Mapping[str, str] = field(default_factory=dict)
    mishears: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    befell: int = 0

    def __call__(self, _site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer what was heard instead of what was sent."""
        heard = deepcopy(request.content)
        for path in self.deaf_to:
            parent, _, name = path.rpartition("/")
            if around := heard.find(parent) if parent else heard:
                around.children = [child for child in around.children if child.name != name]
        for path, text in self.hears.items():
            _at(heard, path).text = text
        for path, texts in self.mishears.items():
            for node in heard.all(path):
                node.text = texts.get(node.text.strip(), node.text)
        self.befell += heard != request.content
        return proceed(replace(request, content=heard))


def _at(node: Node, path: str) -> Node:
    """Return the element at ``path``, made where it is not there."""
    for name in path.split("/"):
        found = next((child for child in node.children if child.name == name), None)
        if found is None:
            found = Node(name)
            node.children.append(found)
        node = found
    return node


@dataclass(slots=True)
class TakenFor:
    """Callers are taken for another: an account that plays a role, nobody, or whom they name without proof."""

    who: str
    befell: int = 0

    def __call__(self, site: Site, request: Request, proceed: Proceed, /) -> Reply:
        """Answer as if that one had called."""
        own = dict(request.security)
        if self.who == ANONYMOUS:
            security = {name: value for name, value in own.items() if name == "siteName"}
        else:
            name = self._name(request)
            account = site.account(name)
            security = own if account is None else {**own, "webExID": name, "password": account.password}
        self.befell += security != own
        return proceed(replace(request, security=security))

    def _name(self, request: Request) -> str:
        if self.who == OWNER:
            return request.content.value("webExId") or ""
        return request.security.get("webExID", "") if self.who == NAMED else ACCOUNT_OF_ROLE[self.who]
