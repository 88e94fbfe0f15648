"""No-break spaces are blanks inside and between tags, and text in texts."""

from __future__ import annotations

import time

import pytest

from conformance.wire.blanks import mended
from conformance.wire.request import read_request

N = "\u00a0"


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("<a>b</a>", "<a>b</a>", 0),
        (f"<a{N}b='1'/>", "<a b='1'/>", 1),
        (f"<a>\n{N}{N}<b/>\n{N}</a>", "<a>\n  <b/>\n </a>", 2),
        (f"<a>{N}</a>", "<a> </a>", 1),
        (f"{N}<a/>{N}", " <a/> ", 1),
        (f"<a>b{N}c</a>", f"<a>b{N}c</a>", 0),
        (f"<a>{N}b</a>", f"<a>{N}b</a>", 0),
        (f"<a>b{N}c\n</a>\n<d{N}/>", f"<a>b{N}c\n</a>\n<d />", 3),
        (f"<a><![CDATA[{N}]]></a>", f"<a><![CDATA[{N}]]></a>", 0),
        (f"<a>\u00c2{N}<b/></a>", f"<a>\u00c2{N}<b/></a>", 0),
    ],
)
def test_where_they_are_blanks(before: str, after: str, line: int) -> None:
    data, first = mended(before.encode())
    assert data.decode() == after
    assert first == line


def test_columns_count_characters_so_they_stay_true() -> None:
    xmlns = 'xmlns:serv="http://www.webex.com/schemas/2002/06/service"'
    text = (
        f'<serv:message {xmlns}><body>{N}{N}<bodyContent xsi:type="java:x"><a>1</a></bodyContent></body></serv:message>'
    )
    request = read_request(text.encode())
    assert request.content.column == text.index("<bodyContent") + 1
    assert [departure.id for departure in request.departures] == [
        "no-break-space",
    ]


@pytest.mark.parametrize("hostile", [b"<", b">", b"> ", N.encode(), b">" + N.encode(), b"<a " + N.encode(), b"<!"])
def test_hostile_bytes_take_linear_time(hostile: bytes) -> None:
    data = hostile * (2_000_000 // len(hostile)) + N.encode()
    start = time.perf_counter()
    mended(data)
    assert time.perf_counter() - start < 5
