"""What the proxy writes down: no secret, in whatever way it was sent; files that are whole and can be read again."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

import httpx2
import pytest
from proxy_lab import PASSWORD, Lab
from upstream import answered, upstream

from conformance.errors import UserError
from conformance.mock.server import MockServer
from conformance.proxy import masking, recording
from conformance.proxy.judging import Judge, Verdict
from conformance.proxy.masking import Masker
from conformance.proxy.passed import Passed
from conformance.proxy.recording import Recording
from conformance.schema.catalog import SchemaCatalog
from conformance.traffic.learn import learn
from conformance.traffic.read import Reading, read_traffic
from conformance.versions import DEFAULT_VERSION
from conformance.wire.departures import Strictness
from conformance.wire.names import operation
from conformance.wire.redact import MASK
from conformance.wire.request import build_request
from conformance.wire.response import read_response

Between = Callable[..., Lab]
WHO = {"webExID": "host", "password": PASSWORD, "siteName": "go"}
OF_XML = {"Content-Type": "text/xml"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
GET_SITE = build_request(operation("GetSite"), WHO, {})
TEXT = GET_SITE.decode()


def passed(
    body: bytes, *, query: bytes = b"", content_type: str = "text/xml", answer: bytes = b"", **more: str
) -> Passed:
    """Return an exchange that a test made up."""
    headers = [(b"content-type", content_type.encode()), *((k.encode(), v.encode()) for k, v in more.items())]
    path = b"/WBXService/XMLService"
    url = f"https://go.example.com{path.decode()}"
    now = datetime(2026, 1, 2, tzinfo=UTC)
    return Passed(1, "POST", path, url, query, headers, body, 200, [(b"content-type", b"text/xml")], answer, now, 0.5)


def written(folder: Path, one: Passed) -> tuple[bytes, Path]:
    """Write an exchange down; return all that is in its files, decoded from base64 too, and the HAR file."""
    with Recording(folder) as written_down:
        written_down.add(one, Masker()(one), Verdict("GetSite", "SUCCESS", [], []))
    found = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    (entry,) = json.loads((folder / "calls.har").read_bytes())["log"]["entries"]
    for part in (entry["request"].get("postData", {}), entry["response"]["content"]):
        if "base64" in (part.get("encoding"), part.get("_encoding")):
            found += base64.b64decode(part["text"])
    return found, folder / "calls.har"


def spelt(secret: str) -> list[bytes]:
    """Return a secret in each way in which bytes may hold it."""
    texts = [secret, quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode()]
    return [text.encode(code) for text in texts for code in ("utf-8", "utf-16-le", "utf-16-be")]


SECRET = "Geheim-7#x&Y"
HELD = GET_SITE.replace(PASSWORD.encode(), b"Geheim-7#x&amp;Y")
WAYS = {
    "as documented": passed(HELD),
    "with blanks before it": passed(b"\n \xc2\xa0" + HELD),
    "a form": passed(b"UID=u&PWD=" + quote_plus(SECRET).encode() + b"&XML=" + quote_plus(HELD).encode()),
    "a form that is not encoded": passed(b"PWD=Geheim-7%23x%26Y&XML=" + HELD),
    "an address": passed(b"", query=b"XML=" + quote(HELD).encode() + b"&PWD=" + quote_plus(SECRET).encode()),
    "an address without a message": passed(HELD, query=b"pass=" + quote_plus(SECRET).encode()),
    "in capitals": passed(HELD.replace(b"password>", b"PassWord>")),
    "not escaped": passed(HELD.replace(b"&amp;", b"&")),
    "Latin-1": passed(HELD.replace(b"UTF-8", b"ISO-8859-1").replace(b"<body>", b"<a>\xfc</a><body>")),
    "Shift_JIS": passed(HELD.replace(b"UTF-8", b"Shift_JIS").replace(b"<body>", b"<a>\x89\xef</a><body>")),
    "UTF-16": passed(HELD.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
    "UTF-16 without a mark": passed(HELD.decode().replace("UTF-8", "UTF-16").encode("utf-16-be")),
    "UTF-7": passed(HELD.decode().replace("UTF-8", "UTF-7").encode("utf-7")),
    "JSON": passed(json.dumps({"password": SECRET}).encode(), content_type="application/json"),
    "a form without a message": passed(b"user=kim&secret=" + quote_plus(SECRET).encode()),
    "headers": passed(HELD, Authorization=f"Basic {SECRET}", Cookie=f"s={SECRET}", **{"X-Echo": SECRET}),
    "echoed": passed(HELD, answer=f"<html><p>who is {SECRET}?</p></html>".encode()),
    "echoed in an answer of another encoding": passed(HELD, answer=f"<a>who is {SECRET}?</a>".encode("utf-16")),
    "an element of the answer": passed(
        GET_SITE, answer=b"<a><serv:sessionTicket>Geheim-7#x&amp;Y</serv:sessionTicket></a>"
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_secret_reaches_the_disk_however_it_was_sent(tmp_path: Path, way: str) -> None:
    found, _ = written(tmp_path / "recording", WAYS[way])
    for one in (*spelt(SECRET), *spelt("Geheim-7#x&amp;Y"), *spelt("Geheim-7")):
        assert one not in found
    assert b"Geheim" not in found


def test_a_ticket_of_one_answer_is_known_in_the_next_exchange() -> None:
    mask = Masker()
    mask(passed(GET_SITE, answer=b"<use:sessionTicket>T1cket-of-kim</use:sessionTicket>"))
    masked = mask(passed(b"<message><a>T1cket-of-kim</a></message>", answer=b"<a>T1cket-of-kim</a>"))
    assert (masked.request.text, masked.answer.text) == (f"<message><a>{MASK}</a></message>", f"<a>{MASK}</a>")


def test_secrets_are_not_kept_for_ever() -> None:
    mask = Masker()
    for number in range(3 * masking._KEPT):
        mask(passed(GET_SITE, answer=b"<use:sessionTicket>T1cket-%06d</use:sessionTicket>" % number))
    assert len(mask._earlier) == masking._KEPT


@pytest.mark.parametrize(
    ("one", "comment"),
    [
        (passed(b"\x00\x01\x02", content_type="image/png"), "3 bytes that are no message"),
        (passed(b"\x8b\x00\x80", **{"Content-Encoding": "br"}), "3 bytes that are no message"),
        (passed(b"<\x00\x80", content_type="text/xml"), "3 bytes that can not be read as a text"),
    ],
)
def test_what_can_not_be_read_is_told_by_its_size(tmp_path: Path, one: Passed, comment: str) -> None:
    _, har = written(tmp_path / "recording", one)
    (entry,) = json.loads(har.read_bytes())["log"]["entries"]
    assert (entry["request"]["postData"]["comment"], entry["request"]["bodySize"]) == (comment, 3)


BOTH = {"httpVersion", "cookies", "headers", "headersSize", "bodySize"}
HAR = {
    "log": {"version", "creator", "entries"},
    "creator": {"name", "version"},
    "entries": {"startedDateTime", "time", "request", "response", "cache", "timings"},
    "request": BOTH | {"method", "url", "queryString"},
    "response": BOTH | {"status", "statusText", "content", "redirectURL"},
    "postData": {"mimeType", "params", "text"},
    "content": {"size", "mimeType"},
    "timings": {"send", "wait", "receive"},
    "queryString": {"name", "value"},
    "headers": {"name", "value"},
    "cache": set(),
}
"""What HAR 1.2 asks for in each of its objects."""
OPTIONAL = {"entries": {"comment"}, "request": {"postData"}, "postData": {"comment"}, "content": {"text", "encoding"}}


def objects(name: str, value: object) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield all objects of a HAR file with the names that they have there."""
    if isinstance(value, list):
        for item in value:
            yield from objects(name, item)
    elif isinstance(value, dict):
        yield name, value
        for key, inner in value.items():
            yield from objects(key, inner)


