"""What callers sent about a session, kept, and given back in the documented order.

Element orders are written in a notation close to that of the reference notes:

    metaData {confName live; agenda string≤2500; sessionTemplate com:{use string}; isInternal boolean=false}

``name kind``, parted by ``;``. A kind is ``string`` (``≤n``: longest), ``boolean``, ``integer``
(``[1..31]``, ``[0..]``: least and most), the words of an enumeration in brackets, children in braces, or
``live``: not kept from requests but set by the service when it answers. ``*`` after a name: may repeat.
``!``: a group without it is not kept (assumed: the service never gives back half a group). ``=value``: given
back where nobody sent one; a bare ``=`` after a group: given back even if empty. ``com:`` before a brace is
the prefix of the children on the wire, before a name that of the element; other elements have the prefix of
their parent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.mock.refusal import bad_value
from conformance.wire.answer import Answer
from conformance.wire.tree import Node

_LONG = 10**18
"""Numbers from here on are refused: most are ``xs:long`` in the schemas."""

Content = dict[str, Answer]
"""Kept content by local name, as ``{"metaData": {"agenda": "..."}}``."""


@dataclass(frozen=True, slots=True)
class Field:
    """One element: how it is spelled on the wire, what it may hold, and its default."""

    wire_name: str
    kind: str
    repeated: bool = False
    needed: bool = False
    default: str | None = None
    longest: int = 0
    least: int = -_LONG
    most: int = _LONG
    words: Sequence[str] = ()
    children: Mapping[str, Field] = field(default_factory=dict)


Fields = Mapping[str, Field]

_TOKEN = re.compile(
    r"\s*(?P<name>[\w:]+)(?P<marks>[*!]*)\s*"
    r"(?:(?:(?P<prefix>\w+):)?(?P<open>\{)|\((?P<words>[^)]*)\)|(?P<kind>string|boolean|integer|live))"
    r"(?:≤(?P<longest>\d+))?(?:\[(?P<least>\d+)\.\.(?P<most>\d*)\])?"
)
_DEFAULT = re.compile(r"\s*=([^;{}]*)")


def fields(notation: str, prefix: str = "") -> Fields:
    """Read the notation of this module's docstring; ``prefix`` is that of the outermost elements."""
    result, end = _read(notation, 0, prefix)
    if notation[end:].strip():
        raise ValueError(f"cannot read {notation[end : end + 40]!r}")
    return result


def _read(notation: str, at: int, prefix: str) -> tuple[Fields, int]:
    result: dict[str, Field] = {}
    while match := _TOKEN.match(notation, at):
        at = match.end()
        children: Fields = {}
        if match["open"]:
            children, at = _read(notation, at, match["prefix"] or "")
            at = notation.index("}", at) + 1
        default = _DEFAULT.match(notation, at)
        at = default.end() if default else at
        name = match["name"].rpartition(":")[2]
        result[name] = Field(
            wire_name=f"{prefix}:{name}" if prefix and ":" not in match["name"] else match["name"],
            kind=match["kind"] or ("group" if match["open"] else "enumeration"),
            repeated="*" in match["marks"],
            needed="!" in match["marks"],
            default=default[1].strip() if default else None,
            longest=int(match["longest"] or 0),
            least=int(match["least"] or -_LONG),
            most=int(match["most"] or _LONG),
            words=[word.strip() for word in (match["words"] or "").split("|")],
            children=children,
        )
        if not notation[at:].lstrip().startswith(";"):
            break
        at = notation.index(";", at) + 1
    return result, at


def kept(known: Fields, node: Node | None) -> Content:
    """Return what ``node`` holds of the known elements; refuse values of the wrong kind (assumed).

    Other elements are ignored, as the service does with what it does not know. Empty elements count as
    absent, empty groups do not.
    """
    sent: dict[str, list[Node]] = {}
    for child in node.children if node else ():
        name = child.name if child.name in known else _in_another_case(known, child.name)
        sent.setdefault(name, []).append(child)
    content: Content = {}
    for name, known_field in known.items():
        if name not in sent:
            continue
        values = [value for child in sent[name] if (value := _value(known_field, child)) is not None]
        if values:
            content[name] = values if known_field.repeated else values[0]
    return content


def _in_another_case(known: Fields, name: str) -> str:
    """Return the name of a known element that is spelt so but for its case; nothing where there is none."""
    return next((field for field in known if field.lower() == name.lower()), "")


def _value(known: Field, node: Node) -> Answer | None:
    if known.kind == "group":
        content = kept(known.children, node)
        whole = all(name in content for name, child in known.children.items() if child.needed)
        return content if whole else None
    text = node.text.strip()
    if not text or known.kind == "live":
        return None
    plain = _plain(known, text)
    if plain is None:
        raise bad_value(node.name)
    return plain


def _plain(known: Field, text: str) -> str | None:
    """Return ``text`` as the schemas spell it; None where it is not of the field's kind."""
    if known.kind == "boolean":
        return {"true": "true", "1": "true", "false": "false", "0": "false"}.get(text.lower())
    if known.kind == "integer":
        number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None
        return None if number is None or not known.least <= number <= known.most else str(number)
    if known.kind == "enumeration":
        return text if text in known.words else None
    return text if not known.longest or len(text) <= known.longest else None


def overlaid(known: Fields, *layers: Mapping[str, Answer]) -> Content:
    """Lay contents over each other, the last on top: groups merge, repeated elements are replaced whole."""
    content: Content = {}
    for name, known_field in known.items():
        values = [layer[name] for layer in layers if name in layer]
        if values and known_field.children and not known_field.repeated:
            content[name] = overlaid(known_field.children, *_groups(values))
        elif values:
            content[name] = values[-1]
    return content


def written(known: Fields, *layers: Mapping[str, Answer]) -> Content:
    """Return contents laid over each other as an answer: defaults filled in, in order, with prefixes."""
    answer: Content = {}
    for name, known_field in known.items():
        values = [layer[name] for layer in layers if name in layer]
        if not values and known_field.default is not None and not known_field.children:
            values = [known_field.default]
        if not known_field.children:
            value = values[-1] if values else None
        elif known_field.repeated:
            value = [written(known_field.children, item) for item in _items(values)] or None
        else:
            value = written(known_field.children, *_groups(values))
            value = value if value or values or known_field.default is not None else None
        if value is not None:
            answer[known_field.wire_name] = value
    return answer


def _groups(values: Sequence[Answer]) -> list[Mapping[str, Answer]]:
    return [value for value in values if isinstance(value, Mapping)]


def _items(values: Sequence[Answer]) -> list[Mapping[str, Answer]]:
    last = values[-1] if values else ()
    return _groups(last) if isinstance(last, Sequence) and not isinstance(last, str) else []


def group(content: Mapping[str, Answer], *path: str) -> Mapping[str, Answer]:
    """Return the group at ``path`` of kept content; an empty one where nobody sent it."""
    for name in path:
        inner = content.get(name)
        content = inner if isinstance(inner, Mapping) else {}
    return content


def text(content: Mapping[str, Answer], *path: str, default: str = "") -> str:
    """Return the text at ``path`` of kept content, or ``default``."""
    value = group(content, *path[:-1]).get(path[-1])
    return value if isinstance(value, str) else default


def flag(value: bool) -> str:
    """Return a boolean as responses spell it."""
    return "true" if value else "false"
