"""The page of a run: what is told first, the evidence of a case, and that nothing in it can act."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from eight import FOLDERS
from html_support import (
    BLUE,
    CATALOGUE,
    HOSTILE,
    RESULTS,
    SECRETIVE,
    catalogue,
    change,
    check,
    fed,
    header,
    result,
    rows_of,
    step,
    write_page,
)
from lxml import html as lxml_html

from conformance.report.html import HtmlReport
from conformance.report.html_case import case_detail, case_row
from conformance.report.html_style import CSS, LOOKS, Html
from conformance.report.stream import Catalogue
from conformance.run.verdicts import CaseResult, StepResult, Verdict

CHECKOUT = Path(__file__).parents[2]
CHANGE = "40.2.0/blue-meetings"


def parsed(markup: str) -> Any:
    return lxml_html.fragment_fromstring(markup, create_parent="main")


def text_of(element: Any) -> str:
    return " ".join(str(element.text_content()).split())


def summary(results: list[CaseResult], known: Catalogue, **more: Any) -> Any:
    report = fed(results, known, **more)
    return parsed(report.summary(header(**{"planned": len(results), **more})))


def cases_of(*verdicts: Verdict, of: str = CHANGE) -> list[CaseResult]:
    return [
        result(f"{of}::case-{letter}", verdict) for letter, verdict in zip("abcdefghijklmnop", verdicts, strict=False)
    ]


def detail(found: CaseResult, known: Catalogue = CATALOGUE) -> Any:
    return parsed(case_detail(found, header(), known))


class TestHeadline:
    @pytest.mark.parametrize(
        ("verdicts", "kind", "glyph", "word"),
        [
            ([Verdict.PASS], "good", "✓", "AS DOCUMENTED"),
            ([Verdict.PASS, Verdict.DEVIATION], "good", "✓", "AS DOCUMENTED"),
            ([Verdict.PASS, Verdict.FAIL], "bad", "✗", "NOT AS DOCUMENTED"),
            ([Verdict.PASS, Verdict.INCONCLUSIVE], "open", "?", "COULD NOT TELL"),
            ([Verdict.NOT_APPLICABLE], "open", "?", "COULD NOT TELL"),
            ([Verdict.FAIL, Verdict.SUITE_ERROR], "void", "!", "RUN VOID"),
            ([], "open", "?", "COULD NOT TELL"),
        ],
    )
    def test_a_word_and_a_glyph_come_first(self, verdicts: list[Verdict], kind: str, glyph: str, word: str) -> None:
        page = summary(cases_of(*verdicts), catalogue(change()))
        band = page[0][0]
        assert band.get("class") == f"cf-band cf-{kind}"
        assert text_of(band).startswith(f"{glyph}{word}: ")

    def test_says_how_many_of_which(self) -> None:
        page = summary(cases_of(Verdict.PASS, Verdict.FAIL, Verdict.FAIL, Verdict.BLOCKED), catalogue(change()))
        assert "4 of 4 planned cases were run: 1 PASS, 2 FAIL, 1 BLOCKED" in text_of(page)

    def test_says_which_site_and_when(self) -> None:
        page = summary(cases_of(Verdict.PASS), catalogue(change()))
        assert "Site mock, held to 40.4.3, really 40.1.0; 2026-11-22 17:05:09 UTC" in text_of(page)

    def test_says_what_the_mock_really_is_only_where_it_differs(self) -> None:
        page = summary(cases_of(Verdict.PASS), catalogue(change()), mock_version="40.4.3")
        assert "really" not in text_of(page[0][0])

    def test_a_part_of_the_plan_is_not_good(self) -> None:
        page = summary(cases_of(Verdict.PASS), catalogue(change()), planned=2)
        assert page[0][0].get("class") == "cf-band cf-open"
        assert "NOT THE WHOLE PICTURE. Only 1 of 2 planned cases were run" in text_of(page)

    def test_a_part_of_the_plan_that_failed_has_failed(self) -> None:
        page = summary(cases_of(Verdict.FAIL), catalogue(change()), planned=2)
        assert page[0][0].get("class") == "cf-band cf-bad"
        assert "NOT THE WHOLE PICTURE" in text_of(page)

    def test_a_run_without_an_end_is_not_good(self) -> None:
        report = HtmlReport()
        report.started(header(planned=1), catalogue(change()))
        report.case(result(f"{CHANGE}::case"))
        page = parsed(report.summary(header(planned=1)))
        assert page[0][0].get("class") == "cf-band cf-open"
        assert "did not end" in text_of(page)


class TestTroubles:
    known = catalogue(
        change(),
        change("40.4.0/green-meetings", "Meetings can be green"),
        cases={
            f"{CHANGE}::case-a": ("first",),
            f"{CHANGE}::case-b": ("first", "second"),
            f"{CHANGE}::case-c": ("first",),
        },
    )

    def section(self, page: Any, title: str) -> Any:
        found = page.xpath(f"//section[preceding-sibling::h2[1] = '{title}']")
        assert len(found) == 1
        return found[0]

    def facts(self, section: Any) -> dict[str, str]:
        return {text_of(dt): text_of(dt.getnext()) for dt in section.iter("dt")}

    def test_a_change_that_does_not_hold_says_what_breaks_and_what_to_change(self) -> None:
        page = summary(cases_of(Verdict.PASS, Verdict.FAIL, Verdict.PASS), self.known)
        section = self.section(page, "What does not hold")
        assert text_of(section[0]) == "✗ 40.2.0 Meetings can be blue 1 of 3 FAIL"
        facts = self.facts(section)
        assert facts["Breaks"] == "impact of Meetings can be blue"
        assert facts["What to change"] == "advice on Meetings can be blue"
        assert facts["Seen"] == "serv:result: expected FAILURE, got SUCCESS1 case: case-b"

    def test_the_clauses_that_failed_are_told_and_the_assumed_ones_marked(self) -> None:
        page = summary(cases_of(Verdict.PASS, Verdict.FAIL, Verdict.PASS), self.known)
        first, second = self.section(page, "What does not hold").xpath(".//dt[. = 'The notes say']/following::ul[1]/li")
        assert text_of(first) == "first of Meetings can be blue (1 of 3 cases fail)"
        assert text_of(second) == "second of Meetings can be blue (1 of 1 cases fail) assumed: not said"
        assert second.find("span").get("class") == "cf-assumed"

    def test_clauses_of_cases_that_hold_are_not_told(self) -> None:
        page = summary(cases_of(Verdict.FAIL, Verdict.PASS, Verdict.PASS), self.known)
        assert "second of Meetings can be blue" not in text_of(page)

    def test_changes_that_hold_are_not_named_before_the_table(self) -> None:
        page = summary([*cases_of(Verdict.FAIL), result("40.4.0/green-meetings::a")], self.known)
        index = text_of(page.xpath("//ul[@class='cf-index']")[0])
        assert index == "✗ 40.2.0 Meetings can be blue 1 of 1 FAIL"
        assert len(page.xpath("//section")) == 1

    def test_a_change_that_a_site_should_not_have_yet(self) -> None:
        page = summary(cases_of(Verdict.FAIL), self.known, api_version="40.1.0")
        assert self.facts(self.section(page, "What does not hold"))["Site held to"].startswith("without the change")

    @pytest.mark.parametrize(
        ("verdict", "title", "in_index"),
        [
            (Verdict.SUITE_ERROR, "Defects of the suite itself", True),
            (Verdict.INCONCLUSIVE, "What could not be told", True),
            (Verdict.BLOCKED, "What was blocked by a step before it", True),
            (Verdict.DEVIATION, "Deviations, which block nothing", False),
        ],
    )
    def test_other_troubles_have_their_own_place(self, verdict: Verdict, title: str, in_index: bool) -> None:
        page = summary(cases_of(verdict), self.known)
        section = self.section(page, title)
        assert text_of(section[0]).endswith(f"Meetings can be blue 1 of 1 {verdict.replace('_', ' ')}")
        assert [*self.facts(section)] == ["Seen"]
        assert bool(page.xpath("//ul[@class='cf-index']/li")) is in_index

    def test_what_passes_or_does_not_apply_is_no_trouble(self) -> None:
        page = summary(cases_of(Verdict.PASS, Verdict.NOT_APPLICABLE), self.known)
        assert not page.xpath("//section")

    def test_one_cause_is_told_once(self) -> None:
        verdicts = [Verdict.FAIL] * 10
        found = [
            result(f"{CHANGE}::case-{number}", verdict, step(check(subject=f"mail to user{number}@example.com")))
            for number, verdict in enumerate(verdicts)
        ]
        items = summary(found, catalogue(change())).xpath("//dt[. = 'Seen']/following::ul[1]/li")
        assert len(items) == 1
        seen, _, cases = text_of(items[0]).partition("SUCCESS")
        assert seen == "mail to user0@example.com: expected FAILURE, got "
        assert cases == "10 cases: case-0, case-1, case-2, case-3, case-4, case-5, case-6, case-7 and 2 more"

    def test_causes_that_differ_are_told_each(self) -> None:
        found = [
            result(f"{CHANGE}::case-{subject}", Verdict.FAIL, step(check(subject=subject)))
            for subject in ("//a", "//b")
        ]
        assert len(summary(found, catalogue(change())).xpath("//dt[. = 'Seen']/following::ul[1]/li")) == 2

    def test_a_case_without_checks_is_told_by_its_reason(self) -> None:
        found = result(f"{CHANGE}::slow", Verdict.INCONCLUSIVE, StepResult("x", Verdict.PASS), reason="deadline: 2 s")
        assert self.facts(self.section(summary([found], self.known), "What could not be told")) == {
            "Seen": "deadline: 2 s1 case: slow"
        }

    def test_what_is_only_assumed_is_told_beside_what_was_seen(self) -> None:
        noted = check(Verdict.DEVIATION, note="assumed: that it is blue")
        page = summary([result(f"{CHANGE}::case", Verdict.DEVIATION, step(noted))], self.known)
        assert "got SUCCESS (assumed: that it is blue)" in text_of(page)

    def test_cases_are_linked_to_their_rows(self) -> None:
        page = summary(cases_of(Verdict.FAIL), self.known)
        assert page.xpath("//small/a/@href") == [f"#{CHANGE}::case-a"]

    def test_a_change_that_nobody_knows_is_told_by_its_id(self) -> None:
        page = summary(cases_of(Verdict.FAIL, of="41.0.0/unknown"), Catalogue())
        assert text_of(page.xpath("//section/h3")[0]) == "✗ 41.0.0/unknown 1 of 1 FAIL"


class TestTableOfChanges:
    def rows(self, page: Any) -> list[list[str]]:
        table = page.xpath("//h2[. = 'Documented changes']/following-sibling::table[1]")[0]
        return [[text_of(cell) for cell in row] for row in table.iter("tr")]

    def test_newest_first_each_with_its_counts_and_a_word(self) -> None:
        changes = [
            change("40.1.0/b", "b"),
            change("40.1.0/a", "a"),
            change("40.2.4/c", "c", released_in=["40.4.3", "40.2.4"]),
            change("39.1.0/old", "old", operations=["SetUser"]),
        ]
        found = [
            *cases_of(Verdict.PASS, Verdict.PASS, Verdict.NOT_APPLICABLE, of="40.1.0/a"),
            *cases_of(Verdict.FAIL, Verdict.INCONCLUSIVE, of="40.1.0/b"),
            *cases_of(Verdict.BLOCKED, of="40.2.4/c"),
            *cases_of(Verdict.NOT_APPLICABLE, of="41.0.0/unknown"),
        ]
        head, *rows = self.rows(summary(found, catalogue(*changes), api_version="40.2.0"))
        both, with_, without = "CreateMeeting, SetMeeting", "with the change", "without the change"
        letters = ["P", "F", "W", "D", "?", "B", "N", "E"]
        assert head == ["Change", "Released in", "Operations", "Site held to", *letters, "In a word"]
        assert rows == [
            ["c40.2.4/c", "40.4.3, 40.2.4", both, without, *"·····1··", "? could not tell".replace("?", "■")],
            ["a40.1.0/a", "40.1.0", both, with_, *"2·····1·", "✓ holds"],
            ["b40.1.0/b", "40.1.0", both, with_, *"·1··1···", "✗ does not hold"],
            ["old39.1.0/old", "39.1.0", "SetUser", with_, *"········", "– not run"],
            ["41.0.0/unknown41.0.0/unknown", "", "", "", *"······1·", "– not applicable"],
        ]

    def test_every_head_has_its_scope(self) -> None:
        page = summary([*RESULTS], CATALOGUE)
        heads = page.xpath("//th")
        assert heads
        assert {th.get("scope") for th in heads} == {"col", "row"}


class TestRest:
    def test_identity_of_the_run(self) -> None:
        page = summary(cases_of(Verdict.PASS), catalogue(change()))
        facts = {text_of(div[0]): text_of(div[1]) for div in page.xpath("//dl[@class='cf-id']/div")}
        assert facts == {
            "Run": "2026-11-22T17-05-09Z-40.4.3",
            "Site": "mock",
            "Endpoint": "http://127.0.0.1:1/WBXService/XMLService",
            "Held to": "40.4.3",
            "The site says it is": "40.4.1",
            "The mock really is": "40.1.0",
            "Schemas": "40.4.3, digest aaaaaaaaaaaa",
            "Cases": "1 planned, digest bbbbbbbbbbbb",
            "Suite": "0.1.0",
            "Site's clock is ahead by": "-3 s",
            "Started": "2026-11-22 17:05:09 UTC, took 2.5 s",
            "Libraries": "lxml 6.1",
            "Left on the site": "nothing",
        }

    def test_leftovers_are_told_with_their_case(self) -> None:
        found = result(f"{CHANGE}::case", leftovers=("DelMeeting: <no>", "DelUser: no"))
        page = summary([found], catalogue(change()))
        assert f"{CHANGE}::case: DelMeeting: <no>{CHANGE}::case: DelUser: no" in text_of(page)

    def test_what_is_not_known_is_said_so(self) -> None:
        page = summary(cases_of(Verdict.PASS), catalogue(change()), endpoint="", mock_version="")
        assert "Endpointnot known" in text_of(page)
        assert "The mock really isno mock" in text_of(page)

    def test_the_legend_explains_every_verdict(self) -> None:
        page = summary([], Catalogue())
        rows = page.xpath("//h2[. = 'What the verdicts mean']/following-sibling::table[1]/tbody/tr")
        words = [text_of(row[0]) for row in rows]
        assert words == [
            "✓ P PASS",
            "✗ F FAIL",
            "◊ W WAIVED",
            "≈ D DEVIATION",
            "? INCONCLUSIVE",
            "■ B BLOCKED",
            "– N NOT APPLICABLE",
            "! E SUITE ERROR",
        ]
        assert all(text_of(cell).endswith(".") for row in rows for cell in row[1:])
        assert {*LOOKS} == {*Verdict}

    def test_no_two_verdicts_look_alike(self) -> None:
        assert len({look.glyph for look in LOOKS.values()}) == len(LOOKS)
        assert len({look.letter for look in LOOKS.values()}) == len(LOOKS)

    def test_the_style_asks_for_nothing_from_elsewhere(self) -> None:
        assert not re.search(r"@import|url\(|https?:|</", CSS)


class TestCase:
    def test_the_row(self) -> None:
        cells = case_row(result(BLUE, Verdict.NOT_APPLICABLE), '<td class="col-result">Skipped</td>')
        assert cells == [
            "<td hidden class=\"col-result\">Skipped</td><td class='cf-v cf-NOT_APPLICABLE'>– NOT APPLICABLE</td>",
            f'<td class="col-testId" hidden>{BLUE}</td><td>{CHANGE}</td>',
            '<td class="col-case">a-blue-one</td>',
            '<td class="col-duration">1500 ms</td>',
        ]

    def test_what_it_proves_and_how_to_run_it_again(self) -> None:
        found = detail(result(BLUE, assumed="that it is blue", leftovers=("DelMeeting: no",)))
        facts = {text_of(dt): text_of(dt.getnext()) for dt in found.iter("dt")}
        title = f"Meetings can be blue {HOSTILE['script']}"
        assert text_of(found[0][0]) == title
        assert facts == {
            "Case": BLUE,
            "The notes say": f"first of {title}second of {title} assumed: not said",
            "Site held to": "40.4.3, with the change",
            "Assumed": "that it is blue",
            "Left on the site": "DelMeeting: no",
            "Run it again": f"conformance run --case {BLUE} --api-version 40.4.3 --mock-version 40.1.0",
        }

    def test_the_reason_is_told_where_there_is_one(self) -> None:
        assert text_of(detail(result(BLUE, Verdict.FAIL)).xpath("//*[@class='cf-why']")[0]) == "FAIL: why it is not"
        assert not detail(result(BLUE)).xpath("//*[@class='cf-why']")

    def test_a_step_tells_who_how_and_how_long(self) -> None:
        found = detail(result(BLUE, Verdict.PASS, step(check(Verdict.PASS)), step(caller="", status=0, seconds=2.25)))
        assert [text_of(summary) for summary in found.xpath("//details[@class]/summary")] == [
            "PASS 1. CreateMeeting as host · HTTP 200 · 250 ms",
            "PASS 2. CreateMeeting 2.2 s",
        ]

    def test_only_the_failing_step_is_open(self) -> None:
        good, bad = step(check(Verdict.PASS)), step(check())
        found = detail(result(BLUE, Verdict.FAIL, good, bad))
        assert ["open" in details.attrib for details in found.iter("details")] == [
            False,
            False,
            False,
            True,
            True,
            True,
        ]

    def test_of_a_case_that_passed_the_last_step_is_open_without_its_messages(self) -> None:
        good = step(check(Verdict.PASS))
        found = detail(result(BLUE, Verdict.PASS, good, good))
        assert ["open" in details.attrib for details in found.iter("details")] == [False] * 3 + [True, False, False]

    def test_checks_that_failed_come_first(self) -> None:
        checks = [
            check(Verdict.PASS, subject="//a"),
            check(Verdict.DEVIATION, subject="//b", observed=""),
            check(Verdict.FAIL, subject="//c", note="why"),
            check(Verdict.PASS, subject="//d", expected=""),
        ]
        rows = detail(result(BLUE, Verdict.FAIL, step(*checks))).xpath("//tr")
        assert [[text_of(cell) for cell in row] for row in rows] == [
            ["Verdict", "Looked at", "Expected", "Observed", "Note"],
            ["FAIL", "//c", "FAILURE", "SUCCESS", "why"],
            ["DEVIATION", "//b", "FAILURE", "none", ""],
            ["PASS", "//a", "FAILURE", "SUCCESS", ""],
            ["PASS", "//d", "none", "SUCCESS", ""],
        ]
        assert [row.get("class") for row in rows[1:]] == ["cf-FAIL", "cf-DEVIATION", "cf-PASS", "cf-PASS"]

    def test_without_notes_there_is_no_column_for_them(self) -> None:
        heads = detail(result(BLUE, Verdict.FAIL, step(check()))).xpath("//th")
        assert [text_of(head) for head in heads] == ["Verdict", "Looked at", "Expected", "Observed"]

    def test_schema_findings_are_a_group_of_their_own(self) -> None:
        checks = [
            check(Verdict.PASS, id="schema.request", observed="valid"),
            check(id="schema.request.value", subject="/x"),
            check(
                id="schema.response.missing", subject="/a/b", expected="c", observed="no c", note="line 3; meet.xsd:7"
            ),
            check(Verdict.PASS),
        ]
        found = detail(result(BLUE, Verdict.FAIL, step(*checks)))
        values, sent, schema = found.xpath("//table")
        assert text_of(sent) == "SchemaPath in the requestExpectedFoundFAIL/xFAILURESUCCESS"
        assert [text_of(cell) for cell in values.xpath(".//td")] == ["PASS", "serv:result", "FAILURE", "SUCCESS"]
        assert [text_of(head) for head in schema.xpath(".//th")][1:] == [
            "Path in the response",
            "Expected",
            "Found",
            "Rule",
        ]
        assert [text_of(c) for c in schema.xpath(".//td")] == ["FAIL", "/a/b", "c", "no c", "line 3; meet.xsd:7"]
        assert "Schema: request valid" in text_of(found)

    def test_messages_are_laid_out(self) -> None:
        request, response = detail(result(BLUE)).xpath("//pre")
        assert request.text == "<message>\n  <body>the request</body>\n</message>"
        assert response.text == "<message>\n  <body>the response</body>\n</message>"

    def test_what_is_no_answer_is_not_called_one(self) -> None:
        found = detail(result(BLUE, Verdict.PASS, step(request="", response="no mail", status=0)))
        assert [text_of(name) for name in found.xpath("//details/details/summary")] == ["Seen"]

    def test_a_case_that_nobody_knows(self) -> None:
        found = detail(result("41.0.0/unknown::case", side="before"), Catalogue())
        assert text_of(found[0][0]) == "41.0.0/unknown"
        assert "40.4.3, without the change" in text_of(found)
        assert "The notes say" not in text_of(found)

    def test_before_the_run_is_known(self) -> None:
        found = parsed(case_detail(result(BLUE), None, Catalogue()))
        assert "with the change" in text_of(found)
        assert "Run it again" not in text_of(found)

    def test_a_case_of_one_request_takes_less_than_12_kb(self) -> None:
        body = "".join(f'<meet:element number="{n}">the value of {n}</meet:element>' for n in range(60))
        message = f'<serv:message xmlns:serv="a" xmlns:meet="b"><serv:body>{body}</serv:body></serv:message>'
        checks = [check(Verdict.PASS, subject=f"//meet:element[{n}]") for n in range(5)]
        found = result(BLUE, Verdict.PASS, step(*checks, request=message[:900], response=message))
        assert len(message) > 3_000
        kept = [*case_row(found, '<td class="col-result">Passed</td>'), str(case_detail(found, header(), CATALOGUE))]
        assert sum(map(sys.getsizeof, kept)) < 12_000


class TestHostile:
    def inert(self, markup: str, *shown: str) -> None:
        root = parsed(markup)
        assert not root.xpath("//script | //img | //svg | //b[. = 'owned']")
        assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
        assert not SECRETIVE.search(markup)
        text = root.text_content()
        assert all(some in text for some in shown)

    @pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
    def test_in_every_text_of_a_case(self, hostile: str) -> None:
        found = result(
            f"{CHANGE}::{hostile}",
            Verdict.FAIL,
            step(
                check(id=hostile, subject=hostile, expected=hostile, observed=hostile, note=hostile),
                check(id=f"schema.{hostile}", subject=hostile, expected=hostile, observed=hostile, note=hostile),
                check(Verdict.PASS, id=f"schema.{hostile}", observed=hostile),
                name=hostile,
                caller=hostile,
                request=hostile,
                response=hostile,
            ),
            reason=hostile,
            assumed=hostile,
            leftovers=(hostile,),
        )
        said = change(
            title=hostile, impact=hostile, advice=hostile, clauses={"first": {"says": hostile, "assumed": hostile}}
        )
        known = catalogue(said, cases={found.id: ("first",)})
        whole = header(site=hostile, run=hostile, endpoint=hostile, told_version=hostile, libraries={hostile: hostile})
        self.inert(case_detail(found, whole, known))
        self.inert("".join(f"<table><tr>{cell}</table>" for cell in case_row(found, "<td>Failed</td>")))
        report = fed([found], known)
        self.inert(report.summary(whole))

    def test_what_is_shown_of_it(self) -> None:
        shown = (
            HOSTILE["script"],
            HOSTILE["image"],
            HOSTILE["out of an attribute"],
            HOSTILE["end of cdata"],
            r"\x1b[31mred\x1b[0m\x1b]0;title\x07",
            r"user\x202egpj.exe",
            r"\x00\x01\x08\x7f\x9b",
            r"one\x0dtwo\x2028three\x2029four\x0bfive",
        )
        self.inert(case_detail(RESULTS[1], header(), CATALOGUE), *shown)

    def test_markup_that_is_ours_stays(self) -> None:
        assert Html("<p>{}</p>").format(Html("<b>{}</b>").format("<i>\x07")) == r"<p><b>&lt;i&gt;\x07</b></p>"

    def test_text_without_an_end_is_cut(self) -> None:
        long = "<x>" * 100_000
        found = result(
            BLUE, Verdict.FAIL, step(check(observed=long), request=long, response=long), reason=long, leftovers=(long,)
        )
        markup = case_detail(found, header(), CATALOGUE)
        self.inert(markup, "298000 more characters")
        assert len(markup) < 250_000
        assert len(fed([found], CATALOGUE).summary(header())) < 50_000


@pytest.fixture(scope="module", params=["early", "late"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of the stand-in, begun before or after pytest-html has asked for its columns."""
    return write_page(tmp_path_factory.mktemp("page"), stand_in=request.param).read_text(encoding="utf-8")


