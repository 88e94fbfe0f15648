"""How a change is recognised in traffic: what may stand below ``traffic``, checked against the newest schemas.

The XPath of ``where`` is asked of a request as the service reads it, without namespaces, with bodyContent as its
context node, and with functions of our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from conformance.cases import xpaths
from conformance.cases.document import Document, Location
from conformance.cases.model import ChangeFile, Trace
from conformance.errors import CaseFault, UnknownName, nearest
from conformance.resources import schemas_root
from conformance.schema.catalog import ENTRY, overlay
from conformance.schema.model import SchemaModel, TypeModel, read_model
from conformance.versions import NEWEST
from conformance.wire.names import operation, prefixed

FUNCTIONS: Mapping[str, int] = {"past": 2, "own": 1, "signed-in": 0, "header": 1}
"""The functions that ``where`` may call beside those of XPath 1.0, and how many arguments each takes."""

ENVELOPE = frozenset(f"serv:{name}" for name in ("message", "header", "response", "body", "bodyContent"))
"""The elements of an answer that belong to no operation."""

_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"(?<![\w.$@-])[A-Za-z_][\w.-]*(?![\w.-]|\s*\(|::)")
_PREFIXED = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*:[A-Za-z_][\w.-]*)(?!\s*\()")
_PREFIX = re.compile(r"(?<![\w.-])([A-Za-z_][\w.-]*):(?!:)")
_OPERATORS = frozenset(("and", "or", "div", "mod"))
_OURS = re.compile(rf"(?<![\w.-])(?:{'|'.join(FUNCTIONS)})\s*\(")


def trace_faults(document: Document, file: ChangeFile) -> Iterator[CaseFault]:
    """Yield what is wrong with the ``traffic`` of a case file of the right shape."""
    for index, trace in enumerate(file.traffic):
        at: Location = ("traffic", index)
        known = []
        for number, name in enumerate(trace.operations):
            if name in file.operations:
                known.append(name)
                continue
            problem = f"'{name}' is none of the operations of the change{nearest(name, file.operations)}"
            yield document.fault((*at, "operations", number), problem)
        if known:
            yield from _trace(document, at, trace, [name for name in known if _is_operation(name)])


def _trace(document: Document, at: Location, trace: Trace, operations: Sequence[str]) -> Iterator[CaseFault]:
    for number, path in enumerate(trace.sends):
        if operations and (problem := request_path_problem(operations, path)):
            yield document.fault((*at, "sends", number), problem)
    for number, expression in enumerate(trace.reads):
        if operations and (problem := answer_xpath_problem(operations, expression)):
            yield document.fault((*at, "reads", number), problem)
    if trace.where and operations:
        for problem in where_problems(operations, trace.where):
            yield document.fault((*at, "where"), problem)


def _is_operation(name: str) -> bool:
    try:
        operation(name)
    except UnknownName:
        return False  # told where the change lists it
    return True


def request_path_problem(operations: Sequence[str], path: str) -> str:
    """Return why no request of ``operations`` has an element at ``path`` below bodyContent; empty where one has."""
    known = sorted(set().union(*map(request_paths, operations)))
    if path in known:
        return ""
    if not re.fullmatch(r"[A-Za-z_][\w.-]*(?:/[A-Za-z_][\w.-]*)*", path):
        return f"'{path}' is not a path of names below bodyContent, as schedule/startDate"
    return f"the newest schemas know no '{path}' in {' or '.join(operations)}{_offer(path, known)}"


def answer_xpath_problem(operations: Sequence[str], expression: str) -> str:
    """Return why an XPath can find nothing in the answers of ``operations``; empty where it may."""
    try:
        xpaths.check(expression)
    except xpaths.BadXPath as error:
        return str(error)
    known = ENVELOPE.union(*map(answer_names, operations))
    for name in names_of(expression):
        if name not in known:
            answers = f"an answer to {' or '.join(operations)}"
            return f"the newest schemas know no '{name}' in {answers}{_offer(name, sorted(known))}"
    return ""


def where_problems(operations: Sequence[str], expression: str) -> Iterator[str]:
    """Yield what is wrong with a ``where``: how it is written, and elements that no request has."""
    plain = _LITERAL.sub("''", expression)
    if prefix := _PREFIX.search(plain):
        yield f"'{prefix[1]}:' is a prefix; requests are read without namespaces, so names have none"
        return
    try:
        # Ours stand for functions that take as many; what else is wrong with them is told by their number.
        xpaths.check(_OURS.sub("concat('', '', ", plain.replace("signed-in()", "true()")).replace(", )", ")"))
    except xpaths.BadXPath as error:
        yield str(error).replace(plain, expression)
        return
    for name, wanted in FUNCTIONS.items():
        for call in re.finditer(rf"(?<![\w.-]){name}\s*\(", plain):
            if (found := _arguments(plain, call.end())) != wanted:
                yield f"{name}() takes {wanted} argument{'s' * (wanted != 1)}, found {found}"
    known = {step for name in operations for path in request_paths(name) for step in path.split("/")}
    for name in _NAME.findall(plain):
        if name not in known | _OPERATORS:
            yield f"the newest schemas know no '{name}' in {' or '.join(operations)}{_offer(name, sorted(known))}"


def _arguments(plain: str, start: int) -> int:
    """Count the arguments of a call whose bracket opens before ``start``."""
    depth, commas, at = 1, 0, start
    while at < len(plain) and depth:
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(plain[at], 0)
        commas += plain[at] == "," and depth == 1
        at += 1
    return commas + 1 if plain[start : at - 1].strip() else 0


def names_of(expression: str) -> list[str]:
    """Return the prefixed names of elements in an XPath, in its order."""
    return _PREFIXED.findall(_LITERAL.sub("''", expression))


@cache
def request_paths(name: str) -> frozenset[str]:
    """Return the paths below bodyContent that the newest schemas know in requests of an operation."""
    found = operation(name)
    top = _newest().types.get(f"{{{found.namespace}}}{found.request_type}")
    return frozenset(path for path, _ in _below(top, ())) if top else frozenset()


@cache
def answer_names(name: str) -> frozenset[str]:
    """Return the names of the elements that the newest schemas know in answers of an operation: ``use:email``."""
    return frozenset(answer_children(name)).union(*answer_children(name).values())


@cache
def answer_children(name: str) -> Mapping[str, frozenset[str]]:
    """Return each element that answers of an operation may hold, with all that may stand below it."""
    found = operation(name)
    top = _newest().types.get(f"{{{found.namespace}}}{found.response_type}")
    below: dict[str, frozenset[str]] = {}
    for _, tags in _below(top, ()) if top else ():
        for index, tag in enumerate(tags):
            above = prefixed(tag)
            below[above] = below.get(above, frozenset()) | {prefixed(inner) for inner in tags[index + 1 :]}
    return below


def _below(model: TypeModel | None, around: tuple[TypeModel, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each path of local names below a type, with the full names on the way. A type within itself ends it."""
    if model is None or model in around:
        return
    for tag, (_, particle) in _newest().children(model).items():
        local = tag.rpartition("}")[2]
        yield local, (tag,)
        for path, tags in _below(_newest().type_of(particle), (*around, model)):
            yield f"{local}/{path}", (tag, *tags)


@cache
def _newest() -> SchemaModel:
    return read_model(overlay(schemas_root(), NEWEST), ENTRY)


def _offer(name: str, known: Sequence[str]) -> str:
    """Offer the path that ends like ``name``, else the nearest."""
    last = name.rpartition("/")[2].rpartition(":")[2].lower()
    same = [other for other in known if re.split(r"[/:]", other)[-1].lower() == last]
    return f", did you mean '{same[0]}'?" if same else nearest(name, known)
