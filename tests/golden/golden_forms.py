"""The normal form of what a run writes: all that is the same on any day and any machine, in lines that can be compared.

Left out or named by a word in angle brackets: times, durations, ids, the digest of the schemas, versions of libraries,
paths of the machine. Of the two pages the outline is kept: each element with its attributes, each text. Style sheets
are not; of report.html neither is what pytest-html brings.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

from golden_runs import Ended
from lxml import etree, html

_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_LIBRARIES = "python|libxml2|lxml|xmlschema|pytest|httpcore2|pydantic"
_ANYWHERE = (
    (r"\d{4}-\d\d-\d\dT\d\d[:-]\d\d[:-]\d\d(\.\d+)?(Z|\+00:00)?", "<time>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "<time>"),
    (rf"\b\d{{1,2}} ({_MONTHS}) \d{{4}}( \d\d:\d\d UTC)?", "<time>"),
    (r"\d{4}-\d\d-\d\d\b", "<day>"),
    (r"[^\s\"]*/conformance/(plugin/\w+\.py):\d+", r"<package>/\1"),
    (r"\b\d+(\.\d+)? (ms|s|min|h)\b", "<duration>"),
    (rf"\b({_LIBRARIES})([ -]|\": \")\d+(\.\d+)+\w*", r"\1\2<version>"),
    (r"(?:All work and no play\. ?){3,}", lambda found: f"<{found[0].count('All')} times the same>"),
)
_MEASURED = re.compile(r'((?:"seconds"|"\w*age_seconds"): )[\d.e-]+')
_MAX_AGE = '"max_age_seconds": '


class Normal:
    """Normal forms of the outputs of one run; what is special about it is read from its own header."""

    def __init__(self, ended: Ended) -> None:
        self._ended = ended
        self._own: dict[str, str] = {str(ended.folder): "<folder>"}
        results = ended.files.get("out/results.jsonl")
        lines = results.read_text(encoding="utf-8").splitlines() if results else []
        if lines:
            header = json.loads(lines[0])
            digest = header["schemas_digest"]
            self._own |= {header["id"]: "<id>", digest: "<schemas>", digest[:12]: "<schemas>"}
            self._version = re.compile(rf"(?<![\d.]){re.escape(header['suite_version'])}(?![\d.])")
        else:
            self._version = re.compile(r"(?!)")

    def forms(self) -> dict[str, str]:
        """Return the normal form of each output, by the name under which it is stored."""
        files = {f"{name}.txt": self.of_file(name, path) for name, path in self._ended.files.items()}
        terminal = f"exit code {self._ended.code}\n--- stdout\n{self._ended.out}--- stderr\n{self._ended.err}"
        return {**files, "terminal.txt": self.text(terminal)}

    def of_file(self, name: str, path: Path) -> str:
        """Return the normal form of a file."""
        if path.suffix == ".sqlite3":
            return self.text(_tables(path))
        text = path.read_text(encoding="utf-8")
        return self.text(_READERS.get(path.name, _READERS.get(path.suffix, _as_it_is))(text))

    def text(self, text: str) -> str:
        """Return a text without what differs from run to run."""
        for own, word in self._own.items():
            text = text.replace(own, word)
        text = self._version.sub("<version>", text)
        for pattern, word in _ANYWHERE:
            text = re.sub(pattern, word, text)
        kept = (line for line in text.splitlines() if not re.match(r"platform |rootdir: |plugins: |cachedir: ", line))
        return "\n".join(line.rstrip() for line in kept) + "\n"


def _as_it_is(text: str) -> str:
    return text


def _json(text: str) -> str:
    """Return JSON, or lines of it, indented; how long something took is left out."""
    values = text.splitlines() if text.startswith('{"kind"') else [text] if text else []
    told = "\n".join(json.dumps(json.loads(value), indent=1, ensure_ascii=True) for value in values)
    return "\n".join(
        line if _MAX_AGE in line else _MEASURED.sub(r"\1<seconds>", line)
        for line in re.sub(rf'("(?:{_LIBRARIES})": ")[^"]*', r"\1<version>", told).splitlines()
    )


def _metrics(text: str) -> str:
    """Return metrics without times and durations."""
    return re.sub(r"(?m)^(\w*_seconds\{.*\}) [\d.e+-]+$", r"\1 <seconds>", text)


def _junit(text: str) -> str:
    """Return junit.xml as an outline."""
    root = etree.fromstring(text.encode())
    for element in root.iter():
        for name in {"time", "timestamp", "hostname"} & set(element.attrib):
            element.set(name, f"<{name}>")
        if "message" in element.attrib:
            # How much of it is told depends on the version of pytest; the text below has it all.
            element.set("message", " ".join(element.get("message", "").split())[:100])
    return "\n".join(outline(root))


def _page(text: str) -> str:
    """Return a page as an outline; how high a plot of durations is drawn is left out."""
    page = html.document_fromstring(text)
    for plotted in page.iterfind(".//path[@class]"):
        plotted.attrib.pop("d")
    return "\n".join(outline(page))


def _report(text: str) -> str:
    """Return what is ours in the page of pytest-html: its policy, title, summary, and a row for each case."""
    page = html.document_fromstring(text)
    for meta in page.iterfind(".//meta[@http-equiv]"):
        # The one script that is allowed is pytest-html's.
        meta.set("content", re.sub(r"'sha256-[^']*'", "'<digest>'", meta.get("content", "")))
    parts = [*page.iterfind(".//meta[@http-equiv]"), *page.iterfind(".//title"), *page.find_class("additional-summary")]
    lines = [line for part in parts for line in outline(part)]
    (blob,) = re.findall(r'data-jsonblob="([^"]*)"', text)
    for name, tests in json.loads(unescape(blob))["tests"].items():
        lines.append(f"test {name}")
        for test in tests:
            lines.append(f" {test['result']}")
            cells = [*test["resultsTableRow"], *(extra["content"] for extra in test["extras"]), test["log"]]
            lines += [
                f"  {line}" for cell in cells for line in outline(html.fragment_fromstring(cell, create_parent="row"))
            ]
    return "\n".join(lines)


_READERS: Mapping[str, Callable[[str], str]] = {
    "readiness.html": _page,
    "report.html": _report,
    "junit.xml": _junit,
    "metrics.prom": _metrics,
    ".json": _json,
    ".jsonl": _json,
    ".sarif": _json,
}


def outline(element: etree._Element, depth: int = 0) -> Iterator[str]:
    """Yield a line for each element with its attributes in order, and one for each text, further in than its parent."""
    pad = " " * depth
    if not isinstance(element.tag, str):
        yield f"{pad}{element!r}".partition(" at ")[0]
    else:
        attributes = "".join(f" {name}={_quoted(value)}" for name, value in sorted(element.attrib.items()))
        yield f"{pad}{element.tag}{attributes}"
        if element.tag not in ("style", "script"):
            yield from _text(element.text, f"{pad} ")
            for child in element:
                yield from outline(child, depth + 1)
    if depth:
        yield from _text(element.tail, pad)


def _text(text: str | None, pad: str) -> Iterator[str]:
    yield from (f"{pad}| {_plain(' '.join(line.split()))}" for line in (text or "").splitlines() if line.strip())


def _quoted(value: str) -> str:
    return json.dumps(" ".join(value.split()))


def _plain(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode() if any(ord(c) in _MOVING for c in text) else text


_MOVING = {*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)}


def _tables(path: Path) -> str:
    """Return the tables of a history: their columns, and how many rows they have."""
    with closing(sqlite3.connect(path)) as database:
        names = [
            name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        rows: dict[str, Any] = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}  # noqa: S608
        columns = {name: [row[1] for row in database.execute(f"PRAGMA table_info({name})")] for name in names}
    return "\n".join(f"{name}: {rows[name]} rows of {', '.join(columns[name])}" for name in names)