class TestPage:
    """What pytest-html makes of it."""

    def test_the_title_is_the_word(self, page: str) -> None:
        root = lxml_html.fromstring(page)
        assert root.findtext("head/title") == "Webex XML API 40.4.3 - NOT AS DOCUMENTED"
        assert root.xpath("string(//h1)") == "Webex XML API 40.4.3 - NOT AS DOCUMENTED"

    def test_the_columns(self, page: str) -> None:
        heads = lxml_html.fromstring(page).xpath("//thead[@id='results-table-head']//th")
        assert [head.text for head in heads] == ["Verdict", "Change", "Case", "Duration"]
        assert {head.get("scope") for head in heads} == {"col"}

    def test_the_summary_needs_no_script(self, page: str) -> None:
        root = lxml_html.fromstring(page)
        assert "NOT AS DOCUMENTED: 1 of 3 documented changes do not hold" in text_of(
            root.xpath("//div[@class='cf']")[0]
        )
        assert root.xpath("//noscript")

    def test_rows_sort_and_filter_by_plain_text(self, page: str) -> None:
        tests = [test for kept in rows_of(page).values() for test in kept]
        assert [test["result"] for test in tests] == ["Passed", "Failed", "Skipped"]
        assert [test["testId"] for test in tests] == [found.id for found in RESULTS]
        assert [test["case"] for test in tests] == ["a-green-one", "a-blue-one", "a-grey-one"]
        assert {test["duration"] for test in tests} == {"1500 ms"}

    def test_details_are_what_we_made_of_the_results(self, page: str) -> None:
        logs = [test["log"] for kept in rows_of(page).values() for test in kept]
        assert ["cf-case cf-PASS" in log for log in logs] == [True, False, False]
        assert ["expected" in log.lower() for log in logs] == [True, True, True]
        assert not any(re.search("^E", log, re.MULTILINE) for log in logs)
        assert not any(SECRETIVE.search(log) for log in logs)

    def test_nothing_is_fetched(self, page: str) -> None:
        root = lxml_html.fromstring(page)
        assert not [source for source in root.xpath("//@src") if source]
        assert not root.xpath("//link | //iframe | //object | //embed")

    def test_tests_of_others_stay_as_they_are(self, tmp_path: Path) -> None:
        others = (
            "def test_good(): pass\n"
            "def test_bad(): print('<b>'); assert 0\n"
            "@pytest.fixture\n"
            "def broken(): raise OSError\n"
            "def test_error(broken): pass\n"
        )
        for name in ("alone", "together"):
            (tmp_path / name).mkdir()
        alone = write_page(tmp_path / "alone", stand_in="", tests=others).read_text(encoding="utf-8")
        together = write_page(tmp_path / "together", tests=others).read_text(encoding="utf-8")
        kept, told = rows_of(alone), rows_of(together)
        assert len(kept) == 3
        assert len(told) == 6
        for name, rows in kept.items():
            assert self.without_times(told[name]) == self.without_times(rows)
        heads = lxml_html.fromstring(together).xpath("//thead[@id='results-table-head']//th")
        assert [head.text for head in heads] == ["Verdict", "Change / Test", "Case / Duration", "Duration / Links"]
        assert '"renderCollapsed": ["passed"]' in json.dumps(self.blob(together))

    def test_a_run_without_cases_is_left_alone(self, tmp_path: Path) -> None:
        page = write_page(tmp_path, stand_in="never", tests="def test_good(): pass").read_text(encoding="utf-8")
        assert "cf-band" not in page
        assert lxml_html.fromstring(page).findtext("head/title") == "report.html"
        heads = lxml_html.fromstring(page).xpath("//thead[@id='results-table-head']//th")
        assert [head.text for head in heads] == ["Result", "Test", "Duration", "Links"]

    def without_times(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = [{key: row[key] for key in ("result", "testId", "resultsTableRow", "log", "extras")} for row in rows]
        return json.loads(re.sub(r"\d+ ms|line \d+|:\d+: ", "", json.dumps(kept)))  # type: ignore[no-any-return]

    def blob(self, page: str) -> dict[str, Any]:
        return json.loads(lxml_html.fromstring(page).get_element_by_id("data-container").get("data-jsonblob"))  # type: ignore[no-any-return]


class TestRealRun:
    """``conformance run``, as a user calls it."""

    def run(self, folder: Path, *options: str) -> Any:
        command = [
            sys.executable,
            "-m",
            "conformance",
            "run",
            "--report",
            str(folder),
            "--api-version",
            "40.4.3",
            *options,
        ]
        ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300, check=False)
        path = folder / "report.html"
        assert path.is_file(), ended.stdout + ended.stderr
        return lxml_html.fromstring(path.read_text(encoding="utf-8"))

    def words(self, root: Any) -> dict[str, str]:
        rows = root.xpath("//h2[. = 'Documented changes']/following-sibling::table[1]/tbody/tr")
        return {text_of(row[0][0]): text_of(row[-1]) for row in rows}

    def test_a_site_that_is_as_documented(self, tmp_path: Path) -> None:
        root = self.run(tmp_path)
        assert root.findtext("head/title") == "Webex XML API 40.4.3 - AS DOCUMENTED"
        assert {*self.words(root).values()} == {"✓ holds"}
        assert not root.xpath("//section")

    def test_a_site_that_lacks_all_but_the_oldest_changes(self, tmp_path: Path) -> None:
        root = self.run(tmp_path, *map(str, FOLDERS), "--mock-version", "40.1.0")
        assert root.findtext("head/title") == "Webex XML API 40.4.3 - NOT AS DOCUMENTED"
        releases = {id_: id_.partition("/")[0] for id_ in self.words(root)}
        assert self.words(root) == {
            id_: "✓ holds" if release == "40.1.0" else "✗ does not hold" for id_, release in releases.items()
        }
        assert 0 < len([*releases.values()]) - [*releases.values()].count("40.1.0") < len(releases)
        assert {
            section.get("id").removeprefix("cf-FAIL-") for section in root.xpath("//section[contains(@id, 'FAIL')]")
        } == {id_ for id_, release in releases.items() if release != "40.1.0"}
        for section in root.xpath("//section[contains(@id, 'FAIL')]"):
            assert [text_of(dt) for dt in section.iter("dt")] == ["Breaks", "What to change", "The notes say", "Seen"]
