"""Faults of the mock: how they are asked for, and which calls suffer them."""

from __future__ import annotations

from collections.abc import Callable

import httpx2
import pytest

from conformance.errors import UserError
from conformance.mock.faults import FAULTS, Faults, listed, switched
from conformance.mock.server import MockServer
from conformance.mock.state import Site
from conformance.wire.limits import MAX_BODY
from conformance.wire.names import OPERATIONS, operation
from conformance.wire.request import build_request, read_request
from conformance.wire.response import read_response

Post = Callable[..., httpx2.Response]


@pytest.fixture
def having(server: MockServer, make_site: Callable[..., Site]):
    """Let the server have faults, with a site as new, until the end of the test."""

    def have(*asked: str) -> MockServer:
        server.add_site(make_site())
        server.faults.set(asked)
        return server

    yield have
    server.faults.set(())


class TestAskedFor:
    @pytest.mark.parametrize(
        ("asked", "operation", "calls", "value"),
        [
            ("503", "*", 1, "2"),
            (" 503 ", "*", 1, "2"),
            ("503=", "*", 1, ""),
            ("503:GetUser", "GetUser", 1, "2"),
            ("503:Get*", "Get*", 1, "2"),
            ("503@3", "*", 3, "2"),
            ("503@2-4", "*", range(2, 5), "2"),
            ("503:GetUser@1-1=Wed, 21 Oct 2015 07:28:00 GMT", "GetUser", range(1, 2), "Wed, 21 Oct 2015 07:28:00 GMT"),
            ("login-page=https://login.example.com:8443/a?b=c@d", "*", 1, "https://login.example.com:8443/a?b=c@d"),
        ],
    )
    def test_it_is_read(self, asked: str, operation: str, calls: int | range, value: str) -> None:
        one = switched(asked)
        assert (one.operation, one.calls, one.value, one.asked) == (operation, calls, value, asked)

    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            ("html500", "unknown fault 'html500', did you mean 'html-500'?"),
            ("", "'' is no fault; write NAME[:OPERATION][@N or @FIRST-LAST][=VALUE]"),
            ("503@x", "'503@x' is no fault; write NAME[:OPERATION][@N or @FIRST-LAST][=VALUE]"),
            ("503@0", "'503@0' befalls no call; calls are counted from 1"),
            ("503@3-2", "'503@3-2' befalls no call; calls are counted from 1"),
            ("503:GetUsr", "unknown operation 'GetUsr', did you mean 'GetUser'?"),
            ("quota:GetUser", "the fault quota befalls only CreateUser, SetUser, not GetUser"),
            ("bom=1", "the fault bom takes no value"),
            ("503=\r\nX-Evil: 1", "the value of 503 can hold no control characters and nothing beyond Latin-1"),
            ("503=\u20ac", "the value of 503 can hold no control characters and nothing beyond Latin-1"),
            ("slow-read-after-write=soon", "'soon' is no number of seconds"),
            ("slow-read-after-write=nan", "'nan' is no number of seconds"),
        ],
    )
    def test_what_is_none_is_refused(self, asked: str, told: str) -> None:
        with pytest.raises(UserError) as refused:
            switched(asked)
        assert str(refused.value) == told

    def test_a_server_is_not_made_with_what_is_none(self) -> None:
        with pytest.raises(UserError, match="unknown fault"):
            MockServer(faults=["nosuch"])

    def test_where_one_of_several_is_none_nothing_changes(self) -> None:
        faults = Faults(["503"])
        with pytest.raises(UserError):
            faults.set(["502", "nosuch"])
        assert [one.asked for one in faults] == ["503"]

    def test_all_are_listed_in_the_order_of_their_numbers(self) -> None:
        lines = list(listed())
        assert [line.split()[0] for line in lines] == list(FAULTS)
        numbers = [int(line.split()[1]) for line in lines]
        assert numbers == sorted(numbers)
        assert all(line.isprintable() and len(line) < 160 for line in lines)

    def test_patterns_of_operations_befall_some(self) -> None:
        for fault in FAULTS.values():
            for name in OPERATIONS:
                request = read_request(build_request(operation(name), {"siteName": "go"}, {}))
                if switched(fault.name).befalls(request):
                    break
            else:
                pytest.fail(f"{fault.name} befalls nothing")


class TestSuffered:
    def test_every_call_suffers_it_until_it_is_off(self, having, post: Post) -> None:
        server = having("503=7")
        answer = post(server, "go", "GetAPIVersion", caller=None)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
        server.faults.set(())
        assert post(server, "go", "GetAPIVersion", caller=None).status_code == 200

    def test_each_third_call(self, having, post: Post) -> None:
        server = having("503@3")
        seen = [post(server, "go", "GetAPIVersion", caller=None).status_code for _ in range(7)]
        assert seen == [200, 200, 503, 200, 200, 503, 200]

    def test_the_first_calls_of_one_operation(self, having, post: Post) -> None:
        server = having("503:GetUser@1-2")
        calls = ["GetAPIVersion", "GetUser", "GetSite", "GetUser", "GetUser"]
        seen = [post(server, "go", name).status_code for name in calls]
        assert seen == [200, 503, 200, 503, 200]

    def test_an_operation_by_a_pattern(self, having, post: Post) -> None:
        server = having("403:*User")
        assert post(server, "go", "GetUser").status_code == 403
        assert post(server, "go", "GetSite").status_code == 200

    def test_several_befall_a_call_from_the_inside_out(self, having, post: Post) -> None:
        server = having("unknown-exception=E1", "bom")
        answer = post(server, "go", "GetUser")
        assert answer.content.startswith(b"\xef\xbb\xbf<?xml")
        assert read_response(answer.content).exception_id == "E1"

    def test_bytes_that_are_no_request_suffer_it_too(self, having, client: httpx2.Client) -> None:
        server = having("maintenance")
        answer = client.post(server.endpoint, content=b"<broken")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")

    def test_other_faults_leave_them_alone(self, having, client: httpx2.Client) -> None:
        for one in FAULTS.values():
            answer = client.post(
                having(f"{one.name}:DelUser" if one.operations == ("*",) else one.name).endpoint, content=b"<"
            )
            assert read_response(answer.content).exception_id == "000000"

    @pytest.mark.parametrize("name", list(FAULTS))
    def test_no_fault_breaks_the_mock_whatever_is_asked(self, having, client: httpx2.Client, name: str) -> None:
        """An error of the application would be a 500 without a page of ours."""
        server = having(name)
        empty = build_request(operation("GetUser"), {}, {})
        for data in (b"<broken", empty, build_request(operation("DelMeeting"), {"siteName": "nosuch"}, {})):
            with client.stream("POST", server.endpoint, content=data) as answer:
                body = next(answer.iter_bytes(65536), b"")
            assert body != b"Internal Server Error"
            assert (answer.status_code == 500) == (name == "html-500")

    def test_a_request_that_is_too_large_is_refused_before(self, having, client: httpx2.Client) -> None:
        assert client.post(having("503").endpoint, content=b" " * (MAX_BODY + 1)).status_code == 413
