"""The HTML report: pytest-html's page, led by what the run came to.

pytest-html puts every piece of a row into the page as it is, so all text that enters one passes ``Html``.
Closing tags and quotes that HTML does not ask for are left out of the details of a case: a page holds many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from itertools import starmap
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from conformance.report.html_case import Seen, case_brief, case_detail, case_row, clauses, slug
from conformance.report.html_seal import seal
from conformance.report.html_style import (
    BANDS,
    CSS,
    EMPTY,
    LOOKS,
    Html,
    columns,
    cut,
    duration,
    join,
    legend,
    moment,
    pairs,
    word,
)
from conformance.report.html_waivers import waived_by, waiver_table
from conformance.report.stream import Catalogue, Footer, Header, Tally, headline, headline_word, left_on_site
from conformance.run.verdicts import CaseResult, ExitCode, Verdict, worst
from conformance.versions import Version

BUDGET = 1_500_000
"""Characters of evidence after which cases that are as documented are told in brief: browsers open the page."""

_NAMED = 8  # cases that are told by name where many met the same trouble
_SIDES = {"expect": "with the change", "before": "without the change"}
_TROUBLES = {
    Verdict.FAIL: "What does not hold",
    Verdict.SUITE_ERROR: "Defects of the suite itself",
    Verdict.INCONCLUSIVE: "What could not be told",
    Verdict.BLOCKED: "What was blocked by a step before it",
    Verdict.WAIVED: "What does not hold and is waived",
    Verdict.DEVIATION: "Deviations, which block nothing",
}

_URGENT = [verdict for verdict in _TROUBLES if verdict is not Verdict.DEVIATION]


class HtmlReport:
    """A writer that puts the run into pytest-html's page. Register it as a plugin; without cases it does nothing.

    ``readiness`` names the page that will stand beside it and says whether the version can be taken; empty: none will.
    """

    def __init__(self, readiness: str = "") -> None:
        self.tally = Tally()
        self._readiness = readiness
        self._header: Header | None = None
        self._catalogue = Catalogue()
        self._footer: Footer | None = None
        self._seen: dict[str, Seen] = {}
        self._leftovers: list[str] = []
        self._results: WeakKeyDictionary[pytest.TestReport, CaseResult] = WeakKeyDictionary()
        self._mixed = False
        self._page: Any = None
        self._path: Path | None = None
        self._shown = 0

    def started(self, header: Header, catalogue: Catalogue) -> None:
        """Take what the run is."""
        self._header, self._catalogue = header, catalogue
        self.tally.planned = header.planned
        self._name_columns()

    def case(self, result: CaseResult) -> None:
        """Count a result, and keep of it what the summary tells."""
        self.tally.add(result)
        planned = self._catalogue.cases.get(result.id)
        self._seen.setdefault(result.change, Seen()).add(result, planned.case.proves if planned else ())
        self._leftovers += [cut(f"{result.id}: {text}") for text in result.leftovers]

    def finished(self, footer: Footer) -> None:
        """Take how the run ended."""
        self._footer = footer
        self.tally.waivers = footer.waivers

    def pytest_plugin_registered(self, plugin: object) -> None:
        """Find the page also where pytest-html's session has begun, which is when it asks for title and columns."""
        if type(plugin).__module__.startswith("pytest_html."):
            self._page = getattr(plugin, "_report", self._page)
            self._path = getattr(plugin, "_report_path", self._path)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None]:
        """Seal the page when pytest-html has written it, whatever else has happened by then."""
        try:
            return (yield)
        finally:
            if self._header is not None and self._path is not None and self._path.is_file():
                seal(self._path)

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Keep the page: its title is a word that is known at the end."""
        self._page = report

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_header(self, cells: list[str]) -> None:
        """Name the columns, if it is known by now that there are cases."""
        if self._header is not None:
            cells[:] = columns(self._mixed)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the result of a case until pytest-html asks for its row, which it does at the teardown."""
        if result := getattr(report, "conformance", None):
            self._results[report] = result

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: pytest.TestReport, cells: list[str]) -> None:
        """Put verdict, change, case and duration into the row of a case; leave other rows alone."""
        if result := self._results.get(report):
            cells[:] = case_row(result, cells[0])
        elif not self._mixed and (report.when in ("call", "collect") or report.outcome != "passed"):
            self._mixed = True
            self._name_columns()

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_html(self, report: pytest.TestReport, data: list[str]) -> None:
        """Put the evidence of a case where pytest-html has its log."""
        result = self._results.pop(report, None)
        if result is None:
            return
        captured = join(Html("<pre>{}\n{}</pre>").format(*section) for section in report.sections)
        # pytest-html paints lines that begin with E; in markup that would cross tags.
        if result.verdict is Verdict.PASS and self._shown > BUDGET:
            detail = case_brief(result, self._header)
        else:
            detail = case_detail(result, self._header, self._catalogue)
        self._shown += len(detail)
        data[:] = [str(detail + captured).replace("\nE", "\n&#69;")]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str], postfix: list[str], session: pytest.Session) -> None:
        """Put what the run came to before everything else."""
        if self._header is None:
            return
        prefix += [f"<style>{CSS}</style>", str(self.summary(self._header))]
        postfix.append("<noscript><p>The list of cases needs JavaScript; what is above does not.</p></noscript>")
        if self._page is not None:
            self._page.title = f"Webex XML API {self._header.api_version} - {headline_word(self.tally)}"
            if not self._mixed and session.config.getini("render_collapsed") == "passed":
                self._page.data["renderCollapsed"] = ["all"]

    def _name_columns(self) -> None:
        if self._page is not None and self._header is not None:
            self._page.table_header = columns(self._mixed)

    def summary(self, header: Header) -> Html:
        """Return what is shown before the list of cases; it needs no JavaScript."""
        parts = (
            self._band(header),
            self._link(header),
            self._to_know(header),
            *(part for verdict in _TROUBLES for part in self._troubles(verdict, header)),
            self._changes(header),
            waiver_table(self.tally.waivers),
            self._identity(header),
            legend(),
        )
        return Html("<div class=cf>{}<h2>Cases</h2></div>").format(join(parts))

    def _band(self, header: Header) -> Html:
        total, (kind, glyph) = self.tally.total, BANDS[self.tally.exit_code]
        if total[Verdict.WAIVED] and self.tally.exit_code is ExitCode.AS_DOCUMENTED:
            kind, glyph = "open", LOOKS[Verdict.WAIVED].glyph
        counts = ", ".join(f"{total[verdict]} {word(verdict)}" for verdict in LOOKS if total[verdict])
        ran = f"{total.total()} of {header.planned} planned cases were run: {counts or 'nothing'}"
        if total.total() < header.planned or self._footer is None:
            ran = f"NOT THE WHOLE PICTURE. Only {ran}"
            kind, glyph = ("open", "?") if self.tally.exit_code is ExitCode.AS_DOCUMENTED else (kind, glyph)
        really = f", really {header.mock_version}" if header.mock_version not in ("", header.api_version) else ""
        lines = (self._line(verdict, id_) for verdict in _URGENT for id_ in self._troubled(verdict))
        return Html(
            "<div class='cf-band cf-{}' role=status><span aria-hidden=true>{}</span><div><strong>{}</strong>"
            "<p>{}</p><p>{}</p></div></div><ul class=cf-index>{}</ul>"
        ).format(
            kind,
            glyph,
            headline(self.tally),
            ran,
            f"Site {header.site}, held to {header.api_version}{really}; {moment(header.started)}",
            join(Html("<li>{}").format(line) for line in lines),
        )

    def _link(self, header: Header) -> Html:
        told = Html("<p><a href='{}'>Can we take {}? The answer, with its causes and the nights before</a></p>")
        return told.format(self._readiness, header.api_version) if self._readiness else EMPTY

    @property
    def _left(self) -> list[str]:
        return left_on_site(self._footer, self._leftovers)

    def _to_know(self, header: Header) -> Html:
        """Return what is to be known before anything else is read."""
        remarks = self._footer.remarks if self._footer else ()
        return join(
            Html("<div class='cf-know cf-{}' role=note><strong>{}</strong><ul>{}</ul></div>").format(
                kind, title, join(Html("<li>{}").format(cut(text)) for text in texts)
            )
            for kind, title, texts in (
                ("FAIL", "LEFT ON THE SITE", self._left),
                ("FAIL", "WAIVERS TO CHANGE", [str(note) for note in self.tally.waivers_to_change]),
                ("INCONCLUSIVE", "Of the site", header.warnings),
                ("INCONCLUSIVE", "Of this run", remarks),
            )
            if texts
        )

    def _troubled(self, verdict: Verdict) -> list[str]:
        counts = self.tally.by_change
        return [id_ for id_ in self._newest_first() if id_ in counts and counts[id_][verdict]]

    def _named(self, id_: str) -> tuple[str, str]:
        change = self._catalogue.changes.get(id_)
        return (", ".join(change.file.released_in), change.file.change) if change else ("", id_)

    def _line(self, verdict: Verdict, id_: str) -> Html:
        counts = self.tally.by_change[id_]
        told = (LOOKS[verdict].glyph, *self._named(id_), counts[verdict], counts.total(), word(verdict))
        line = Html("<a href='#cf-{}-{}' class=cf-{}><b>{} {}</b> <span>{}</span> <b>{} of {} {}</b></a>")
        return line.format(verdict, id_, verdict, *told)

    def _troubles(self, verdict: Verdict, header: Header) -> Iterator[Html]:
        ids = self._troubled(verdict)
        yield Html("<h2>{}</h2>").format(_TROUBLES[verdict]) if ids else EMPTY
        for id_ in ids:
            seen, change = self._seen[id_], self._catalogue.changes.get(id_)
            facts: dict[str, str] = {}
            told_above = verdict is Verdict.WAIVED and self.tally.by_change[id_][Verdict.FAIL]
            if change and verdict in (Verdict.FAIL, Verdict.WAIVED) and not told_above:
                if change.side(Version.parse(header.api_version)) == "before":
                    facts["Site held to"] = "without the change; it may have the change already"
                facts |= {"Breaks": change.file.impact, "What to change": change.file.advice}
                facts["The notes say"] = clauses(change.file, seen.failed, seen)
            facts |= waived_by(self.tally.waivers, id_) if verdict is Verdict.WAIVED else {}
            facts["Seen"] = Html("<ul>{}</ul>").format(join(starmap(_cause, seen.causes[verdict].values())))
            yield Html("<section class='cf-change cf-{}' id='cf-{}-{}'><h3>{}</h3>{}</section>").format(
                verdict, verdict, id_, self._line(verdict, id_), pairs(facts)
            )

    def _newest_first(self) -> list[str]:
        changes = sorted(self._catalogue.changes.values(), key=lambda change: change.id)
        changes.sort(key=lambda change: change.since, reverse=True)
        return [c.id for c in changes] + sorted(self.tally.by_change.keys() - self._catalogue.changes.keys())

    def _changes(self, header: Header) -> Html:
        heads = (Html("<th scope=col class=cf-n title='{}'>{}").format(word(v), LOOKS[v].letter) for v in LOOKS)
        return Html(
            "<h2>Documented changes</h2><table><thead><tr><th scope=col>Change<th scope=col>Released in"
            "<th scope=col>Operations<th scope=col>Site held to{}<th scope=col class=cf-word>In a word</thead>"
            "<tbody>{}</tbody></table><p class=cf-dim>{}</p>"
        ).format(
            join(heads),
            join(self._row(id_, header) for id_ in self._newest_first()),
            ", ".join(f"{look.letter} {word(verdict)}" for verdict, look in LOOKS.items()),
        )

    def _row(self, id_: str, header: Header) -> Html:
        change, counts = self._catalogue.changes.get(id_), self.tally.by_change.get(id_, Counter[Verdict]())
        # One case that does not apply says nothing of the others.
        verdict = worst(counts.keys() - {Verdict.NOT_APPLICABLE} or counts.keys() or [Verdict.NOT_APPLICABLE])
        numbers = (
            Html("<td class=cf-n>{}").format(Html("<b>{}</b>").format(counts[v]) if counts[v] else "·") for v in LOOKS
        )
        released, title = self._named(id_)
        return Html(
            "<tr><th scope=row>{}<small>{}</small><td class=cf-nb>{}<td>{}<td class=cf-nb>{}{}"
            "<td class='cf-word cf-v cf-{}'>{}"
        ).format(
            title,
            id_,
            released,
            ", ".join(change.file.operations) if change else "",
            _SIDES[change.side(Version.parse(header.api_version))] if change else "",
            join(numbers),
            verdict,
            f"{LOOKS[verdict].glyph} {LOOKS[verdict].of_change if counts else 'not run'}",
        )

    def _identity(self, header: Header) -> Html:
        took = f"took {duration(self._footer.seconds)}" if self._footer else "did not end"
        facts = {
            "Run": header.run,
            "Site": header.site,
            "Endpoint": header.endpoint,
            "Held to": header.api_version,
            "The site says it is": header.told_version,
            "The mock really is": header.mock_version or "no mock",
            "Schemas": f"{header.schema_release}, digest {header.schemas_digest[:12]}",
            "Cases": f"{header.planned} planned, digest {header.cases_digest[:12]}",
            "Suite": header.suite_version,
            "Site's clock is ahead by": f"{header.clock_offset_seconds:g} s",
            "Started": f"{moment(header.started)}, {took}",
            "Libraries": ", ".join(f"{name} {version}" for name, version in header.libraries.items()),
            "Left on the site": "see the top" if self._left else "nothing",
        }
        told = (Html("<div><dt>{}<dd>{}</div>").format(name, text or "not known") for name, text in facts.items())
        return Html("<h2>This run</h2><dl class=cf-id>{}</dl>").format(join(told))


def _cause(told: Html, cases: list[str]) -> Html:
    names = (Html("<a href='#{}'>{}</a>").format(case, slug(case)) for case in cases[:_NAMED])
    more = f" and {len(cases) - _NAMED} more" if len(cases) > _NAMED else ""
    count = f"{len(cases)} case{'s' * (len(cases) > 1)}"
    return Html("<li>{}<br><small>{}: {}{}</small>").format(told, count, Html(", ").join(names), more)
