"""Requests: building them as the documentation prints them, reading them as the service does.

The service reads without namespaces: 48 of 194 recorded requests never declare ``xmlns:serv`` and were
answered. So requests are read by expat without namespace processing, which also knows every position.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from conformance.errors import MalformedMessage
from conformance.wire.blanks import mended
from conformance.wire.limits import MAX_BODY, MAX_DEPTH, MAX_ELEMENTS
from conformance.wire.names import NAMESPACES, PREFIXES, XSI, Operation, operation_of_type
from conformance.wire.tree import Node

Body = str | Mapping[str, "Body"] | Sequence["Body"]
"""A request's content: text, children in document order, or a repeated element. ``@name`` is an attribute."""

_PREFIX_OF_CLIENTS = {"teleconferenceonly": "auo"}
"""A prefix that clients use, bound to no namespace of the API (seen in a class library)."""

_SECURITY = {
    name.lower(): name
    for name in (
        *("webExID", "password", "siteID", "siteName", "partnerID", "email", "sessionTicket"),
        *("clientID", "clientSecret", "webExAccessToken", "returnAdditionalInfo"),
    )
}
"""The elements of a securityContext, by their names in small letters: clients write ``siteId``."""

NO_BREAK_SPACE = "U+00A0 used as a blank; XML knows it as text"


class Departure(NamedTuple):
    """Something in a request that the schema does not allow and the service accepts all the same."""

    id: str
    path: str
    line: int
    column: int
    note: str


@dataclass(frozen=True, slots=True)
class Request:
    """A request that could be read. ``operation`` is None where its ``xsi:type`` names none we know."""

    security: Mapping[str, str]
    xsi_type: str
    operation: Operation | None
    message: Node
    content: Node
    departures: tuple[Departure, ...]


