"""Reading recordings of a client: HAR files, files of XML, and the results.jsonl of a run.

Only what holds a message of the API is traffic; the rest is counted, and what looks like a message and can not be
read is told with its reason. A recording is as hostile as any input: its size and its nesting are bounded.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from conformance.errors import MalformedMessage, UserError
from conformance.traffic.model import Recorded
from conformance.wire.blanks import mended
from conformance.wire.carried import MAX_CARRIED, Carried, carried, carried_by_http
from conformance.wire.limits import MAX_BODY
from conformance.wire.pretty import printable
from conformance.wire.request import read_request
from conformance.wire.scan import Direction, direction_of

MAX_HAR = 64 * 1024 * 1024
"""Bytes of a HAR file."""
MAX_VALUES = 4_000_000
"""Commas and brackets of a JSON document, counted before it is read: each may stand for a value in memory."""
MAX_LINE = 64 * 1024 * 1024
"""Bytes of a line of results.jsonl."""
MAX_FILES = 100_000
"""Files below one folder."""
MAX_UNREAD = 200
"""How many of the messages that could not be read are kept with their reason."""

_SUFFIXES = frozenset((".xml", ".har", ".jsonl"))
_RESULTS = re.compile(rb'\s*\{\s*"kind"\s*:')
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*[\[{]")
_MEANT = re.compile(rb"com\.webex\.service|bodyContent|:messageType?\b")
_OF_ALL = frozenset({"absolute-form", "content-type"})
"""Departures of the HTTP around a body, whatever it is."""
_REQUEST, _RESPONSE = ".request.xml", ".response.xml"


@dataclass(frozen=True, slots=True)
class Unread:
    """Something that looks like a message and could not be read."""

    place: str
    reason: str


@dataclass(slots=True)
class Reading:
    """What became of recordings while they were read."""

    files: list[str] = field(default_factory=list)
    """The names of the recordings, without their folders."""
    requests: int = 0
    others: int = 0
    """Entries and files that hold no request of the API."""
    unread: list[Unread] = field(default_factory=list)
    unread_more: int = 0
    """How many more could not be read."""

    def could_not(self, place: str, reason: str) -> None:
        """Note what could not be read."""
        if len(self.unread) < MAX_UNREAD:
            self.unread.append(Unread(place, printable(" ".join(reason.split()))))
        else:
            self.unread_more += 1


def read_traffic(paths: Iterable[Path], reading: Reading | None = None) -> Iterator[Recorded]:
    """Yield the requests recorded in files or folders, in the order of the recordings.

    ``reading`` is told what was left out. Raises UserError for what is not there, is too big, or is no recording.
    """
    told = Reading() if reading is None else reading
    for path in paths:
        if path.is_dir():
            for file in _files(path):
                yield from _read(file, told)
        elif path.is_file():
            yield from _read(path, told)
        else:
            what = "is neither a file nor a folder" if path.exists() else "no such file or folder"
            raise UserError(f"{printable(str(path))}: {what}")


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders.sort()
        found += [Path(root, name) for name in sorted(names) if Path(name).suffix.lower() in _SUFFIXES]
        if len(found) > MAX_FILES:
            raise UserError(f"{printable(str(folder))}: more than {MAX_FILES} files; name a smaller folder")
    return [file for file in found if file.is_file()]


def _read(path: Path, reading: Reading) -> Iterator[Recorded]:
    name = printable(str(path))
    if path.name.lower().endswith(_RESPONSE) and _partner(path, _RESPONSE, _REQUEST):
        return  # read with its request
    reading.files.append(printable(path.name))
    try:
        with path.open("rb") as file:
            head = file.read(512)
        if path.suffix.lower() == ".jsonl" or _RESULTS.match(head):
            yield from _results(path, name, reading)
        elif _JSON.match(head):
            yield from _har(_bounded(path, MAX_HAR), name, reading)
        else:
            yield from _xml(path, name, reading)
    except OSError as error:
        raise UserError(f"{name}: cannot be read: {error.strerror or error}") from error


def _bounded(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise UserError(f"{printable(str(path))}: the file has more than {limit} bytes; record less, or split it")
    return data


# -- one request -----------------------------------------------------------------------------------------------


def _recorded(
    found: Carried, place: str, reading: Reading, response: bytes | None = None, sent: datetime | None = None
) -> Recorded | None:
    """Return a request with what belongs to it; None, and a note, for what is none."""
    message = found.message
    try:
        is_request = direction_of(mended(message)[0]) is Direction.REQUEST
        if is_request:
            read_request(message)
    except MalformedMessage as error:
        if _MEANT.search(message) or any(note.id not in _OF_ALL for note in found.departures):
            reading.could_not(place, _why(error))
        else:
            reading.others += 1
        return None
    if not is_request:
        reading.others += 1
        return None
    reading.requests += 1
    return Recorded(place, message, response, sent, found.departures)


def _why(error: MalformedMessage) -> str:
    where = f" at {error.line}:{error.column}" if error.line else ""
    return f"{'not XML: ' if error.kind == 'not-xml' else ''}{error.detail}{where}"


# -- files of XML ----------------------------------------------------------------------------------------------


def _xml(path: Path, name: str, reading: Reading) -> Iterator[Recorded]:
    response = None
    if (partner := _partner(path, _REQUEST, _RESPONSE)) is not None:
        response = _bounded(partner, MAX_BODY)
    recorded = _recorded(carried(_bounded(path, MAX_CARRIED)), name, reading, response)
    if recorded is not None:
        yield recorded


def _partner(path: Path, ending: str, other: str) -> Path | None:
    """Return the file that belongs to one by its name: ``x.response.xml`` to ``x.request.xml``."""
    if not path.name.lower().endswith(ending):
        return None
    partner = path.with_name(path.name[: -len(ending)] + other)
    return partner if partner.is_file() else None


# -- HAR -------------------------------------------------------------------------------------------------------


def _har(data: bytes, name: str, reading: Reading) -> Iterator[Recorded]:
    document = _json(data, name)
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise UserError(f"{name}:1:1: not a HAR file: found no 'log' with a list of 'entries'; export it as HAR 1.2")
    for number, entry in enumerate(entries, 1):
        place = f"{name}: entry {number}"
        request = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(request, dict):
            reading.could_not(place, "an entry without a request")
            continue
        found = _asked(request)
        if found is None:
            reading.others += 1
            continue
        recorded = _recorded(found, place, reading, _answered(entry.get("response")), _time(entry))
        if recorded is not None:
            yield recorded


def _json(data: bytes, name: str) -> Any:
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MAX_VALUES:
        raise UserError(f"{name}:1:1: the file holds more than {MAX_VALUES} values; record less, or split it")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise UserError(f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise UserError(f"{name}:{line}:{column}: not JSON: byte {data[error.start]:#04x} is not UTF-8") from None
    except RecursionError:
        raise UserError(f"{name}:1:1: not a HAR file: it is nested too deeply") from None
    except ValueError:  # a number of thousands of digits
        raise UserError(f"{name}:1:1: not a HAR file: it holds a number that is too long") from None


def _asked(request: Mapping[str, Any]) -> Carried | None:
    """Return what a recorded request carries, in its body or its address; None where it holds neither."""
    url = request.get("url")
    target = url.encode("utf-8", "replace") if isinstance(url, str) else b""
    post = request.get("postData")
    if isinstance(post, dict):
        text = post.get("text")
        if isinstance(text, str) and text.strip():
            body = _decoded(text, post.get("encoding") or post.get("_encoding"))
            raw = text.encode("utf-8", "replace") if body is None else body
            return carried_by_http(_of_server(target), _content_type(request), raw, decoded=body is None)
        for parameter in post["params"] if isinstance(post.get("params"), list) else ():
            value = parameter.get("value") if isinstance(parameter, dict) else None
            if isinstance(value, str) and str(parameter.get("name", "")).upper() == "XML":
                return carried(f"XML={value}")
    return carried(target.decode()) if b"xml=" in target.lower() else None


def _of_server(url: bytes) -> bytes:
    """Return what of an address is asked of its server: HAR writes down the whole, whatever was sent."""
    return b"/" + url.partition(b"://")[2].partition(b"/")[2]


def _content_type(request: Mapping[str, Any]) -> str | None:
    """Return the Content-Type of a recorded request, empty where it had none; None where that is not recorded."""
    headers = request.get("headers")
    for header in headers if isinstance(headers, list) else ():
        if isinstance(header, dict) and str(header.get("name")).lower() == "content-type":
            return str(header.get("value", ""))
    post = request.get("postData")
    named = post.get("mimeType") if isinstance(post, dict) else None
    return named if isinstance(named, str) else None


def _answered(response: Any) -> bytes | None:
    content = response.get("content") if isinstance(response, dict) else None
    text = content.get("text") if isinstance(content, dict) else None
    if not isinstance(text, str) or not isinstance(content, dict):
        return None
    return _decoded(text, content.get("encoding")) or carried(text).message


def _decoded(text: str, encoding: Any) -> bytes | None:
    """Return the bytes of a text in base64; None for one that is no base64, or not said to be."""
    if encoding != "base64":
        return None
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return None


def _time(entry: Mapping[str, Any]) -> datetime | None:
    return _aware(entry.get("startedDateTime"))


def _aware(text: Any) -> datetime | None:
    """Read a time; None for what is none, or has no zone."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None


