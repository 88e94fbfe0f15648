"""Writing responses, as the mock does: prefixes, order and headers of recorded ones.

Which prefixes are declared depends on the service called, on failures too (recorded responses).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from conformance.wire.names import NAMESPACES, XSI, Operation

Answer = str | Mapping[str, "Answer"] | Sequence["Answer"]
"""A response's content: text, children by name, or a repeated element; ``serv:host`` overrides the prefix.

Among the children ``@ident`` is an attribute, and what stands under the empty name has no element around it: text
beside attributes, or groups of children that alternate."""

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

_WIRE_PREFIX = {"site": "ns1"}  # GetSite is answered with ns1, not with the schema's prefix
_DECLARED = {
    "use": ("use",),
    "meet": ("meet", "att"),
    "auo": ("auo",),
    "train": ("sess", "train"),
    "event": ("event",),
    "ep": ("ep", "meet"),
    "att": ("att",),
    "history": ("history",),
    "site": ("site", "event"),
    "mtgtype": ("mtgtype",),
    "sc": ("sc",),
    "sales": ("sales",),
}


def success(operation: Operation, content: Mapping[str, Answer], gsb_status: str = "PRIMARY") -> bytes:
    """Return a SUCCESS with the operation's response type; its children take the operation's prefix."""
    prefix = _WIRE_PREFIX.get(operation.prefix, operation.prefix)
    children = "".join(_element(name, value, prefix) for name, value in content.items())
    body_type = f'xsi:type="{prefix}:{operation.response_type}" xmlns:xsi="{XSI}"'
    body = (
        f"<serv:bodyContent {body_type}>{children}</serv:bodyContent>"
        if children
        else (f"<serv:bodyContent {body_type}/>")
    )
    header = f"<serv:result>SUCCESS</serv:result><serv:gsbStatus>{gsb_status}</serv:gsbStatus>"
    return _message(_declarations(operation), header, body)


def failure(operation: Operation | None, exception_id: str, reason: str, gsb_status: str = "PRIMARY") -> bytes:
    """Return a FAILURE. Without an operation (nothing was dispatched) the body holds no bodyContent."""
    header = (
        f"<serv:result>FAILURE</serv:result><serv:reason>{_text(reason)}</serv:reason>"
        f"<serv:gsbStatus>{gsb_status}</serv:gsbStatus><serv:exceptionID>{exception_id}</serv:exceptionID>"
    )
    return _message(_declarations(operation), header, "<serv:bodyContent/>" if operation else "")


def _declarations(operation: Operation | None) -> str:
    prefixes = ("serv", "com", *(_DECLARED[operation.prefix] if operation else ()))
    return " ".join(f'xmlns:{_WIRE_PREFIX.get(p, p)}="{NAMESPACES[p]}"' for p in prefixes)


def _message(declarations: str, header: str, body: str) -> bytes:
    return (
        f"{DECLARATION}<serv:message {declarations}><serv:header><serv:response>{header}</serv:response>"
        f"</serv:header><serv:body>{body}</serv:body></serv:message>"
    ).encode()


def _text(value: str) -> str:
    return escape(value, {"\r": "&#13;"})  # a bare CR is read back as a line feed


def _element(name: str, value: Answer, inherited: str) -> str:
    prefix, _, local = name.rpartition(":")
    prefix = prefix or inherited
    tag = f"{prefix}:{local}"
    if isinstance(value, str):
        return f"<{tag}>{_text(value)}</{tag}>" if value else f"<{tag}/>"
    if isinstance(value, Mapping):
        attributes = "".join(
            f" {child[1:]}={quoteattr(str(item))}" for child, item in value.items() if child[:1] == "@"
        )
        inner = _children(value, prefix)
        return f"<{tag}{attributes}>{inner}</{tag}>" if inner else f"<{tag}{attributes}/>"
    return "".join(_element(name, item, inherited) for item in value)


def _children(value: Answer, prefix: str) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "".join(
            _element(child, item, prefix) if child else _children(item, prefix)
            for child, item in value.items()
            if child[:1] != "@"
        )
    return "".join(_children(item, prefix) for item in value)
