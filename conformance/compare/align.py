"""Two answers, aligned as trees, and how they differ.

Names are compared with their namespaces, whatever the prefixes. Elements that stand once are aligned by name, rows of
lists by their key, and rows without one by the longest common alignment of what the masks leave of them; those that
are left over are paired with what is most like them.

xmldiff 3.0 was measured and not taken (benchmarks/payload_diff.py; 50 rows of seven elements). It knows neither keys
nor masks: rows that only changed places are 98 operations to it at best, three new rows 145, where ours finds 0 and 3.
As it comes it takes 51 to 317 ms for that, and 4.8 s for 200 rows; with its fast match 13 ms, and ours 11 ms.

The work is bounded: what is beyond the bounds is told by ``Differences.cut``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count

from lxml import etree

from conformance.compare.masks import KEYS, Masks
from conformance.compare.sequences import longest_common, longest_rising, work
from conformance.wire.names import XSI, XSI_TYPE, prefixed

MAX_DIFFERENCES = 200
"""Of one answer; more of them say no more."""
MAX_ELEMENTS = 50_000
"""Of one answer; to number that many takes a second. Of a larger one only the outcome is compared."""
MAX_CELLS = 2_000_000
"""Of the tables of common alignments, for one answer: some two seconds."""
MAX_LIKENESS = 2_500
"""Pairs of rows whose likeness is counted, for one list."""
_SHOWN = 120

_Pair = tuple[etree._Element, etree._Element]
_Place = tuple[etree._Element | None, etree._Element | None]


class Kind(StrEnum):
    """How an element, or an answer as a whole, differs."""

    OUTCOME = "another outcome"
    ADDED = "element added"
    REMOVED = "element removed"
    MOVED = "element moved"
    VALUE = "value changed"
    TYPE = "type changed"
    ATTRIBUTE = "attribute changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two answers. Texts are those of the results, with secrets masked."""

    kind: Kind
    path: str
    """Where, below the message: ``serv:body/serv:bodyContent/meet:meetingPassword``; without places of rows."""
    before: str
    after: str
    a: etree._Element | None = field(default=None, compare=False)
    """The element in answer A; None where it has none."""
    b: etree._Element | None = field(default=None, compare=False)


@dataclass(slots=True)
class Differences:
    """What a comparison of two answers found."""

    found: list[Difference] = field(default_factory=list)
    masked: Counter[str] = field(default_factory=Counter)
    """How often each rule made two values, or a row, the same."""
    cut: str = ""
    """What was not looked at, in words, where bounds were met."""


def differences(a: etree._Element, b: etree._Element, masks: Masks, *, listing: bool = False) -> Differences:
    """Compare two elements and all below them; ``listing`` says that they are answers of a list operation."""
    most = max(sum(1 for _ in root.iter("*")) for root in (a, b))
    if most > MAX_ELEMENTS:
        return Differences(cut=f"more than {MAX_ELEMENTS} elements, of which only the outcome was compared")
    return _Alignment(masks, listing=listing).run(a, b)