@pytest.mark.parametrize("way", WAYS)
def test_it_is_what_har_1_2_asks_for(tmp_path: Path, way: str) -> None:
    _, har = written(tmp_path / "recording", WAYS[way])
    document = json.loads(har.read_bytes())
    assert document["log"]["version"] == "1.2"
    for name, held in objects("log", document["log"]):
        own = {key for key in held if not key.startswith("_")}
        assert HAR[name] <= own <= HAR[name] | OPTIONAL.get(name, {"comment"}) | {"comment"}, name
    (entry,) = document["log"]["entries"]
    assert datetime.fromisoformat(entry["startedDateTime"]).tzinfo is not None
    query = urlsplit(entry["request"]["url"]).query
    assert [(pair["name"], pair["value"]) for pair in entry["request"]["queryString"]] == parse_qsl(query)


@pytest.mark.parametrize(
    ("send", "departures"),
    [
        ({"content": GET_SITE, "headers": OF_XML}, set()),
        ({"content": GET_SITE}, {"content-type"}),
        ({"content": b"\n" + GET_SITE, "headers": OF_XML}, {"leading-blanks"}),
        ({"content": f"UID=1&XML={quote_plus(TEXT)}", "headers": FORM}, {"form-body"}),
        (
            {
                "content": TEXT.replace("</header>", "<x>\u00fc</x></header>").replace("UTF-8", "ISO-8859-1").encode(),
                "headers": OF_XML,
            },
            {"wrong-encoding"},
        ),
        ({"params": {"XML": TEXT}}, {"in-query"}),
    ],
    ids=["as documented", "no Content-Type", "blanks", "form", "encoding that lies", "address"],
)
def test_what_is_recorded_is_read_again_with_its_departures(
    between: Between, site: MockServer, send: dict[str, object], departures: set[str]
) -> None:
    lab = between(site.endpoint)
    method = "GET" if "params" in send else "POST"
    response = httpx2.request(method, lab.proxy.endpoint, **send)  # type: ignore[arg-type]
    assert read_response(response.content).result == "SUCCESS"
    ((_, verdict),) = lab.seen()
    assert (verdict.operation, verdict.result) == ("GetSite", "SUCCESS")
    assert {*verdict.departures} == departures
    reading = Reading()
    (one,) = read_traffic([lab.folder / "calls.har"], reading)
    assert {note.id for note in one.departures} == departures
    assert read_response(one.response or b"").result == "SUCCESS"
    assert one.sent is not None
    assert PASSWORD.encode() not in one.request


