"""Recordings: what is read of HAR files, files of XML and results of runs, and what becomes of hostile ones."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from traffic_lab import SENT, answer, entry, har, meeting, request

from conformance.errors import UserError
from conformance.traffic import read
from conformance.traffic.model import Recorded
from conformance.traffic.read import Reading, read_traffic

GET_USER = request("GetUser", {"webExId": "kim"})
USER = answer("GetUser", {"webExId": "kim", "email": "kim@example.com"})


def read_all(*paths: Path) -> tuple[list[Recorded], Reading]:
    reading = Reading()
    return list(read_traffic(paths, reading)), reading


def refused(*paths: Path) -> str:
    with pytest.raises(UserError) as error:
        read_all(*paths)
    return str(error.value)


class TestHar:
    def test_a_request_with_its_answer_and_its_time(self, tmp_path: Path) -> None:
        path = har(tmp_path / "calls.har", [entry(GET_USER.decode(), USER)])
        (recorded,), reading = read_all(path)
        assert recorded == Recorded(f"{path}: entry 1", GET_USER.replace(b"?>", b"?>"), USER, SENT)
        assert (reading.requests, reading.others, reading.files) == (1, 0, ["calls.har"])

    def test_other_entries_are_counted_and_keep_their_numbers(self, tmp_path: Path) -> None:
        login = entry("user=kim&password=s3cret")
        page = entry(None)
        json_call = entry('{"a": 1}')
        other_xml = entry("<html><body/></html>")
        path = har(tmp_path / "calls.har", [login, page, entry(GET_USER.decode()), json_call, other_xml])
        (recorded,), reading = read_all(path)
        assert recorded.place == f"{path}: entry 3"
        assert (reading.others, reading.unread) == (4, [])

    @pytest.mark.parametrize(
        "asked",
        [
            {"postData": {"text": f"UID=1&XML={quote_plus(GET_USER)}"}},
            {"postData": {"params": [{"name": "UID", "value": "1"}, {"name": "XML", "value": GET_USER.decode()}]}},
            {"postData": {"params": [{"name": "XML", "value": quote_plus(GET_USER)}]}},
            {"postData": {"text": base64.b64encode(GET_USER).decode(), "encoding": "base64"}},
            {"method": "GET", "url": f"https://sample.example.com/x?XML={quote_plus(GET_USER)}"},
            {"postData": {"text": "\n " + GET_USER.decode()}},
            {"postData": {"text": GET_USER.decode().replace("UTF-8", "ISO-8859-1")}},
        ],
        ids=["form", "parameters", "encoded parameter", "base64", "address", "blanks", "text of another encoding"],
    )
    def test_each_way_in_which_a_message_is_carried(self, tmp_path: Path, asked: dict[str, Any]) -> None:
        call = {"request": {"method": "POST", "url": "https://sample.example.com/x", **asked}}
        (recorded,), _ = read_all(har(tmp_path / "calls.har", [call]))
        assert recorded.request.strip().endswith(GET_USER.partition(b"?>\n")[2])
        assert recorded.sent is None

    def test_a_text_says_nothing_of_the_encoding_that_was_sent(self, tmp_path: Path) -> None:
        text = request("GetUser", {"webExId": "ü"}).decode().replace("UTF-8", "ISO-8859-1")
        (recorded,), _ = read_all(har(tmp_path / "calls.har", [entry(text)]))
        assert recorded.departures == ()
        assert "ü".encode() in recorded.request

    def test_an_answer_in_base64(self, tmp_path: Path) -> None:
        call = entry(GET_USER.decode(), USER)
        call["response"]["content"] = {"encoding": "base64", "text": base64.b64encode(USER).decode()}
        (recorded,), _ = read_all(har(tmp_path / "calls.har", [call]))
        assert recorded.response == USER

    @pytest.mark.parametrize("time", ["2026-11-22T12:00:00", "yesterday", None, 7, ["x"]])
    def test_a_time_that_is_none_is_not_known(self, tmp_path: Path, time: Any) -> None:
        (recorded,), _ = read_all(har(tmp_path / "calls.har", [entry(GET_USER.decode(), startedDateTime=time)]))
        assert recorded.sent is None

    @pytest.mark.parametrize("response", [None, 7, {}, {"content": 7}, {"content": {"text": 7}}, {"content": []}])
    def test_an_answer_that_is_none_is_not_there(self, tmp_path: Path, response: Any) -> None:
        call = {**entry(GET_USER.decode()), "response": response}
        (recorded,), _ = read_all(har(tmp_path / "calls.har", [call]))
        assert recorded.response is None

    def test_a_message_that_can_not_be_read_is_told_with_its_reason(self, tmp_path: Path) -> None:
        broken = GET_USER.decode().replace("kim</webExId>", "p&ss</webExId>")
        path = har(tmp_path / "calls.har", [entry(broken), entry("XML=%3Cx"), 7, {"request": []}])
        requests, reading = read_all(path)
        assert requests == []
        assert [unread.place.partition(": ")[2] for unread in reading.unread] == [f"entry {n}" for n in (1, 2, 3, 4)]
        assert reading.unread[0].reason.startswith("not XML: not well-formed (invalid token) at 2:")
        assert "s3cret" not in str(reading)

    def test_what_can_not_be_read_is_kept_up_to_a_limit(self, tmp_path: Path) -> None:
        _, reading = read_all(har(tmp_path / "calls.har", [7] * (read.MAX_UNREAD + 3)))
        assert (len(reading.unread), reading.unread_more) == (read.MAX_UNREAD, 3)

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b'{"log":\n  {"entries": [}', "2:16: not JSON: Expecting value"),
            (b'{"log": {"entries": []}} x', "1:26: not JSON: Extra data"),
            (b'{"log": {}}', "1:1: not a HAR file: found no 'log' with a list of 'entries'; export it as HAR 1.2"),
            (b'{"log": {"entries": {}}}', "1:1: not a HAR file: found no 'log'"),
            (b"[]", "1:1: not a HAR file"),
            (b'{"a":\n"\xff"}', "2:2: not JSON: byte 0xff is not UTF-8"),
            (b'{"a":' * 200_000, "1:1: not a HAR file: it is nested too deeply"),
            (b"[" * 200_000, "1:1: not a HAR file: it is nested too deeply"),
            (b'{"a": ' + b"9" * 5000 + b"}", "1:1: not a HAR file: it holds a number that is too long"),
        ],
    )
    def test_what_is_no_har_is_refused_with_the_place(self, tmp_path: Path, data: bytes, told: str) -> None:
        path = tmp_path / "calls.har"
        path.write_bytes(data)
        assert refused(path).startswith(f"{path}:{told}")

    def test_a_file_that_is_too_big_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = har(tmp_path / "calls.har", [entry(GET_USER.decode())])
        monkeypatch.setattr(read, "MAX_HAR", 100)
        assert refused(path) == f"{path}: the file has more than 100 bytes; record less, or split it"

    def test_a_file_of_too_many_values_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "calls.har"
        path.write_text(f'{{"log": {{"entries": [{"[],[]," * 50}0]}}}}')
        monkeypatch.setattr(read, "MAX_VALUES", 100)
        assert refused(path) == f"{path}:1:1: the file holds more than 100 values; record less, or split it"

    def test_lone_surrogates_end_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "calls.har"
        text = GET_USER.decode().replace("kim</webExId>", "\ud800</webExId>")
        path.write_text(json.dumps({"log": {"entries": [entry(text)]}}))
        (recorded,), _ = read_all(path)
        assert b"<webExId>?</webExId>" in recorded.request


class TestXml:
    def test_a_folder_of_requests_with_their_answers(self, tmp_path: Path) -> None:
        (tmp_path / "b").mkdir()
        for name, data in {
            "b/user.request.xml": GET_USER,
            "b/user.response.xml": USER,
            "a.xml": meeting(),
            "lonely.response.xml": USER,
            "notes.txt": b"nothing",
            "other.xml": b"<html/>",
        }.items():
            (tmp_path / name).write_bytes(data)
        requests, reading = read_all(tmp_path)
        assert [(one.place, one.response, one.sent) for one in requests] == [
            (str(tmp_path / "a.xml"), None, None),
            (str(tmp_path / "b" / "user.request.xml"), USER, None),
        ]
        assert (reading.requests, reading.others) == (2, 2)

    def test_any_file_that_is_named_is_looked_into(self, tmp_path: Path) -> None:
        path = tmp_path / "dump.txt"
        path.write_bytes(b"POST /x HTTP/1.1\r\nCookie: s3cret\r\n\r\nXML=" + quote_plus(GET_USER).encode())
        (recorded,), _ = read_all(path)
        assert recorded.request == GET_USER
        assert [note.id for note in recorded.departures] == ["content-type", "form-body"]

    @pytest.mark.parametrize("data", [b"", b"nothing", b"\0" * 100, b"\x89PNG\r\n", b"<html/>"])
    def test_a_file_of_something_else_is_counted(self, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "x.xml"
        path.write_bytes(data)
        requests, reading = read_all(path)
        assert (requests, reading.others, reading.unread) == ([], 1, [])

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"<!DOCTYPE a [<!ENTITY x 'y'>]><message><body><bodyContent/></body></message>", "a DOCTYPE"),
            (b"<message><body><bodyContent>" + b"<a>" * 300, "elements are nested deeper than"),
            (GET_USER[:-5], "not XML: "),
            (b"<message><header><securityContext/></header><bodyContent/></message>", "the root is <message>"),
        ],
        ids=["entities", "deep", "cut off", "no body"],
    )
    def test_a_hostile_message_is_told(self, tmp_path: Path, data: bytes, reason: str) -> None:
        path = tmp_path / "x.xml"
        path.write_bytes(data)
        requests, reading = read_all(path)
        assert requests == []
        assert [unread.reason[: len(reason)] for unread in reading.unread] == [reason]

    def test_names_of_files_are_shown_so_that_no_terminal_acts_on_them(self, tmp_path: Path) -> None:
        path = tmp_path / "e\x1b[2Jvil.xml"
        path.write_bytes(GET_USER)
        (recorded,), reading = read_all(path)
        assert "\x1b" not in recorded.place + "".join(reading.files)

    def test_what_is_not_there_or_no_file_is_refused(self, tmp_path: Path) -> None:
        assert refused(tmp_path / "gone").endswith("gone: no such file or folder")
        os.mkfifo(tmp_path / "pipe")
        assert refused(tmp_path / "pipe").endswith("pipe: is neither a file nor a folder")
        os.mkfifo(tmp_path / "pipe.xml")
        assert read_all(tmp_path)[0] == []

    @pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
    def test_what_may_not_be_read_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "x.xml"
        path.write_bytes(GET_USER)
        path.chmod(0)
        assert refused(path).endswith("x.xml: cannot be read: Permission denied")

    def test_a_folder_of_too_many_files_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(read, "MAX_FILES", 2)
        for number in range(3):
            (tmp_path / f"{number}.xml").write_bytes(GET_USER)
        assert refused(tmp_path).endswith("more than 2 files; name a smaller folder")


def line(kind: str, **values: Any) -> str:
    return json.dumps({"kind": kind, **values}) + "\n"


def step(text: str, started: str = "2026-11-22T12:00:00.000+00:00", response: str = "") -> dict[str, Any]:
    return {"name": "x", "request": text, "response": response, "started": started}


class TestResults:
    def write(self, tmp_path: Path, text: str) -> Path:
        path = tmp_path / "results.jsonl"
        path.write_text(text, encoding="utf-8")
        return path

    def test_each_step_with_a_request_is_read(self, tmp_path: Path) -> None:
        steps = [step(GET_USER.decode(), response=USER.decode()), step(""), step(meeting().decode(), started="")]
        path = self.write(tmp_path, line("header") + line("case", id="a", steps=steps) + line("footer"))
        requests, _ = read_all(path)
        assert [(one.place, one.sent, one.response) for one in requests] == [
            (f"{path}:2: step 1", SENT, USER),
            (f"{path}:2: step 3", None, None),
        ]

    def test_times_are_those_of_the_sites_clock(self, tmp_path: Path) -> None:
        header = line("header", clock_offset_seconds=3600.0)
        path = self.write(tmp_path, header + line("case", steps=[step(GET_USER.decode())]))
        assert read_all(path)[0][0].sent == SENT + timedelta(hours=1)

    @pytest.mark.parametrize("ahead", ["x", None, 1e300, [], True])
    def test_a_clock_that_is_none_changes_nothing(self, tmp_path: Path, ahead: Any) -> None:
        header = line("header", clock_offset_seconds=ahead)
        path = self.write(tmp_path, header + line("case", steps=[step(GET_USER.decode())]))
        sent = read_all(path)[0][0].sent
        assert sent is not None
        assert abs(sent - SENT) <= timedelta(seconds=1)

    def test_a_time_at_the_end_of_time_is_not_known(self, tmp_path: Path) -> None:
        last = datetime.max.replace(tzinfo=UTC).isoformat()
        header = line("header", clock_offset_seconds=3600)
        path = self.write(tmp_path, header + line("case", steps=[step(GET_USER.decode(), started=last)]))
        assert read_all(path)[0][0].sent is None

    def test_a_line_that_a_kill_cut_off_ends_the_file(self, tmp_path: Path) -> None:
        path = self.write(tmp_path, line("header") + line("case", steps=[step(GET_USER.decode())])[:-20])
        assert read_all(path)[0] == []

    @pytest.mark.parametrize("broken", ["{\n", "7\n", '{"kind": "else"}\n', '{"kind": "case"'[:6] + "\n", "[" * 99999])
    def test_another_broken_line_is_refused(self, tmp_path: Path, broken: str) -> None:
        path = self.write(tmp_path, line("header") + broken.rstrip("\n") + "\n" + line("footer"))
        assert refused(path) == f"{path}:2: not a line of results.jsonl: no header, case or footer"

    def test_a_line_without_end_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(read, "MAX_LINE", 50)
        assert refused(self.write(tmp_path, "x" * 60)).endswith(":1: the line has 50 bytes or more")

    @pytest.mark.parametrize("steps", [None, 7, {}, [7, None], [{"request": 7}]])
    def test_steps_of_another_shape_hold_no_requests(self, tmp_path: Path, steps: Any) -> None:
        assert read_all(self.write(tmp_path, line("case", steps=steps)))[0] == []


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=200), suffix=st.sampled_from(["har", "xml", "jsonl"]), head=st.sampled_from([b"", b"{"]))
def test_no_file_does_more_than_be_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, suffix: str, head: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / f"x.{suffix}"
    path.write_bytes(head + data)
    try:
        requests, _ = read_all(path)
    except UserError as error:
        assert str(error).startswith(str(path))  # noqa: PT017 - either is right
        return
    assert requests == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["request", "postData", "text", "params", "url", "response", "content"]), inner
        )
    ),
    max_leaves=15,
)


@settings(max_examples=60, deadline=None)
@given(entries=st.lists(_JSON, max_size=4))
def test_entries_of_any_shape_are_counted_or_told(tmp_path_factory: pytest.TempPathFactory, entries: list[Any]) -> None:
    requests, reading = read_all(har(tmp_path_factory.mktemp("any") / "x.har", entries))
    assert len(requests) + reading.others + len(reading.unread) == len(entries)