class _Alignment:
    def __init__(self, masks: Masks, *, listing: bool) -> None:
        self._masks = masks
        self._listing = listing
        self._result = Differences()
        self._cells = MAX_CELLS
        self._prints: dict[etree._Element, int] = {}
        self._numbers: defaultdict[object, int] = defaultdict(count(1).__next__)

    def run(self, a: etree._Element, b: etree._Element) -> Differences:
        for root, of_a in ((a, True), (b, False)):
            self._fingerprint(root, of_a=of_a)
        # Not by recursion: an answer may be nested as deep as the parser lets it.
        pending = [(a, b, prefixed(a.tag))]
        while pending:
            one, other, path = pending.pop()
            self._own(one, other, path)
            pairs = self._children(one, other, path)
            pending += [(x, y, f"{path}/{prefixed(x.tag)}") for x, y in reversed(pairs)]
            if len(self._result.found) >= MAX_DIFFERENCES:
                self._result.cut = f"more than {MAX_DIFFERENCES} differences"
                break
        return self._result

    def _fingerprint(self, root: etree._Element, *, of_a: bool) -> None:
        """Number each element by what the masks leave of it and of all below it: equal numbers, equal content."""
        for element in reversed(list(root.iter("*"))):
            below = tuple(self._prints[child] for child in element.iterchildren("*"))
            text = _text(element)
            name = _local(element)
            shown = self._masks.token(name, text, of_a=of_a, listing=self._listing) if text else ""
            self._prints[element] = self._numbers[element.tag, _type(element), shown, below]

    def _own(self, a: etree._Element, b: etree._Element, path: str) -> None:
        """Compare what two elements are themselves."""
        if _type(a) != _type(b):
            self._tell(Kind.TYPE, path, (_shown_type(a), _shown_type(b)), (a, b))
        attributes_a, attributes_b = _attributes(a), _attributes(b)
        for name in sorted(attributes_a.keys() | attributes_b.keys()):
            one, other = attributes_a.get(name, ""), attributes_b.get(name, "")
            if one != other or (name in attributes_a) != (name in attributes_b):
                self._tell(Kind.ATTRIBUTE, f"{path}/@{prefixed(name)}", (one, other), (a, b))
        text_a, text_b = _text(a), _text(b)
        rule = self._masks.same(_local(a), text_a, text_b, listing=self._listing)
        if rule is None:
            self._tell(Kind.VALUE, path, (text_a, text_b), (a, b))
        elif rule:
            self._result.masked[rule] += 1

    def _children(self, a: etree._Element, b: etree._Element, path: str) -> list[_Pair]:
        """Align the children of two elements: tell what only one has and what moved, return the pairs."""
        groups_a, groups_b = _by_name(a), _by_name(b)
        pairs: list[_Pair] = []
        placed: list[_Pair] = []
        for tag in dict.fromkeys((*groups_a, *groups_b)):
            ones, others = groups_a.get(tag, []), groups_b.get(tag, [])
            keyed = any(map(_key, (*ones, *others)))
            here = f"{path}/{prefixed(tag)}"
            found = self._pair(ones, others, here, keyed=keyed)
            pairs += found
            # Rows with keys are a set, whatever their order; it is what the call asked for.
            placed += [] if keyed and len(found) > 1 else found
        self._moved(placed, path)
        return pairs

    def _pair(
        self, ones: Sequence[etree._Element], others: Sequence[etree._Element], path: str, *, keyed: bool
    ) -> list[_Pair]:
        """Pair elements of one name: by key, else by common alignment, the rest by likeness; tell what is left."""
        if len(ones) == 1 and len(others) == 1 and not (keyed and self._is_row(ones[0])):
            return [(ones[0], others[0])]
        pairs = self._by_key(ones, others) if keyed else []
        pairs += self._by_content(*_rest(ones, others, pairs), ordered=not keyed)
        ones, others = _rest(ones, others, pairs)
        if keyed:
            ones, others = self._without_strangers(ones, others, path)
        pairs += self._by_likeness(ones, others)
        ones, others = _rest(ones, others, pairs)
        for row in ones:
            self._tell(Kind.REMOVED, path, (_content(row), ""), (row, None))
        for row in others:
            self._tell(Kind.ADDED, path, ("", _content(row)), (None, row))
        return pairs

    def _is_row(self, element: etree._Element) -> bool:
        """Tell whether an element is one of the records of a list, among which there may be those of others."""
        parent = element.getparent()
        return self._listing and parent is not None and _local(parent) == "bodyContent" and _key(element) is not None

    def _without_strangers(
        self, ones: Sequence[etree._Element], others: Sequence[etree._Element], path: str
    ) -> tuple[list[etree._Element], list[etree._Element]]:
        """Return the rows without those of somebody else, of which only is told which elements they have at all."""
        strange_a = [row for row in ones if self._is_row(row) and not self._owned(row, of_a=True)]
        strange_b = [row for row in others if self._is_row(row) and not self._owned(row, of_a=False)]
        self._result.masked["others"] += len(strange_a) + len(strange_b)
        if strange_a and strange_b:
            shape_a, shape_b = _shape(strange_a, path), _shape(strange_b, path)
            for place in _outermost(shape_a.keys() - shape_b.keys()):
                self._tell(Kind.REMOVED, place, (_content(shape_a[place]), ""), (shape_a[place], None))
            for place in _outermost(shape_b.keys() - shape_a.keys()):
                self._tell(Kind.ADDED, place, ("", _content(shape_b[place])), (None, shape_b[place]))
        return [row for row in ones if row not in set(strange_a)], [row for row in others if row not in set(strange_b)]

    def _owned(self, row: etree._Element, *, of_a: bool) -> bool:
        return any(self._masks.owns(_local(e), _text(e), of_a=of_a) for e in row.iter("*"))

    def _by_key(self, ones: Sequence[etree._Element], others: Sequence[etree._Element]) -> list[_Pair]:
        """Pair rows that have the same key, or keys that the runs sent in each other's place."""
        waiting = defaultdict(list)
        for row in reversed(others):
            waiting[_key(row)].append(row)
        stands_for = defaultdict(list)
        for one, other in sorted(self._masks.pairs):
            stands_for[one].append(other)
        pairs = []
        for row in ones:
            if not (key := _key(row)):
                continue
            name, value = key
            for candidate in (value, *stands_for.get(value, ())):
                if waiting[name, candidate]:
                    pairs.append((row, waiting[name, candidate].pop()))
                    break
        return pairs

    def _by_content(
        self, ones: Sequence[etree._Element], others: Sequence[etree._Element], *, ordered: bool
    ) -> list[_Pair]:
        """Pair elements with the same content, as many as keep their order first, where order counts."""
        pairs: list[_Pair] = []
        prints_a, prints_b = [self._prints[e] for e in ones], [self._prints[e] for e in others]
        cells = work(prints_a, prints_b) if ordered else 0
        if ordered and cells <= self._cells:
            self._cells -= cells
            pairs = [(ones[i], others[j]) for i, j in longest_common(prints_a, prints_b)]
            ones, others = _rest(ones, others, pairs)
        elif ordered:
            self._result.cut = f"the order of {len(ones)} and {len(others)} rows"
        waiting = defaultdict(list)
        for row in reversed(others):
            waiting[self._prints[row]].append(row)
        for row in ones:
            if waiting[self._prints[row]]:
                pairs.append((row, waiting[self._prints[row]].pop()))
        return pairs

    def _by_likeness(self, ones: Sequence[etree._Element], others: Sequence[etree._Element]) -> list[_Pair]:
        """Pair what is left: each with what it has the most values in common with, else in order."""
        if (len(ones) <= 1 and len(others) <= 1) or len(ones) * len(others) > MAX_LIKENESS:
            return list(zip(ones, others, strict=False))
        leaves = {row: Counter(self._prints[e] for e in row.iter("*")) for row in (*ones, *others)}
        likeness = [
            (-(leaves[one] & leaves[other]).total(), i, j)
            for i, one in enumerate(ones)
            for j, other in enumerate(others)
        ]
        pairs, used_a, used_b = [], set[int](), set[int]()
        for _, i, j in sorted(likeness):
            if i not in used_a and j not in used_b:
                used_a.add(i)
                used_b.add(j)
                pairs.append((ones[i], others[j]))
        return pairs

    def _moved(self, pairs: Sequence[_Pair], path: str) -> None:
        """Tell of the fewest elements whose moving explains the new order."""
        if len(pairs) < 2:
            return
        at_a = {child: place for place, child in enumerate(pairs[0][0].getparent())}
        at_b = {child: place for place, child in enumerate(pairs[0][1].getparent())}
        by_place = sorted(pairs, key=lambda pair: at_a[pair[0]])
        stay = longest_rising([at_b[other] for _, other in by_place])
        for number, (one, other) in enumerate(by_place):
            if number not in stay:
                here = f"{path}/{prefixed(one.tag)}"
                self._tell(Kind.MOVED, here, (_after(one), _after(other)), (one, other))

    def _tell(self, kind: Kind, path: str, texts: tuple[str, str], at: _Place) -> None:
        before, after = map(_short, texts)
        self._result.found.append(Difference(kind, path, before, after, *at))


