"""Whatever valid request is sent by whomever to a site of whatever release: the answer is a documented one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from generated import any_operation, as_sent, contents, operations, releases, schemas_of
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.mock.building import ACCOUNT_OF_ROLE, add_account, new_site
from conformance.mock.clock import Clock
from conformance.mock.dispatch import respond
from conformance.mock.server import MockServer
from conformance.mock.state import Site
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.exception_ids import unknown
from conformance.wire.names import OPERATIONS, Operation
from conformance.wire.request import Body, build_request
from conformance.wire.response import Response, read_response

ROLES = (*ACCOUNT_OF_ROLE, "anonymous")
PASSWORD = "Secret-1"
WITNESS = "witness"
"""An account that no request names, so that none of them can lock it out."""


def site_at(release: Version) -> Site:
    """Return a site with an account for each role, and nothing else but a few uses of Access Anywhere."""
    clock = Clock()
    clock.set(datetime(2020, 1, 15, 12, 0, tzinfo=UTC))
    passwords = dict.fromkeys(ACCOUNT_OF_ROLE.values(), PASSWORD)
    site = new_site("go", release, clock=clock, access_anywhere_sessions=2, passwords=passwords)
    add_account(site, WITNESS, PASSWORD, role="host")
    return site


def security_of(role: str) -> dict[str, str]:
    """Return how a role signs in."""
    name = ACCOUNT_OF_ROLE.get(role)
    return {"siteName": "go"} | ({} if name is None else {"webExID": name, "password": PASSWORD})


def ask(site: Site, operation: Operation, content: etree._Element, role: str) -> Response:
    """Send a request to a site and return its answer."""
    return read_response(respond({"go": site}, as_sent(operation, content, security_of(role))))


def is_documented(response: Response, operation: Operation, release: Version) -> bool:
    """Tell whether an answer is valid and of a kind that was seen or documented."""
    assert schemas_of(release).judge_response(response.root) == []
    if response.result == "SUCCESS":
        assert response.content_type == (operation.namespace, operation.response_type)
        return True
    assert response.result == "FAILURE"
    return bool(response.exception_id) and not unknown(response.exception_id)


def still_works(site: Site, release: Version) -> bool:
    """Tell whether a meeting can be scheduled, read and listed: no request before has left a site that fails."""

    signed_in = {"siteName": "go", "webExID": WITNESS, "password": PASSWORD}

    def call(name: str, body: Body) -> Response:
        return read_response(respond({"go": site}, build_request(OPERATIONS[name], signed_in, body)))

    created = call(
        "CreateMeeting",
        {
            "accessControl": {"meetingPassword": "Pass-1234"},
            "metaData": {"confName": "after"},
            "schedule": {"startDate": "02/01/2020 10:00:00", "duration": "20"},
        },
    )
    assert created.result == "SUCCESS"
    key = created.content.findtext("{*}meetingkey")
    read = call("GetMeeting", {"meetingKey": key})
    listed = call("LstsummarySession", {"listControl": {"maximumNum": "500"}})
    for response in (created, read, listed):
        assert schemas_of(release).judge_response(response.root) == []
    return read.result == listed.result == "SUCCESS" and key in "".join(listed.root.itertext())


class TestEveryOperation:
    @pytest.mark.parametrize("name", OPERATIONS)
    def test_answers_what_is_documented(self, name: str) -> None:
        operation = OPERATIONS[name]

        @settings(max_examples=8)
        @given(releases, st.sampled_from(ROLES), st.booleans(), st.data())
        def check(release: Version, role: str, telling: bool, data: st.DataObject) -> None:
            if not schemas_of(release).knows(operation):
                release = DEFAULT_VERSION
            content = data.draw(contents(operation, release, telling=telling))
            response = ask(site_at(release), operation, content, role)
            assert is_documented(response, operation, release)

        check()


class TestConversation:
    @settings(max_examples=40)
    @given(releases, st.data())
    def test_leaves_a_site_that_works(self, release: Version, data: st.DataObject) -> None:
        site = site_at(release)
        for _ in range(data.draw(st.integers(1, 6))):
            operation = data.draw(st.sampled_from(operations(release)))
            content = data.draw(contents(operation, release, telling=True))
            role = data.draw(st.sampled_from(ROLES))
            assert is_documented(ask(site, operation, content, role), operation, release)
        assert still_works(site, release)


class TestOverASocket:
    @settings(max_examples=8)
    @given(any_operation(), st.sampled_from(ROLES), st.data())
    def test_the_answer_is_documented_too(
        self, mock_server: MockServer, wanted: tuple[Operation, Version], role: str, data: st.DataObject
    ) -> None:
        import urllib.request

        operation, _ = wanted
        content = data.draw(contents(operation, DEFAULT_VERSION))
        call = urllib.request.Request(mock_server.endpoint, as_sent(operation, content, {"siteName": "nowhere"}))
        with urllib.request.urlopen(call, timeout=10) as answer:
            assert answer.status == 200
            assert is_documented(read_response(answer.read()), operation, DEFAULT_VERSION)
