"""A YAML file as plain data whose every value knows its place.

Scalars stay text: XML knows no numbers, ``000015`` is six characters and ``no`` is not false. Aliases are
refused, so a file can not grow while it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from conformance.errors import CaseFault, CaseFileErrors

MAX_SIZE = 8 * 1024 * 1024
MAX_NESTING = 32

Data = Any
"""Text, lists and mappings of text, nested."""

Location = tuple[str | int, ...]
"""The way to a value: keys and indexes from the top of the file."""


@dataclass(frozen=True)
class Document:
    """One YAML file."""

    path: Path
    data: Data

    @cached_property
    def _marks(self) -> dict[Location, tuple[int, int]]:
        marks: dict[Location, tuple[int, int]] = {}
        _Composer(self.path, self.path.read_bytes(), marks).compose()
        return marks

    def fault(self, location: Location, problem: str, advice: str = "") -> CaseFault:
        """Return a fault at the value of that location, or at the nearest one around it."""
        while location and location not in self._marks:
            location = location[:-1]
        line, column = self._marks.get(location, (1, 1))
        return CaseFault(self.path, line, column, problem, advice)


def read_document(path: Path) -> Document:
    """Read a YAML file; raise CaseFileErrors where it is none or costs too much."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CaseFileErrors([CaseFault(path, 1, 1, f"cannot be read: {error.strerror}")]) from error
    if len(data) > MAX_SIZE:
        raise CaseFileErrors([CaseFault(path, 1, 1, f"the file has {len(data)} bytes, the limit is {MAX_SIZE}")])
    return Document(path, _Composer(path, data, None).compose())


class _Composer:
    """Builds data from libyaml's events; events nest without recursion, so depth can be checked."""

    def __init__(self, path: Path, data: bytes, marks: dict[Location, tuple[int, int]] | None) -> None:
        self._path = path
        self._events: Iterator[yaml.Event] = yaml.parse(data, Loader=yaml.CBaseLoader)
        self._marks = marks

    def compose(self) -> Data:
        try:
            for event in self._events:
                if isinstance(event, yaml.NodeEvent):
                    data = self._value(event, ())
                    self._end_of_document()
                    return data
        except yaml.MarkedYAMLError as error:
            problem = " ".join(filter(None, (error.context, error.problem)))
            raise self._error(error.problem_mark or error.context_mark, problem) from error
        except yaml.YAMLError as error:
            raise self._error(None, str(error).splitlines()[0]) from error
        raise self._error(None, "the file is empty")

    def _end_of_document(self) -> None:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise self._error(event.start_mark, "a second document; a file holds one")

    def _value(self, event: yaml.Event, location: Location) -> Data:
        if self._marks is not None:
            self._marks.setdefault(location, _place(event))
        if isinstance(event, yaml.ScalarEvent) and not event.anchor:
            return event.value
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._error(event.start_mark, "anchors and aliases are not allowed; write the value out")
        if len(location) >= MAX_NESTING:
            raise self._error(event.start_mark, f"nested deeper than {MAX_NESTING}")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(location)
        return self._mapping(location)

    def _sequence(self, location: Location) -> list[Data]:
        items: list[Data] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*location, len(items))))
        return items

    def _mapping(self, location: Location) -> dict[str, Data]:
        mapping: dict[str, Data] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._error(event.start_mark, "a key must be plain text")
            key = event.value
            if key in mapping:
                raise self._error(event.start_mark, f"key '{key}' is written twice")
            if self._marks is not None:
                self._marks[(*location, key)] = _place(event)
            mapping[key] = self._value(next(self._events), (*location, key))
        return mapping

    def _error(self, mark: Any, problem: str) -> CaseFileErrors:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return CaseFileErrors([CaseFault(self._path, line, column, problem)])


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1