# -- results.jsonl ---------------------------------------------------------------------------------------------


def _results(path: Path, name: str, reading: Reading) -> Iterator[Recorded]:
    """Yield the requests of a run. A last line that was cut off by a kill is left out."""
    ahead = timedelta()
    with path.open("rb") as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            record = _record(line, f"{name}:{number}")
            if record is None:
                return
            if record.get("kind") == "header":
                ahead = _ahead(record.get("clock_offset_seconds"))
            for step, place in _steps(record, f"{name}:{number}"):
                text = step.get("request")
                if not isinstance(text, str) or not text:
                    continue  # a mail, or a click on a link
                sent = _site_time(step.get("started"), ahead)
                answer = step.get("response")
                response = answer.encode("utf-8", "replace") if isinstance(answer, str) and answer else None
                recorded = _recorded(carried(text), place, reading, response, sent)
                if recorded is not None:
                    yield recorded


def _record(line: bytes, place: str) -> Mapping[str, Any] | None:
    whole = line.endswith(b"\n")
    if len(line) >= MAX_LINE:
        raise UserError(f"{place}: the line has {MAX_LINE} bytes or more")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = None
    if isinstance(record, dict) and record.get("kind") in ("header", "case", "footer"):
        return record
    if not whole and record is None:
        return None
    raise UserError(f"{place}: not a line of results.jsonl: no header, case or footer")


def _steps(record: Mapping[str, Any], place: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    steps = record.get("steps")
    for number, step in enumerate(steps if isinstance(steps, list) else (), 1):
        if isinstance(step, dict):
            yield step, f"{place}: step {number}"


def _ahead(seconds: Any) -> timedelta:
    """Return how far the site's clock was ahead of the one that wrote the times."""
    usable = isinstance(seconds, int | float) and abs(seconds) < 10**9
    return timedelta(seconds=seconds) if usable else timedelta()


def _site_time(text: Any, ahead: timedelta) -> datetime | None:
    moment = _aware(text)
    try:
        return None if moment is None else moment + ahead
    except OverflowError:
        return None
