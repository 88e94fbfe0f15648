"""readiness.html as a file: what it says, that it is valid and whole, its bounds, and that nothing in it can act."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from page_samples import (
    ALL_HOSTILE,
    HOSTILE,
    PAST,
    SAMPLES,
    decision,
    footer,
    header,
    hostile,
    not_ready,
    page,
    planned,
    ready,
    reason,
    result,
    shipped,
    step,
)

from conformance.compare.model import Comparison, Move, MoveKind
from conformance.page.model import PageData
from conformance.page.readiness import render, write_readiness
from conformance.report.html import HtmlReport
from conformance.report.stream import Catalogue
from conformance.run.verdicts import CaseResult, Check, Verdict
from conformance.upgrade.model import Outcome, Reason, Word

PAGES = {**SAMPLES, "hostile": hostile}
ACTS_ON = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e\ud800-\udfff]")
"""What a browser or a terminal would act on."""
MOST = 1_500_000


class Strict(HTMLParser):
    """Reads a page as HTML says it is to be written, and notes all that is not so."""

    VOID = frozenset({"meta", "wbr", "input", "rect", "path", "br"})
    INLINE_ONLY = frozenset({"p", "h1", "h2", "h3", "h4", "pre", "caption", "output", "label", "span", "small", "b"})
    BLOCKS = frozenset(
        {"p", "div", "dl", "ul", "ol", "table", "details", "section", "article", "pre", "h2", "h3", "h4"}
    )

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.tags: set[str] = set()
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.faults.append(f"{self.getpos()}: {tag} has an attribute twice: {names}")
        if tag in self.BLOCKS and (around := self.INLINE_ONLY.intersection(self.open)):
            self.faults.append(f"{self.getpos()}: {tag} in {around}")
        if tag == "a" and "a" in self.open:
            self.faults.append(f"{self.getpos()}: a link in a link")
        self.tags.add(tag)
        self.attributes |= set(names)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"{self.getpos()}: </{tag}> closes {self.open[-1:]}")
        else:
            self.open.pop()


def read(html: str) -> Strict:
    """Return a page as a strict reader sees it."""
    reader = Strict()
    reader.feed(html)
    reader.close()
    return reader


@pytest.fixture(params=PAGES)
def html(request: pytest.FixtureRequest) -> str:
    return render(PAGES[request.param]())


class TestEveryPage:
    def test_it_is_valid_as_far_as_a_strict_reader_sees(self, html: str) -> None:
        seen = read(html)
        assert seen.faults == []
        assert seen.open == []
        assert html.startswith("<!doctype html>")

    def test_ids_are_unique_and_every_link_leads_somewhere_in_the_page(self, html: str) -> None:
        seen = read(html)
        assert len(set(seen.ids)) == len(seen.ids)
        assert all(re.fullmatch(r"[A-Za-z][\w.-]*", id_) for id_ in seen.ids)
        assert {link.removeprefix("#") for link in seen.links} <= set(seen.ids)
        assert all(link.startswith("#") for link in seen.links)

    def test_headings_are_in_order(self, html: str) -> None:
        levels = read(html).headings
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_nothing_in_it_fetches_or_acts(self, html: str) -> None:
        seen = read(html)
        assert not {name for name in seen.attributes if name.startswith("on")}
        assert not seen.attributes & {"src", "srcset", "action", "formaction", "style", "background", "data"}
        assert not seen.tags & {"img", "iframe", "object", "embed", "link", "base", "form", "image", "use"}
        assert "@import" not in html
        assert "url(" not in html

    def test_the_policy_lets_only_the_page_s_own_script_run(self, html: str) -> None:
        (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)
        (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert unescape(policy) == (
            f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'none'"
        )
        assert html.index("Content-Security-Policy") < html.index("<style>")

    def test_control_characters_are_shown_as_their_codes(self, html: str) -> None:
        assert not ACTS_ON.search(html)

    def test_it_is_of_a_size_that_can_be_mailed(self, html: str) -> None:
        assert len(html.encode("utf-8")) < MOST


class TestText:
    def test_hostile_text_is_text(self) -> None:
        html = render(hostile())
        for text in HOSTILE.values():
            if "<" in text:
                assert text not in html
        assert "&lt;script&gt;window.owned = 1&lt;/script&gt;" in html
        assert r"user\x202egpj.exe" in html

    def test_a_secret_in_a_record_that_somebody_else_wrote_is_masked(self) -> None:
        id_ = next(id_ for id_ in planned() if id_.startswith(PAST))
        leaky = step(
            Check("x", Verdict.FAIL, "s"),
            request="<m><password>Zq7Canary9</password></m>",
            response="<m><sessionTicket>Zq7Ticket9</sessionTicket></m>",
        )
        html = render(page(decision(Word.NOT_READY), results=[replace(result(id_, Verdict.FAIL), steps=(leaky,))]))
        assert "Zq7" not in html
        assert "&lt;password&gt;" in html

    @pytest.mark.parametrize("name", SAMPLES)
    def test_the_title_says_the_word(self, name: str) -> None:
        data = SAMPLES[name]()
        assert f"<title>{data.decision.word} for 40.4.3 - staging" in render(data)

    def test_each_rule_of_the_policy_stands_there_with_its_outcome(self) -> None:
        html = render(not_ready())
        for rule, outcome in not_ready().decision.policy.items():
            (row,) = re.findall(rf'<tr id="rule-{rule}">(.*?)</tr>', html, re.DOTALL)
            assert outcome.value in row
            assert ("cause" in row) == (rule in ("change-broken", "inconclusive"))

    def test_a_waiver_stands_there_with_its_owner_and_its_last_day(self) -> None:
        html = render(ready())
        assert "portal team" in html
        assert "2026-11-25" in html
        assert "No failure is waived." in render(not_ready())

    def test_a_page_of_nothing_says_so(self) -> None:
        nothing = decision(Word.CANNOT_TELL, runs=(), policy={}, observed=0, planned=0)
        empty = PageData(
            replace(nothing, changes=()), not_ready().header, None, (), (), {}, remarks=("There is no history.",)
        )
        html = render(empty)
        for said in ("There is no history.", "No run counts as evidence.", "There are no earlier runs", "did not end"):
            assert said in html
        assert read(html).faults == []

    def test_what_is_left_on_the_site_is_named(self) -> None:
        html = render(page(decision(Word.READY), footer=footer(left=("meeting 123456789 of host.a",))))
        assert "meeting 123456789 of host.a" in html


class TestBounds:
    def big(self, cases: int, text: str, steps: int = 6) -> PageData:
        """Return a page of many cases that all fail, with long texts everywhere."""
        wrong = tuple(
            step(
                *(Check(f"c{n}", Verdict.FAIL, text, text, text, text) for n in range(30)), request=text, response=text
            )
            for _ in range(steps)
        )
        ids = [f"{shipped()[n % len(shipped())].id}::made-up-{n}" for n in range(cases)]
        results = [CaseResult(id_, id_.partition("::")[0], Verdict.FAIL, "expect", text, steps=wrong) for id_ in ids]
        reasons = [
            reason(PAST, Outcome.BLOCK, says=text, title=text, seen=text, advice=text, notes=text, cases=ids)
            for _ in range(150)
        ]
        moves = [Move(MoveKind.BROKE, id_, PAST, Verdict.PASS, Verdict.FAIL, text) for id_ in ids]
        data = page(decision(Word.NOT_READY, reasons), results=results, case_strips=dict.fromkeys(ids, "PF" * 15))
        assert data.comparison is not None
        return replace(data, comparison=Comparison(data.comparison.a, data.comparison.b, moves, 0))

    def test_150_cases_of_30_nights_with_hostile_payloads_fit(self) -> None:
        html = render(self.big(150, ALL_HOSTILE * 100))
        assert len(html.encode("utf-8")) < MOST
        assert read(html).faults == []

    def test_5000_cases_fit_and_those_left_out_are_counted(self) -> None:
        html = render(self.big(5000, "x" * 500, steps=1))
        assert len(html.encode("utf-8")) < MOST
        assert "which the page has no room for: see results.jsonl." in html

    def test_of_each_change_a_case_is_told_in_full_before_the_second_of_any(self) -> None:
        html = render(self.big(150, "y" * 5_000))
        sections = html.split('<details class="change')[1:]
        assert sum('<details class="case' in section for section in sections) == len(shipped())

    def test_many_reasons_are_counted(self) -> None:
        told = [Reason("x", Outcome.BLOCK, f"reason {number} " + "x" * 500) for number in range(900)]
        html = render(page(decision(Word.NOT_READY, told)))
        (left_out,) = re.findall(r"And (\d+) more reasons: see summary.json", html)
        assert html.count('id="reason-') + int(left_out) == 900
        assert len(html.encode("utf-8")) < MOST
        assert read(html).faults == []


class TestWriting:
    def test_it_is_never_seen_half_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = write_readiness(ready(), tmp_path)
        before = path.read_bytes()

        def fail(*_: object, **__: object) -> int:
            raise OSError(28, os.strerror(28))

        monkeypatch.setattr(Path, "write_text", fail)
        with pytest.raises(OSError, match="No space left"):
            write_readiness(not_ready(), tmp_path)
        assert path.read_bytes() == before
        assert [file.name for file in tmp_path.iterdir()] == ["readiness.html"]

    def test_it_says_the_same_each_time(self) -> None:
        assert render(not_ready()) == render(not_ready())


class TestLink:
    """The other report leads here, where it is known that there will be something to lead to."""

    def summary(self, report: HtmlReport) -> str:
        report.started(header(), Catalogue())
        report.finished(footer())
        return str(report.summary(header()))

    def test_the_report_leads_to_the_answer(self) -> None:
        html = self.summary(HtmlReport("readiness.html"))
        assert "<a href='readiness.html'>Can we take 40.4.3?" in html

    def test_it_leads_nowhere_where_no_answer_is_written(self) -> None:
        assert "Can we take" not in self.summary(HtmlReport())
