"""Making pydantic's errors into faults with a place, what was found and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from conformance.cases.document import Data, Document, Location
from conformance.cases.model import (
    Case,
    Clause,
    Condition,
    Expectation,
    Fixture,
    Given,
    MailExpectation,
    MailQuery,
    MailStep,
    OpenStep,
    RequestStep,
    SiteNeeds,
    Trace,
)
from conformance.errors import CaseFault, CaseFileErrors, nearest

Model = TypeVar("Model", bound=BaseModel)
Parts = Mapping[str, type[BaseModel]]

# The key whose value (or whose values' values) a model describes; "" is the top of a file.
_MODEL_BELOW: Parts = {
    "cases": Case,
    "clauses": Clause,
    "fixtures": Fixture,
    "given": Given,
    "site": SiteNeeds,
    "xpath": Condition,
    "mail": MailQuery,
    "request": RequestStep,
    "steps": RequestStep,
    "traffic": Trace,
    "cleanup": RequestStep,
}


def parse(document: Document, model: type[Model], parts: Parts | None = None) -> Model:
    """Return the data of a document as a value of ``model``; raise CaseFileErrors with all its faults.

    ``parts`` are the models of what stands below a key, where the file is none of the case format.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        known = _MODEL_BELOW if parts is None else parts
        raise CaseFileErrors(_told(document, error, model, known)) from error


def _told(document: Document, error: ValidationError, top: type[BaseModel], parts: Parts) -> list[CaseFault]:
    """Return every error as a fault at its place in the document."""
    located = [(_real_location(document, d["loc"]), d) for d in error.errors(include_url=False)]
    return [_fault(document, d, top, parts) for place, d in located if not _told_by_another(place, d, located)]


def _told_by_another(place: Location, detail: ErrorDetails, located: Sequence[tuple[Location, ErrorDetails]]) -> bool:
    """Tell whether another error says it better: pydantic tells what is wrong for each kind a value may have."""
    text = isinstance(detail["input"], str)
    match detail["type"]:
        case "too_short":
            return bool(detail["input"])  # a list whose only item is wrong
        case "string_type":
            unwanted = True
        case "literal_error":
            unwanted = not text
        case "dict_type" | "mapping_type" | "model_type" | "model_attributes_type":
            unwanted = text
        case _:
            unwanted = False
    return unwanted and any(other is not detail and at[: len(place)] == place for at, other in located)


def _fault(document: Document, detail: ErrorDetails, top: type[BaseModel], parts: Parts) -> CaseFault:
    location = _real_location(document, detail["loc"])
    last = str(detail["loc"][-1]) if detail["loc"] else ""
    found = f"found {_kind(detail['input'])}"
    match detail["type"]:
        case "extra_forbidden":
            words = (f"unknown key '{last}'{nearest(last, _keys(document, location, top, parts))}", "")
        case "missing":
            words = (f"key '{last}' is missing", f"add '{last}:'")
        case "literal_error":
            words = (f"'{detail['input']}' is not allowed here", f"write {_offer(detail['ctx']['expected'])}")
        case "string_type":
            words = (found, "write a text")
        case "too_short":
            words = (f"'{last}' is empty", "write at least one")
        case "dict_type" | "mapping_type" | "model_type" | "model_attributes_type":
            words = (found, "write a mapping of 'key: value'")
        case "tuple_type" | "list_type":
            words = (found, "write a list")
        case _:
            words = (detail["msg"], "")
    return document.fault(location, *words)


def _real_location(document: Document, loc: Iterable[str | int]) -> Location:
    """Drop from pydantic's location what is not in the file: the names of union members."""
    data = document.data
    location: list[str | int] = []
    for step in loc:
        if step in data if isinstance(data, Mapping) else _is_index(step, data):
            data = data[step]
        else:
            continue
        location.append(step)
    return tuple(location)


def _keys(document: Document, location: Location, top: type[BaseModel], parts: Parts) -> list[str]:
    """Return the keys that are known where an unknown one was found."""
    around = [step for step in location[:-1] if isinstance(step, str)]
    nearest_model = next((parts[key] for key in reversed(around) if key in parts), top)
    if not around or parts is not _MODEL_BELOW:
        return _known(nearest_model)
    parent = _data_at(document, location[:-1])
    if around[-1] in ("expect", "before"):
        return _known(MailExpectation if "mail" in _data_at(document, location[:-2]) else Expectation)
    if around[-1] == "steps":
        return _known(MailStep if "mail" in parent else OpenStep if "open" in parent else RequestStep)
    return _known(nearest_model)


def _offer(expected: str) -> str:
    return f"one of {expected}" if " or " in expected else expected


def _is_index(step: str | int, data: object) -> bool:
    return isinstance(data, list) and isinstance(step, int) and step < len(data)


def _data_at(document: Document, location: Location) -> Data:
    data = document.data
    for step in location:
        data = data[step]
    return data


def _known(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _kind(value: object) -> str:
    match value:
        case str():
            return f"the text '{value[:40]}'" if value else "nothing"
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case _:
            return type(value).__name__
