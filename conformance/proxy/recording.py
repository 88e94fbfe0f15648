"""What passed, on disk: one HAR file of all exchanges, and the messages as files of XML.

Each file is whole after each write, so a proxy may be killed at any time. Of the HAR file the end is overwritten by an
exchange and the same end, in one write; files of XML take their names when they are written.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl

from conformance import __version__
from conformance.errors import UserError
from conformance.proxy.judging import Verdict
from conformance.proxy.masking import Masked, Text
from conformance.proxy.passed import Passed
from conformance.wire.carried import declared_encoding

HAR: Final = "calls.har"
MESSAGES: Final = "messages"
_END: Final = b"\n]}}\n"
_LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a HAR file after which another is begun: readers of HAR files, ours too, have limits."""
_FILE_MODE: Final = 0o600
_NAME: Final = re.compile(r"[A-Za-z]{1,60}")


class _Har:
    """A HAR file that grows."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, _FILE_MODE)
        creator = {"name": "conformance proxy", "version": __version__}
        head = f'{{"log": {{"version": "1.2", "creator": {json.dumps(creator)}, "entries": ['
        self.size = os.write(self._file, head.encode() + _END) - len(_END)
        self._comma = b""

    def add(self, entry: Mapping[str, Any]) -> None:
        data = self._comma + b"\n" + json.dumps(entry, ensure_ascii=False).encode()
        os.pwrite(self._file, data + _END, self.size)
        self.size += len(data)
        self._comma = b","

    def close(self) -> None:
        os.close(self._file)


class Recording:
    """Writes exchanges into a folder of their own, which only its owner may read. Raises UserError for one that is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / MESSAGES).mkdir(mode=0o700)
            self._hars = [_Har(folder / HAR)]
        except OSError as error:
            raise UserError(f"{folder}: can not be made for a recording: {error.strerror or error}") from error

    @property
    def files(self) -> list[Path]:
        """The HAR files: a second one where the first became too large to be read again, and so on."""
        return [har.path for har in self._hars]

    def add(self, passed: Passed, masked: Masked, verdict: Verdict) -> None:
        """Write one exchange. Raises OSError where it can not be written."""
        if self._hars[-1].size > _LARGEST:
            self._hars[-1].close()
            self._hars.append(_Har(self.folder / f"calls-{len(self._hars) + 1}.har"))
        self._hars[-1].add(_entry(passed, masked, verdict))
        name = f"{passed.number:06}-{verdict.operation if _NAME.fullmatch(verdict.operation) else 'unknown'}"
        # The answer first: a request is read with the answer that lies beside it.
        self._write(f"{name}.response.xml", masked.answer)
        self._write(f"{name}.request.xml", masked.request)

    def close(self) -> None:
        """Close the HAR file."""
        self._hars[-1].close()

    def _write(self, name: str, text: Text) -> None:
        if not text.text:
            return
        unfinished = self.folder / MESSAGES / f".{name}"
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.data)
        unfinished.rename(self.folder / MESSAGES / name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _entry(passed: Passed, masked: Masked, verdict: Verdict) -> Mapping[str, Any]:
    milliseconds = round(passed.seconds * 1000, 3)
    return {
        "startedDateTime": passed.started.isoformat(timespec="milliseconds"),
        "time": milliseconds,
        "request": {
            "method": passed.method,
            "url": f"{passed.url}?{masked.query}" if masked.query else passed.url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(masked.headers),
            "queryString": _pairs(parse_qsl(masked.query, keep_blank_values=True)),
            **({"postData": _posted(passed.content_type, masked.body)} if passed.body else {}),
            "headersSize": -1,
            "bodySize": len(passed.body),
        },
        "response": {
            "status": passed.status,
            "statusText": _phrase(passed.status),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(masked.answer_headers),
            "content": {
                "size": len(passed.message),
                "mimeType": dict(_lower(masked.answer_headers)).get("content-type", ""),
                **_content(masked.answer),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(passed.answer),
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": verdict.line,
    }


def _posted(content_type: str, text: Text) -> Mapping[str, Any]:
    """Return a body as HAR has it, which knows of no encoding of a request: what it does not name begins with ``_``."""
    content = {"_encoding" if name == "encoding" else name: held for name, held in _content(text).items()}
    return {"mimeType": content_type, "params": [], **content}


def _content(text: Text) -> Mapping[str, str]:
    """Return a text as HAR has it: as base64 where its encoding, or that which it declares, is not UTF-8.

    Only so can be seen later which bytes they were.
    """
    if text.left_out:
        return {"text": "", "comment": text.left_out}
    if text.encoding == "utf-8" and declared_encoding(text.data) == "utf-8":
        return {"text": text.text}
    return {"text": base64.b64encode(text.data).decode(), "encoding": "base64"}


def _pairs(headers: list[tuple[str, str]]) -> list[Mapping[str, str]]:
    return [{"name": name, "value": held} for name, held in headers]


def _lower(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name.lower(), held) for name, held in headers]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
