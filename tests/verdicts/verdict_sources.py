"""What the source can make of an observation: every check with its verdict, and every other place that gives one.

Read from the syntax trees, so that a check that is added is seen at once. An id is worked out from the constants that
flow into it: through names, conditional expressions, f-strings, functions of the package and their arguments.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import conformance
from conformance.cases.model import MailExpectation
from conformance.wire.exception_ids import Moment

PACKAGE = Path(conformance.__file__).parent
ANY = "*"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Made:
    """A verdict that the source gives, and to which check; elsewhere the id is the function."""

    id: str
    verdict: str
    place: str = field(compare=False)


class Source:
    """The modules of ``run`` in a package, with those whose words become ids."""

    def __init__(self, package: Path = PACKAGE) -> None:
        self._package = package
        files = [*sorted((package / "run").glob("*.py")), package / "wire/response.py", package / "schema/findings.py"]
        self._trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}
        self._within: dict[ast.AST, ast.AST] = {
            child: parent
            for tree in self._trees.values()
            for parent in ast.walk(tree)
            for child in ast.iter_child_nodes(parent)
        }
        self._functions = {node.name: node for node in self._all(Function)}
        self._words: Mapping[str, set[str]] = {}
        self._words = self._closed_words()

    def checks(self) -> set[Made]:
        """Return every check that is made: each id with each verdict."""
        found = set()
        for file, call in self._calls("Check"):
            if len(call.args) < 2:
                continue  # taken back from JSON
            place = f"{file.relative_to(self._package.parent).as_posix()}:{call.lineno}"
            ids, verdicts = (self._values(argument, self._function(call)) for argument in call.args[:2])
            found |= {Made(id_, verdict, place) for id_, verdict in product(ids, verdicts)}
        return found

    def verdicts(self) -> set[Made]:
        """Return every verdict that a function gives which makes no check; what only asks for one is passed over."""
        making = {self._function(call) for _, call in self._calls("Check")}
        found = set()
        for file, tree in self._trees.items():
            for node in ast.walk(tree):
                if not _is_verdict(node) or self._only_asks(node):
                    continue
                function = self._function(node)
                if function is not None and function not in making and file.stem != "verdicts":
                    place = f"{file.relative_to(self._package.parent).as_posix()}:{node.lineno}"
                    found.add(Made(f"{file.stem}.{function.name}", node.attr, place))
        return found

    def caught(self, function: str) -> set[str]:
        """Return the exceptions that a function turns into something else."""
        handlers = [node for node in ast.walk(self._functions[function]) if isinstance(node, ast.ExceptHandler)]
        return {ast.unparse(handler.type) for handler in handlers if handler.type}

    def _closed_words(self) -> Mapping[str, set[str]]:
        """Return the words that stand behind expressions which are read from data, by the expression."""
        return {
            "told.moment": {moment.value for moment in Moment},
            "key": set(MailExpectation.model_fields),
            "finding.rule": self._returned("rule_of"),
            "error.kind": {
                word
                for _, call in self._calls("MalformedMessage")
                for word in self._values(call.args[0], self._function(call))
            }
            - {ANY}
            | self._returned("_kind"),
        }

    def _all(self, kind: type[ast.AST] | object) -> Iterator[ast.AST]:
        return (node for tree in self._trees.values() for node in ast.walk(tree) if isinstance(node, kind))  # type: ignore[arg-type]

    def _calls(self, name: str) -> Iterator[tuple[Path, ast.Call]]:
        for file, tree in self._trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name:
                    yield file, node

    def _function(self, node: ast.AST) -> Function | None:
        while node in self._within:
            node = self._within[node]
            if isinstance(node, Function):
                return node
        return None

    def _file(self, node: ast.AST) -> Path:
        while node in self._within:
            node = self._within[node]
        return next(file for file, tree in self._trees.items() if tree is node)

    def _only_asks(self, node: ast.AST) -> bool:
        """Tell whether a verdict is compared with, or stands for none."""
        above = [node]
        while above[-1] in self._within and not isinstance(above[-1], ast.stmt):
            above.append(self._within[above[-1]])
        if any(isinstance(one, ast.Compare | ast.pattern | ast.Subscript) for one in above):
            return True
        return isinstance(above[-1], ast.If | ast.Match | ast.AsyncWith)

    def _returned(self, function: str) -> set[str]:
        node = self._functions[function]
        returns = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
        return {word for value in returns for word in self._values(value, node)}

    def _values(self, node: ast.expr, function: Function | None) -> set[str]:
        """Return what an expression may be, as texts; ``*`` where that is not known."""
        parts: list[set[str]] = []
        match node:
            case ast.Attribute(attr=name) if _is_verdict(node):
                return {name}
            case _ if (words := self._words.get(ast.unparse(node))) is not None:
                return words
            case ast.Constant(value=str(text)):
                return {text}
            case ast.IfExp(body=one, orelse=other):
                return self._values(one, function) | self._values(other, function)
            case ast.FormattedValue(value=value):
                parts = [self._values(value, function)]
            case ast.JoinedStr(values=values):
                parts = [self._values(value, function) for value in values]
            case ast.Name(id=name) if function is not None:
                return self._named(name, function)
        return {"".join(some) for some in product(*parts)} if parts else {ANY}

    def _named(self, name: str, function: Function) -> set[str]:
        """Return what a name of a function may be: what is assigned to it there, or what callers pass."""
        found: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    pairs = _pairs(target, node.value)
                    found |= {w for left, right in pairs if left == name for w in self._values(right, function)}
        names = [argument.arg for argument in function.args.args]
        if found or name not in names:
            return found or {ANY}
        index = names.index(name) - (names[0] == "self")
        for file, call in self._calls(function.name):
            if function.name.startswith("_") and self._file(function) != file:
                continue  # another one of that name
            given = {word.arg: word.value for word in call.keywords}
            value = given.get(name) or (call.args[index] if index < len(call.args) else None)
            if value is not None:
                found |= self._values(value, self._function(call))
        return found or {ANY}


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from ((ast.unparse(left), right) for left, right in zip(target.elts, value.elts, strict=True))
    else:
        yield ast.unparse(target), value


def _is_verdict(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Verdict"