def build_request(operation: Operation, security: Mapping[str, str], body: Body) -> bytes:
    """Return the bytes of a request: ``serv:message``, unqualified children, ``java:`` type (update notes)."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<serv:message xmlns:xsi="{XSI}" xmlns:serv="{NAMESPACES["serv"]}">',
        "<header>",
        *_element("securityContext", security),
        "</header><body>",
        f"<bodyContent xsi:type={quoteattr(operation.java_type)}>",
        *(_children(body) if isinstance(body, Mapping) else [_text(str(body))]),
        "</bodyContent></body></serv:message>",
    ]
    return "".join(parts).encode("utf-8")


def _element(name: str, body: Body) -> Iterable[str]:
    if isinstance(body, str):
        yield f"<{name}>{_text(body)}</{name}>" if body else f"<{name}/>"
    elif isinstance(body, Mapping):
        attributes = "".join(
            f" {key[1:]}={quoteattr(str(value))}" for key, value in body.items() if key.startswith("@")
        )
        yield f"<{name}{attributes}>"
        yield from _children(body)
        yield f"</{name}>"
    else:
        for item in body:
            yield from _element(name, item)


def _children(body: Mapping[str, Body]) -> Iterable[str]:
    for name, value in body.items():
        if not name.startswith("@"):
            yield from _element(name, value)


def _text(value: str) -> str:
    return escape(value, {"\r": "&#13;"})  # a bare CR is read back as a line feed


def read_request(data: bytes) -> Request:
    """Read a request; raise MalformedMessage where the service could not read it either."""
    if len(data) > MAX_BODY:
        raise MalformedMessage("limit", f"the body has {len(data)} bytes, the limit is {MAX_BODY}")
    if not data.strip():
        raise MalformedMessage("empty", "the body is empty")
    reader = _Reader()
    data, line = mended(data)
    if line:
        reader.depart("no-break-space", "/", line, 0, NO_BREAK_SPACE)
    message = reader.read(data)
    body = message.find("body")
    content = message.find("body/bodyContent")
    if message.name not in ("message", "messageType") or body is None:
        raise MalformedMessage("envelope", f"the root is <{message.name}>, expected <serv:message> with a <body>")
    if content is None:
        raise MalformedMessage("envelope", "the <body> holds no <bodyContent>", body.line, body.column)
    xsi_type = next((value for key, value in content.attributes.items() if key.endswith(":type")), "")
    operation = operation_of_type(xsi_type) or operation_of_type(_with_our_prefix(xsi_type, message, body, content))
    _depart_by_name(reader, message)
    if operation is not None:
        _depart_by_type(reader, operation, message, body, content)
    security = message.find("header/securityContext") or Node("securityContext")
    return Request(
        security={
            _SECURITY.get(child.name.lower(), child.name): child.text.strip()
            for child in security.children
            if child.text.strip()
        },
        xsi_type=xsi_type.strip(),
        operation=operation,
        message=message,
        content=content,
        departures=tuple(reader.departures),
    )


def _with_our_prefix(xsi_type: str, *around: Node) -> str:
    """Return the type of a request with the prefix that we know for it, where the request has one of its own."""
    prefix, colon, local = xsi_type.strip().rpartition(":")
    uri = _bound_to(prefix, around)
    return f"{PREFIXES.get(uri) or _PREFIX_OF_CLIENTS.get(prefix, prefix)}{colon}{local}"


def _bound_to(prefix: str, around: Sequence[Node]) -> str:
    """Return the namespace that a prefix is bound to within elements, outermost first; nothing where it is not."""
    name = f"xmlns:{prefix}" if prefix else "xmlns"
    return next(filter(None, (node.attributes.get(name, "") for node in reversed(around))), "")


def note_on_root(name: str, prefix: str, namespace: str) -> str:
    """Return how a root is not the one of a message; ``namespace`` is that of names without a prefix."""
    if name == "messageType":
        return f"<{prefix}{':' if prefix else ''}{name}> is the name of the root's type"
    return "" if prefix or namespace == NAMESPACES["serv"] else f"<{name}> is in no namespace of the API"


def note_on_short_type(xsi_type: str, operation: Operation) -> str:
    """Return the words for a type that is not spelt as the documentation prints it."""
    return f"'{xsi_type}' instead of '{operation.java_type}'"


def undeclared(prefix: str) -> str:
    """Return the words for a prefix that is bound to nothing."""
    return f"prefix '{prefix}' is not declared"


def _depart_by_name(reader: _Reader, message: Node) -> None:
    if note := note_on_root(message.name, message.prefix, _bound_to("", [message])):
        reader.depart("root-name", f"/{message.name}", message.line, message.column, note)


def _depart_by_type(reader: _Reader, operation: Operation, *around: Node) -> None:
    """Note how the ``xsi:type`` of a request is spelt where it is spelt in its own way."""
    content = around[-1]
    path = "/".join(["", *(node.name for node in around)])
    attribute, xsi_type = next(pair for pair in content.attributes.items() if pair[0].endswith(":type"))
    xsi, (prefix, _, _) = attribute.rpartition(":")[0], xsi_type.strip().rpartition(":")
    if not _bound_to(xsi, around):
        reader.depart("undeclared-xsi", path, content.line, content.column, undeclared(xsi))
    if prefix in ("", "java"):
        if xsi_type.strip() != operation.java_type:
            note = note_on_short_type(xsi_type.strip(), operation)
            reader.depart("short-type", path, content.line, content.column, note)
    elif (uri := _bound_to(prefix, around)) != operation.namespace:
        note = f"prefix '{prefix}' is {f'bound to {uri}' if uri else 'not declared'}"
        reader.depart("type-prefix", path, content.line, content.column, note)


class _Reader:
    """Builds nodes from expat's events and notes what departs from the schema's spelling."""

    def __init__(self) -> None:
        self.departures: list[Departure] = []
        self._elements = 0
        self._stack: list[Node] = []
        self._texts: list[list[str]] = []
        self._root: Node | None = None
        self._bound = Counter(["xml"])
        """How many open elements declare each prefix."""
        self._told: set[str] = set()
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def read(self, data: bytes) -> Node:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            raise MalformedMessage("not-xml", expat.ErrorString(error.code), error.lineno, error.offset + 1) from error
        except (LookupError, ValueError, Warning) as error:  # of Python's codecs, which expat asks
            raise MalformedMessage("encoding", str(error)) from error
        finally:
            del self._parser  # it holds its handlers, which hold it: what goes in a circle is freed late
        if self._root is None:
            raise MalformedMessage("not-xml", "no element found")
        return self._root

    def depart(self, id_: str, path: str, line: int, column: int, note: str) -> None:
        self.departures.append(Departure(id_, path, line, column, note))

    def _doctype(self, *_: object) -> None:
        raise MalformedMessage(
            "doctype",
            "a DOCTYPE is not allowed",
            self._parser.CurrentLineNumber,
            self._parser.CurrentColumnNumber + 1,
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._stack) >= MAX_DEPTH:
            raise MalformedMessage("limit", f"elements are nested deeper than {MAX_DEPTH}")
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise MalformedMessage("limit", f"the message has more than {MAX_ELEMENTS} elements")
        prefix, colon, name = tag.rpartition(":")
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        if colon and not (name[:1].isalpha() or name[:1] == "_"):
            raise MalformedMessage("not-xml", f"<{tag}> is a prefix without a name", line, column)
        node = Node(name, "", prefix, line, column, attributes)
        if attributes:
            self._bound.update(_declared(node))
        if prefix and not self._bound[prefix] and prefix not in self._told:
            self.depart("undeclared-prefix", self._path(name), line, column, undeclared(prefix))
            self._told.add(prefix)  # told once, where it is first used
        if self._stack:
            self._stack[-1].children.append(node)
        else:
            self._root = node
        self._stack.append(node)
        self._texts.append([])

    def _end(self, _tag: str) -> None:
        node = self._stack.pop()
        node.text = "".join(self._texts.pop())
        if node.attributes:
            self._bound.subtract(_declared(node))

    def _text(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)

    def _path(self, name: str) -> str:
        return "/".join(["", *(node.name for node in self._stack), name])


def _declared(node: Node) -> list[str]:
    return [key.partition(":")[2] for key in node.attributes if key.startswith("xmlns:")]