def _rest(
    ones: Sequence[etree._Element],
    others: Sequence[etree._Element],
    pairs: Sequence[_Pair],
) -> tuple[list[etree._Element], list[etree._Element]]:
    used = {element for pair in pairs for element in pair}
    return [e for e in ones if e not in used], [e for e in others if e not in used]


def _by_name(parent: etree._Element) -> dict[str, list[etree._Element]]:
    groups: dict[str, list[etree._Element]] = {}
    for child in parent.iterchildren("*"):
        groups.setdefault(child.tag, []).append(child)
    return groups


def _shape(rows: Sequence[etree._Element], path: str) -> dict[str, etree._Element]:
    """Return the places of all elements below some rows, each with the first element there."""
    found: dict[str, etree._Element] = {}
    pending = [(child, path) for row in reversed(rows) for child in reversed(list(row.iterchildren("*")))]
    while pending:
        element, above = pending.pop()
        place = f"{above}/{prefixed(element.tag)}"
        found.setdefault(place, element)
        pending += [(child, place) for child in reversed(list(element.iterchildren("*")))]
    return found


def _outermost(places: Set[str]) -> list[str]:
    return sorted(place for place in places if place.rpartition("/")[0] not in places)


def _key(row: etree._Element) -> tuple[str, str] | None:
    """Return name and value of what tells a row from its neighbours; None where it has no such element."""
    values = {_local(child): _text(child) for child in row.iterchildren("*")}
    return next(((name, values[name]) for name in KEYS if values.get(name)), None)


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _text(element: etree._Element) -> str:
    """Return the text of an element itself: of a leaf as it stands, between children without the layout."""
    parts = [element.text or "", *(child.tail or "" for child in element)]
    if any(True for _ in element.iterchildren("*")):
        return " ".join(part.strip() for part in parts if part.strip())
    return "".join(parts)


def _type(element: etree._Element) -> tuple[str, str] | None:
    """Return namespace and name of the ``xsi:type``, whatever its prefix."""
    value = element.get(XSI_TYPE)
    if value is None:
        return None
    prefix, _, local = value.strip().rpartition(":")
    return str(element.nsmap.get(prefix or None) or ""), local


def _shown_type(element: etree._Element) -> str:
    known = _type(element)
    return "none" if known is None else prefixed(f"{{{known[0]}}}{known[1]}" if known[0] else known[1])


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items() if not str(name).startswith(f"{{{XSI}}}")}


def _content(element: etree._Element) -> str:
    """Return what an element holds, in a line: its text, or the names of its children."""
    names = [prefixed(child.tag) for child in element.iterchildren("*")]
    return f"<{', '.join(names)}>" if names else _text(element)


def _after(element: etree._Element) -> str:
    previous: Iterator[etree._Element] = element.itersiblings("*", preceding=True)
    return next((f"after {prefixed(sibling.tag)}" for sibling in previous), "first")


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
