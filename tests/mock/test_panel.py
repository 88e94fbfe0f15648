"""The panel."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from conformance.mock.server import MockServer
from conformance.wire.response import read_response


@pytest.fixture
def panel(server):
    with httpx2.Client(base_url=server.panel_url, timeout=10) as client:
        yield client


@pytest.fixture
def go(server, make_site):
    return server.add_site(make_site(access_anywhere_sessions=1))


def test_there_is_none_unless_asked_for():
    with MockServer() as server:
        assert server.panel_url is None
        assert httpx2.get(f"{server.base_url}/sites").status_code == 404


class TestSites:
    @pytest.mark.usefixtures("go")
    def test_which_there_are(self, panel):
        assert panel.get("/sites").json() == {"sites": [{"name": "go", "version": "40.4.3"}]}

    def test_a_new_one_tells_its_passwords_once(self, server, panel, client, as_bytes):
        settings = {"session_passwords_required": False}
        wanted = {"name": "Acme", "version": "40.2.0", "settings": settings, "offset_seconds": 3600}
        response = panel.post("/sites", json=wanted)
        made = response.json()
        assert (response.status_code, made["name"], made["version"]) == (201, "Acme", "40.2.0")
        assert made["endpoint"] == server.endpoint
        site = server.sites["acme"]
        assert site.settings.session_passwords_required is False
        assert site.clock.offset == timedelta(hours=1)
        host = made["accounts"]["host"]
        data = as_bytes("acme", "GetUser", "", host["webExID"], host["password"])
        assert read_response(client.post(server.endpoint, content=data).content).result == "SUCCESS"

    def test_the_newest_version_unless_told(self, server, panel):
        panel.post("/sites", json={"name": "acme"})
        assert server.sites["acme"].version == "40.4.3"

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ("", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
            ("[]", "Input should be an object"),
            ("{}", "name: Field required"),
            ('{"name": "a b"}', "name: String should match pattern '^[A-Za-z0-9-]{1,63}$'"),
            ('{"name": "GO"}', "there is a site 'GO' already"),
            ('{"name": "a", "version": "x"}', "'x' is not an API version; write it like 40.4.3"),
            ('{"name": "a", "verson": "40"}', "unknown key 'verson', did you mean 'version'?"),
            (
                '{"name": "a", "settings": {"session_password_required": true}}',
                "unknown key 'settings.session_password_required', did you mean 'session_passwords_required'?",
            ),
            ('{"name": "a", "offset_seconds": NaN}', "offset_seconds: Input should be a finite number"),
            (
                '{"name": "a", "offset_seconds": 1e30}',
                "offset_seconds: Input should be less than or equal to 3153600000",
            ),
        ],
    )
    @pytest.mark.usefixtures("go")
    def test_what_is_no_site(self, server, panel, body, sentence):
        response = panel.post("/sites", content=body)
        assert (response.status_code, response.json()) == (400, {"error": sentence})
        assert list(server.sites) == ["go"]

    def test_a_body_without_end(self, panel):
        assert panel.post("/sites", content=b"x" * 70_000).status_code == 413

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/sites/nowhere"),
            ("POST", "/sites/nowhere/reset"),
            ("GET", "/sites/nowhere/clock"),
            ("POST", "/sites/nowhere/clock"),
            ("DELETE", "/sites/nowhere/outbox"),
        ],
    )
    def test_unknown_sites(self, panel, method, path):
        response = panel.request(method, path)
        assert (response.status_code, response.json()) == (404, {"error": "there is no site 'nowhere'"})

    def test_other_addresses_and_methods(self, panel):
        assert panel.get("/").status_code == 404
        assert panel.delete("/sites").json() == {"error": "Method Not Allowed"}


class TestState:
    def test_all_but_secrets(self, panel, go, ask):
        ticket = ask(go, "AuthenticateUser", caller="host").text("use:sessionTicket")
        response = panel.get("/sites/GO")
        state = response.json()
        assert state["accounts"]["host"]["email"] == "host@example.com"
        assert state["accounts"]["host"]["password"] == "******"
        assert [entry["owner"] for entry in state["tickets"]] == ["host"]
        assert state["settings"] == asdict(go.settings)
        assert (state["strictness"], "defect" in state, "gate" in state) == ("service", False, False)
        assert state["changes"] == []
        assert state["access_anywhere"][0]["host"] == "host"
        assert "_numbers" not in state
        for secret in ("hostpass", "adminpass", "attpass", ticket):
            assert secret not in response.text

    def test_sessions_are_shown(self, panel, go, ask):
        start = (datetime.now(UTC) + timedelta(days=1)).strftime("%m/%d/%Y %H:%M:%S")
        body = {"metaData": {"confName": "Weekly"}, "accessControl": {"meetingPassword": "Abc12345"}}
        created = ask(go, "CreateMeeting", body | {"schedule": {"startDate": start}}, caller="host")
        assert created.code is None
        (session,) = panel.get("/sites/go").json()["sessions"].values()
        assert (session["name"], session["kind"]) == ("Weekly", "MeetingCenter")

    def test_reset(self, panel, go, ask):
        ask(go, "DelUser", {"webExId": "host"})
        assert panel.post("/sites/go/reset").status_code == 204
        assert go.account("host").active


class TestClock:
    def test_offset_advance_and_moment(self, panel, go):
        assert panel.post("/sites/go/clock", json={"offset_seconds": -60}).json()["offset_seconds"] == -60
        assert panel.post("/sites/go/clock", json={"advance_seconds": 90}).json()["offset_seconds"] == 30
        shown = panel.post("/sites/go/clock", json={"now": "2020-04-01T12:00:00+02:00"}).json()
        assert shown["now"].startswith("2020-04-01T10:00:0")
        assert abs(go.clock.now() - datetime(2020, 4, 1, 10, tzinfo=UTC)) < timedelta(seconds=30)
        assert panel.get("/sites/go/clock").json()["now"].startswith("2020-04-01T10:00:")

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ({}, "give exactly one of offset_seconds, advance_seconds and now"),
            ({"offset_seconds": None}, "give exactly one of offset_seconds, advance_seconds and now"),
            (
                {"offset_seconds": 1, "advance_seconds": 1},
                "give exactly one of offset_seconds, advance_seconds and now",
            ),
            ({"now": "2020-04-01T12:00:00"}, "now: Input should have timezone info"),
            ({"now": "9999-12-31T23:59:59-12:00"}, "a site's clock may be off by 100 years at most"),
            ({"advance_seconds": 1e300}, "a site's clock may be off by 100 years at most"),
            ({"offset": 1}, "unknown key 'offset', did you mean 'offset_seconds'?"),
        ],
    )
    def test_what_is_no_time(self, panel, go, body, sentence):
        response = panel.post("/sites/go/clock", json=body)
        assert (response.status_code, response.json()) == (400, {"error": sentence})
        assert go.clock.offset == timedelta()


class TestOutbox:
    def test_is_shown_and_emptied(self, panel, go, ask):
        new = {"webExId": "ann", "email": "ann@example.com", "password": "secret", "sendWelcome": "true"}
        ask(go, "CreateUser", new)
        (mail,) = panel.get("/sites/go/outbox").json()["mails"]
        assert (mail["to"], mail["html"], mail["language"]) == ("ann@example.com", False, "en")
        assert panel.delete("/sites/go/outbox").status_code == 204
        assert panel.get("/sites/go/outbox").json() == {"mails": []}
        assert go.outbox == []