def test_a_profile_is_learnt_of_it_and_of_the_messages(between: Between, site: MockServer) -> None:
    lab = between(site.endpoint)
    for name, body in (("GetUser", {"webExId": "host"}), ("GetSite", {}), ("DelMeeting", {"meetingKey": "1"})):
        httpx2.post(lab.proxy.endpoint, content=build_request(operation(name), WHO, body), headers=OF_XML)
    assert [verdict.result for _, verdict in lab.seen()] == ["SUCCESS", "SUCCESS", "FAILURE 060001"]
    of_har, of_messages = (learn(read_traffic([lab.folder / name])) for name in ("calls.har", "messages"))
    assert of_har.operations.keys() == of_messages.operations.keys() == {"GetUser", "GetSite", "DelMeeting"}
    assert of_har.operations["GetUser"].reads == of_messages.operations["GetUser"].reads
    assert "//use:webExId" in (of_har.operations["GetUser"].reads or set())
    assert sorted(path.name for path in (lab.folder / "messages").iterdir())[:2] == [
        "000001-GetUser.request.xml",
        "000001-GetUser.response.xml",
    ]
    assert PASSWORD.encode() not in b"".join(lab.files.values())
    assert {path.stat().st_mode & 0o077 for path in (lab.folder, *lab.folder.rglob("*"))} == {0}


def test_the_file_is_whole_after_each_write(
    between: Between, site: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever write is the last one of a proxy that is killed."""
    lab = between(site.endpoint)
    counts = []

    def write(file: int, data: bytes, at: int, write: Callable[[int, bytes, int], int] = os.pwrite) -> int:
        size = write(file, data, at)
        counts.append(len(json.loads((lab.folder / "calls.har").read_bytes())["log"]["entries"]))
        return size

    monkeypatch.setattr(os, "pwrite", write)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: httpx2.post(lab.proxy.endpoint, content=GET_SITE), range(40)))
    lab.seen()
    assert counts == [*range(1, 41)]


def test_a_file_that_grew_large_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_LARGEST", 5000)
    one = passed(GET_SITE)
    with Recording(tmp_path / "recording") as written_down:
        for _ in range(12):
            written_down.add(one, Masker()(one), Verdict("GetSite", "SUCCESS", [], []))
        files = written_down.files
    assert [file.name for file in files[:3]] == ["calls.har", "calls-2.har", "calls-3.har"]
    assert len(list(read_traffic(files))) == 12
    assert max(file.stat().st_size for file in files) < 10_000


def test_a_folder_that_is_there_is_not_written_into(tmp_path: Path) -> None:
    with (
        Recording(tmp_path / "recording"),
        pytest.raises(UserError, match="can not be made for a recording: File exists"),
    ):
        Recording(tmp_path / "recording")


@pytest.mark.parametrize(
    ("request_", "answer", "line"),
    [
        (GET_SITE, answered(b"<html/>"), "GetSite no message NOT VALID: answer: html at 1"),
        (GET_SITE, answered(GET_SITE), "GetSite no message NOT VALID: answer: is a request"),
        (b"<a", answered(b"", status=b"500 x"), "? HTTP 500 NOT VALID: request: not-xml at 1:1"),
        (
            build_request(operation("GetUser"), WHO, {}),
            answered(b"", status=b"500 x"),
            "GetUser HTTP 500 NOT VALID: request: missing at /serv:message/serv:body/serv:bodyContent",
        ),
    ],
)
def test_what_is_not_valid_is_told_without_a_value(between: Between, request_: bytes, answer: bytes, line: str) -> None:
    with upstream(answer) as site:
        lab = between(site.endpoint)
        httpx2.post(lab.proxy.endpoint, content=request_, headers=OF_XML)
        ((_, verdict),) = lab.seen()
    assert verdict.line == line or verdict.line.startswith(f"{line} at")
    assert lab.proxy.totals.broken == 1


@pytest.mark.parametrize(
    ("strictness", "broken", "tolerated"),
    [
        ("strict", ["request: undeclared-xsi", "request: leading-blanks"], []),
        ("documented", ["request: undeclared-xsi"], ["leading-blanks"]),
        ("service", [], ["leading-blanks", "undeclared-xsi"]),
    ],
)
def test_how_strictly_requests_are_judged(
    catalog: SchemaCatalog, strictness: str, broken: list[str], tolerated: list[str]
) -> None:
    sent = passed(b"\n" + GET_SITE.replace(b'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', b""))
    verdict = Judge(catalog, DEFAULT_VERSION, Strictness(strictness))(replace(sent, status=503))
    assert (sorted(verdict.broken), verdict.departures) == (sorted(broken), tolerated)


def test_the_whole_address_is_told(catalog: SchemaCatalog) -> None:
    sent = replace(passed(GET_SITE), path=b"http://go.example.com/WBXService/XMLService", status=503)
    assert Judge(catalog, DEFAULT_VERSION)(sent).departures == ["absolute-form"]
