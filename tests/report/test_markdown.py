"""summary.md: short, complete in what matters, and inert whatever a site has put into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from conformance.cases.load import load_change, plan
from conformance.report.markdown import MAX_LINES, Summary, inert
from conformance.report.stream import Catalogue, Footer, Header
from conformance.run.verdicts import CaseResult, Verdict

HEADER = Header(
    run="2026-11-22T17-05-09Z-40.4.3",
    started="2026-11-22T17:05:09+00:00",
    suite_version="0.1.0",
    site="staging",
    endpoint="https://api.webex.example.com/WBXService/XMLService",
    api_version="40.4.3",
    told_version="40.4.3",
    mock_version="",
    schema_release="40.4.3",
    schemas_digest="",
    cases_digest="",
    clock_offset_seconds=0.0,
    planned=0,
)
CASE = "- name: {name}\n  request: {{DelUser: {{webExId: x}}}}\n  before: {{result: FAILURE}}\n"

Write = Callable[..., Path]


def result(change: str, name: str, verdict: Verdict, reason: str = "", **more: object) -> CaseResult:
    """Return a result."""
    return replace(CaseResult(f"{change}::{name}", change, verdict, "expect", reason), **more)


def summary(
    folder: Path,
    results: Sequence[CaseResult],
    header: Header = HEADER,
    catalogue: Catalogue | None = None,
    *,
    remarks: Sequence[str] = (),
    left: Sequence[str] | None = None,
) -> list[str]:
    """Return the lines of the summary of a run with these results."""
    writer = Summary(folder / "summary.md")
    writer.started(replace(header, planned=header.planned or len(results)), catalogue or Catalogue())
    for one in results:
        writer.case(one)
    writer.finished(Footer({}, 0, 12.34, 0, tuple(remarks), left))
    text = (folder / "summary.md").read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    return text.splitlines()


def catalogue(
    write_cases: Write, folder: Path, impact: str = "Clients break.", advice: str = "Mend them."
) -> Catalogue:
    """Return a catalogue of the change ``40.2.0/one``."""
    file = write_cases(CASE.format(name="a") + CASE.format(name="b"))
    text = file.read_text().replace("Clients of one break.", impact).replace("Mend them.", advice)
    file.write_text(text)
    change = load_change(file)
    return Catalogue({change.id: change}, {case.id: case for case in plan(change)})


class TestContent:
    def test_a_run_that_is_as_documented(self, tmp_path: Path) -> None:
        assert summary(tmp_path, [result("40.2.0/one", "a", Verdict.PASS)]) == [
            "## AS DOCUMENTED: 1 documented change holds",
            "",
            "Site staging, held to 40.4.3; run 2026-11-22T17-05-09Z-40.4.3",
            "",
            "1 PASS; all cases ran, 12.3 s",
        ]

    def test_what_broke_whom_it_breaks_and_what_to_change(self, tmp_path: Path, write_cases: Write) -> None:
        results = [result("40.2.0/one", "a", Verdict.FAIL), result("40.2.0/one", "b", Verdict.PASS)]
        lines = summary(tmp_path, results, catalogue=catalogue(write_cases, tmp_path))
        assert lines[0] == "## NOT AS DOCUMENTED: 1 of 1 documented changes do not hold"
        assert lines[4] == "1 FAIL, 1 PASS; all cases ran, 12.3 s"
        assert lines[6] == "- ❌ **40.2.0 one changes** (1 of 2 cases): Clients break. → Mend them."

    def test_a_change_that_may_be_there_early_is_named_so(self, tmp_path: Path, write_cases: Write) -> None:
        failed = replace(result("40.2.0/one", "a", Verdict.FAIL), side="before")
        lines = summary(tmp_path, [failed], catalogue=catalogue(write_cases, tmp_path))
        assert "The site may have it already. Clients break." in lines[6]

    def test_a_change_that_is_not_in_the_catalogue_is_told_by_its_id(self, tmp_path: Path) -> None:
        lines = summary(tmp_path, [result("40.2.0/one", "a", Verdict.FAIL)])
        assert lines[6] == "- ❌ **40.2.0/one** (1 of 1 cases)"

    def test_what_could_not_be_told_is_told_once_a_reason_the_most_frequent_first(self, tmp_path: Path) -> None:
        results = [
            result("40.2.0/one", "a", Verdict.BLOCKED, "fixture failed"),
            result("40.2.0/one", "b", Verdict.INCONCLUSIVE, "deadline: no answer within 5 s"),
            *(result("40.2.0/one", f"r{n}", Verdict.INCONCLUSIVE, f"reset: after {n} bytes") for n in range(3)),
            result("40.2.0/one", "c", Verdict.SUITE_ERROR, "RuntimeError: boom"),
        ]
        assert summary(tmp_path, results)[6:10] == [
            "- 💥 SUITE ERROR, 1 case: RuntimeError: boom",
            "- ❓ INCONCLUSIVE, 3 cases: reset: after 0 bytes",
            "- ❓ INCONCLUSIVE, 1 case: deadline: no answer within 5 s",
            "- ⛔ BLOCKED, 1 case: fixture failed",
        ]

    def test_a_mock_that_is_another_and_a_site_that_says_another_are_told(self, tmp_path: Path) -> None:
        header = replace(HEADER, site="mock", mock_version="40.2.0", told_version="40.2.0")
        lines = summary(tmp_path, [], header)
        assert lines[2].startswith("Site mock, held to 40.4.3, really 40.2.0, says it is 40.2.0; run ")

    def test_a_run_that_was_cut_short_says_so(self, tmp_path: Path) -> None:
        lines = summary(tmp_path, [result("40.2.0/one", "a", Verdict.PASS)], replace(HEADER, planned=3))
        assert lines[0] == "## COULD NOT TELL: only 1 of 3 cases ran"
        assert "1 of 3 cases ran" in lines[4]

    def test_a_run_without_cases_says_so(self, tmp_path: Path) -> None:
        lines = summary(tmp_path, [])
        assert lines[0] == "## COULD NOT TELL: nothing was tested"
        assert lines[4].startswith("nothing; ")

    def test_until_the_run_has_ended_the_file_of_an_earlier_one_is_gone(self, tmp_path: Path) -> None:
        summary(tmp_path, [result("40.2.0/one", "a", Verdict.PASS)])
        Summary(tmp_path / "summary.md").started(HEADER, Catalogue())
        text = (tmp_path / "summary.md").read_text(encoding="utf-8")
        assert text == "## COULD NOT TELL: run 2026-11-22T17-05-09Z-40.4.3 did not end, or has not yet\n"

    def test_a_run_that_never_started_writes_nothing(self, tmp_path: Path) -> None:
        Summary(tmp_path / "summary.md").finished(Footer({}, 2, 0.0, 0))
        assert list(tmp_path.iterdir()) == []

    def test_leftovers_warnings_and_remarks_close_it(self, tmp_path: Path) -> None:
        left = result("40.2.0/one", "a", Verdict.PASS, leftovers=("DelUser: refused", "DelMeeting: reset"))
        header = replace(HEADER, warnings=("the certificate ends in 3 days",))
        lines = summary(tmp_path, [left], header, remarks=["2 reads were tried again"])
        assert lines[5:] == [
            "",
            "- ⚠️ LEFT ON THE SITE: DelUser: refused, DelMeeting: reset",
            "- ⚠️ the certificate ends in 3 days",
            "- ⚠️ 2 reads were tried again",
        ]

    def test_what_the_end_of_the_run_removed_is_not_left(self, tmp_path: Path) -> None:
        case = result("40.2.0/one", "a", Verdict.PASS, leftovers=("DelMeeting: reset",))
        assert "LEFT ON THE SITE" not in "\n".join(summary(tmp_path, [case], left=[]))

    def test_what_the_site_is_left_with_comes_before_all_other_remarks(self, tmp_path: Path) -> None:
        remarks = [f"read {n} was tried again" for n in range(9)]
        case = result("40.2.0/one", "a", Verdict.PASS, leftovers=("DelMeeting: reset",))
        lines = summary(tmp_path, [case], remarks=remarks, left=["user a-cnf12345678-1"])
        assert lines[6] == "- ⚠️ LEFT ON THE SITE: user a-cnf12345678-1"
        assert lines[-1] == "- ⚠️ and 7 more remarks"


class TestLength:
    def test_however_much_there_is_to_tell_it_is_short(self, tmp_path: Path) -> None:
        many = [
            result(f"40.2.0/c{n}", "a", verdict, f"{letter * 3}: {'x' * 5000}", leftovers=("y" * 5000,))
            for n, letter in enumerate("abcdefghijklmnopqrstuvwxyz")
            for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.BLOCKED, Verdict.SUITE_ERROR)
        ]
        header = replace(HEADER, warnings=("z" * 5000,) * 30)
        lines = summary(tmp_path, many, header, remarks=["w" * 5000] * 30)
        assert len(lines) == MAX_LINES
        assert max(map(len, lines)) < 1000
        assert "- and 96 more" in lines
        assert lines[-1] == "- ⚠️ and 58 more remarks"


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![x](https://example.com/pixel.png)",
    "[click](javascript:alert(1))",
    "<https://example.com>",
    "<!channel> <@U012> <!here|here>",
    "`code` ``more`` ~~struck~~ **bold** __bold__",
    "| a | b |\n|---|---|\n| c | d |",
    "# heading\n\n- item\n\n---\n\n> quote\n\n```\nfence",
    "&lt;b&gt; &#60;script&#62; &amp;",
    "\\<b> \\\\[x](y)",
    "[ref]: https://example.com 'title'",
    "$x$ $$y$$ :smile: ==mark== ^up^",
    "\x1b[31mred\x1b[0m \x00 \u202egnp.exe",
    "<!-- comment",
    "/close\n/assign me",
]


class TestInert:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_what_is_put_in_is_shown_and_makes_nothing(self, text: str) -> None:
        assert rendered(inert(text)) == shown(text)

    @given(st.text(alphabet=st.one_of(st.sampled_from("\\`*_[](){}|~!<>&#@:/.-+=\"' \nawx0"), st.characters())))
    def test_so_is_any_text(self, text: str) -> None:
        assert rendered(inert(text)) == shown(text)

    @pytest.mark.parametrize(
        "text",
        ["@all", "mail me@example.com", "#123", "acme/site#4", "GH-5", "see https://example.com", "HTTP://x.example",
         "www.example.com", "ftp://example.com", "mailto:a@example.com", "xmpp:a@example.com"],
    )  # fmt: skip
    def test_nothing_is_mentioned_and_nothing_is_linked(self, text: str) -> None:
        # What the large hosts of code make links of, after the Markdown is read.
        linked = re.compile(r"@\w|#\d|gh-\d|\w+://|www\.|mailto:\w|xmpp:\w", re.IGNORECASE)
        assert linked.search(text)
        assert not linked.search(unescape(rendered(inert(text), exact=True)))

    def test_a_long_text_is_cut(self) -> None:
        assert inert("x" * 1000) == "x" * 240 + "…"

    def test_a_site_can_put_its_text_in_no_place_where_it_acts(self, tmp_path: Path, write_cases: Write) -> None:
        for text in HOSTILE:
            results = [
                result("40.2.0/one", "a", Verdict.FAIL),
                result("40.2.0/one", "b", Verdict.INCONCLUSIVE, text, leftovers=(text,)),
                result(text, "c", Verdict.FAIL),
            ]
            header = replace(HEADER, site=text, told_version=text, warnings=(text,))
            known = catalogue(write_cases, tmp_path)
            page = render("\n".join(summary(tmp_path, results, header, known, remarks=[text])))
            assert set(re.findall(r"<(\w+)", page)) == {"h2", "p", "ul", "li", "strong"}


def render(text: str) -> str:
    """Return what Markdown makes of a text, with HTML let through and tables as on the large hosts of code."""
    page: str = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    return page


def rendered(text: str, *, exact: bool = False) -> str:
    """Return what is seen of an inert text where it stands behind other text; it must make no element."""
    page = render(f"- x {text}")
    assert set(re.findall(r"<(\w+)", page)) == {"ul", "li"}
    inside = page.removeprefix("<ul>\n<li>x").removesuffix("</li>\n</ul>\n").strip()
    return inside if exact else unescape(inside).replace("\u200b", "")


def shown(text: str) -> str:
    """Return a text in one line, with what can not be printed told by its code."""
    line = " ".join(text.split())
    printed = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in line)
    return (printed if len(printed) <= 240 else f"{printed[:240]}…").strip()
