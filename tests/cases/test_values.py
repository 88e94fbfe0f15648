"""What ``${...}`` in case files can say, and what it can not reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.cases.values import (
    OMIT,
    Moment,
    NotCaptured,
    Unresolved,
    names_in,
    parts_in,
    resolve,
    resolve_all,
    unique,
)
from conformance.wire.times import GMT, ZONES, read_date

NOON = Moment(datetime(2020, 2, 27, 12, 0, 0, tzinfo=UTC))
SCOPE = {"now": NOON, "host": {"webExID": "kim"}, "row": {"n": "90", "none": "", "sent before": "x"}, "key": "7000"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("", ""),
        ("$5 {a} #b %}", "$5 {a} #b %}"),
        ("${key}", "7000"),
        ("key ${key}, ${host.webExID}", "key 7000, kim"),
        ("${host['webExID']}", "kim"),
        ("${row['sent before']}", "x"),
        ("${key[:2]}${key[-1]}", "700"),
        ("${row.n|int + 1}", "91"),
        ("${'a' if key == '7000' else 'b'}", "a"),
        ("${row.none or 'b'}", "b"),
        ("${1 + 1}", "2"),
        ("${'}'}", "}"),
        ("${key}\n", "7000\n"),
        ("//ep:session[ep:sessionKey='${key}']", "//ep:session[ep:sessionKey='7000']"),
    ],
)
def test_expressions(text: str, value: str) -> None:
    assert resolve(text, SCOPE) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${now}", "02/27/2020 12:00:00"),
        ("${now + minutes(5)}", "02/27/2020 12:05:00"),
        ("${now - seconds(1)}", "02/27/2020 11:59:59"),
        ("${now + days(2) + hours(12)}", "03/01/2020 00:00:00"),
        ("${now - days(366)}", "02/26/2019 12:00:00"),
        ("${now + days(0.5)}", "02/28/2020 00:00:00"),
        ("${now.zone(45)}", "02/27/2020 20:00:00"),
        ("${now.zone('4')}", "02/27/2020 04:00:00"),
        ("${(now + minutes(5)).zone(41)}", "02/27/2020 17:35:00"),
        ("${now.zone(45) + hours(5)}", "02/28/2020 01:00:00"),
        ("${now.zone(45).zone(21)}", "02/27/2020 12:00:00"),
        ("${now.zone(-1)}", "02/27/2020 12:00:00"),
        ("${(now + days(150)).zone(21)}", "07/26/2020 13:00:00"),
        ("from ${now} on", "from 02/27/2020 12:00:00 on"),
        ("${now + seconds(row.n|int)}", "02/27/2020 12:01:30"),
    ],
)
def test_moments_print_as_the_api_writes_dates(text: str, value: str) -> None:
    assert resolve(text, SCOPE) == value


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),
    st.sampled_from([0, 2, 5, 20, 9, 10, 41, 44, 45, 49, 50]),
    st.integers(0, 10_000),
)
def test_what_a_moment_prints_is_read_as_the_same_moment(at: datetime, zone: int, minutes: int) -> None:
    """In zones without daylight saving time; elsewhere one hour of the year comes twice."""
    at = at.replace(microsecond=0, tzinfo=UTC)
    text = str((Moment(at) + timedelta(minutes=minutes)).zone(zone))
    later = at + timedelta(minutes=minutes)
    off = abs(read_date(text, zone) - later)
    assert off <= timedelta(hours=1)  # zones had daylight saving time in the years before 2000
    assert off == timedelta() or at.year < 2000


def test_moments_are_gmt_unless_told_otherwise() -> None:
    assert NOON.time_zone_id == GMT
    assert len(ZONES) == 62


def test_a_name_is_given_once() -> None:
    names = [unique("user") for _ in range(50)] + [resolve("${unique('user')}", {}) for _ in range(50)]
    assert len(set(names)) == 100
    assert all(name.startswith("user") and name.isalnum() and name == name.lower() for name in names)


@pytest.mark.parametrize("text", ["${omit}", "${row.none or omit}", "${omit if row.n == '90' else 1}"])
def test_omit_is_told_from_text(text: str) -> None:
    assert resolve(text, SCOPE) is OMIT


def test_what_is_omitted_falls_out_of_mappings_and_lists() -> None:
    body = {
        "accessControl": {"meetingPassword": "${row.none or omit}", "isPublic": "true"},
        "attendees": ["${key}", "${omit}", {"person": {"email": "${omit}"}}],
        "empty": "",
    }
    assert resolve_all(body, SCOPE) == {
        "accessControl": {"isPublic": "true"},
        "attendees": ["7000", {"person": {}}],
        "empty": "",
    }


def test_names_of_elements_are_worked_out_too() -> None:
    assert resolve_all({"${host.webExID}": ["${key}"]}, SCOPE) == {"kim": ["7000"]}


@pytest.mark.parametrize(
    "text", ["${link}", "to ${link}", "${host.email}", "to ${host.email}", "${row.m}", "${link or 'x'}", "${link.a.b}"]
)
def test_a_value_that_nobody_captured_is_told_as_such(text: str) -> None:
    with pytest.raises(NotCaptured):
        resolve(text, SCOPE)


@pytest.mark.parametrize(
    "text",
    ["${", "${}", "${a b}", "${1 +}", "${'a}", "a ${ b", "${a|nofilter}", "${" + "(" * 9999 + "1" + ")" * 9999 + "}"],
)
def test_an_expression_that_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(Unresolved, match="cannot be read"):
        names_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "${1 / 0}",
        "${now + 1}",
        "${now + days('x')}",
        "${now + days(10 ** 12)}",
        "${now.zone(62)}",
        "${now.zone('Berlin')}",
        "${key + 1}",
        "${key()}",
        "${row.n|int + now}",
    ],
)
def test_an_expression_that_cannot_be_worked_out_is_told(text: str) -> None:
    for wrapped in (text, f"a {text}"):
        with pytest.raises(Unresolved) as caught:
            resolve(wrapped, SCOPE)
        assert not isinstance(caught.value, NotCaptured)
        assert wrapped in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "${host.__class__}",
        "${''.__class__.__mro__}",
        "${now.__init__.__globals__}",
        "${now.zone.__func__}",
        "${now.zone.__globals__}",
        "${now.at.__class__}",
        "${unique.__globals__}",
        "${minutes.__code__}",
        "${now|attr('__class__')}",
        "${[]|attr('__class__')}",
        "${host.pop('webExID')}",
        "${host.update(a=1)}",
        "${[].append(1)}",
        "${'{0.__class__}'.format(now)}",
        "${self.__init__}",
        "${range(10 ** 9)}",
        "${cycler}",
        "${lipsum()}",
        "${namespace()}",
        "${open('/etc/passwd')}",
        "${__import__('os')}",
    ],
)
def test_the_sandbox_has_no_way_out(text: str) -> None:
    for wrapped in (text, f"a {text}"):
        with pytest.raises(Unresolved):
            resolve(wrapped, SCOPE)
    assert SCOPE["host"] == {"webExID": "kim"}


def test_statements_and_comments_are_text() -> None:
    assert resolve("{% for x in y %}{# no #}{{ key }}", SCOPE) == "{% for x in y %}{# no #}{{ key }}"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("plain", set()),
        ("${now + minutes(5)}", {"now"}),
        ("${unique('a')}-${omit}", set()),
        ("${(now + minutes(5)).zone(row.zone)} ${meeting.key[:8]}", {"now", "row", "meeting"}),
        ("${a if b else c}", {"a", "b", "c"}),
    ],
)
def test_names_that_an_expression_needs(text: str, names: set[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("plain", set()),
        ("${now}", set()),
        ("${(now + minutes(5)).zone(row.zone)}", {("row", "zone")}),
        ("${meeting.key[:8]} ${host.webExID.lower}", {("meeting", "key"), ("host", "webExID")}),
    ],
)
def test_parts_that_an_expression_reads_off_names(text: str, parts: set[tuple[str, str]]) -> None:
    assert parts_in(text) == parts


@given(st.text())
def test_any_text_is_worked_out_or_told(text: str) -> None:
    try:
        value = resolve(text, SCOPE)
    except Unresolved:
        assert "${" in text
    else:
        assert "${" in text or value == text


@given(st.text(alphabet="${}()[]'\"|.,+-*/%~ nowkeyrow1", max_size=40))
def test_any_expression_is_worked_out_or_told(text: str) -> None:
    """Names first, as the check of a file does: what passes it can be worked out or is told."""
    for expression in (text, f"${{{text}}}"):
        try:
            names_in(expression)
            resolve(expression, {**SCOPE, "now": "noon"})
        except Unresolved:
            pass
