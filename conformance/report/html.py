"""The HTML report: pytest-html's page, led by what the run came to.

pytest-html puts every piece of a row into the page as it is, so all text that enters one passes ``Html``.
Closing tags and quotes that HTML does not ask for are left out of the details of a case: a page holds many.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from conformance.cases.model import ChangeFile
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
    message,
    moment,
    pairs,
    word,
)
from conformance.report.stream import HEADLINES, Catalogue, Footer, Header, Tally, headline, rerun_command
from conformance.run.verdicts import CaseResult, Check, ExitCode, StepResult, Verdict, worst
from conformance.versions import Version

_NAMED = 8  # cases that are told by name where many met the same trouble
_WEIGHT = list(Verdict).index
_SIDES = {"expect": "with the change", "before": "without the change"}
_TROUBLES = {
    Verdict.FAIL: "What does not hold",
    Verdict.SUITE_ERROR: "Defects of the suite itself",
    Verdict.INCONCLUSIVE: "What could not be told",
    Verdict.BLOCKED: "What was blocked by a step before it",
    Verdict.DEVIATION: "Deviations, which block nothing",
}

_URGENT = [verdict for verdict in _TROUBLES if verdict is not Verdict.DEVIATION]


@dataclass(slots=True)
class Seen:
    """What is kept of the cases of one change: causes by verdict, each with its cases; numbers by clause."""

    causes: dict[Verdict, dict[tuple[str, str], tuple[Html, list[str]]]] = field(default_factory=dict)
    ran: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, result: CaseResult, clauses: Iterable[str]) -> None:
        """Keep what the summary tells of a result. Names that differ only in numbers are one cause."""
        self.ran.update(clauses)
        if result.verdict is Verdict.FAIL:
            self.failed.update(clauses)
        if result.verdict is not Verdict.PASS:
            checks = (check for step in result.steps for check in step.checks if check.verdict is result.verdict)
            check, reason = next(checks, None), cut(result.reason or "no reason is given")
            key = (check.id if check else "", re.sub(r"\d+", "0", check.subject if check else reason))
            causes = self.causes.setdefault(result.verdict, {})
            if key not in causes:
                causes[key] = _told(check) if check else Html.escape(reason), []
            causes[key][1].append(result.id)


class HtmlReport:
    """A writer that puts the run into pytest-html's page. Register it as a plugin; without cases it does nothing."""

    def __init__(self) -> None:
        self.tally = Tally()
        self._header: Header | None = None
        self._catalogue = Catalogue()
        self._footer: Footer | None = None
        self._seen: dict[str, Seen] = {}
        self._leftovers: list[str] = []
        self._results: WeakKeyDictionary[pytest.TestReport, CaseResult] = WeakKeyDictionary()
        self._mixed = False
        self._page: Any = None

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

    def pytest_plugin_registered(self, plugin: object) -> None:
        """Find the page also where pytest-html's session has begun, which is when it asks for title and columns."""
        if type(plugin).__module__.startswith("pytest_html."):
            self._page = getattr(plugin, "_report", self._page)

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
        data[:] = [str(case_detail(result, self._header, self._catalogue) + captured).replace("\nE", "\n&#69;")]

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_summary(self, prefix: list[str], postfix: list[str], session: pytest.Session) -> None:
        """Put what the run came to before everything else."""
        if self._header is None:
            return
        prefix += [f"<style>{CSS}</style>", str(self.summary(self._header))]
        postfix.append("<noscript><p>The list of cases needs JavaScript; what is above does not.</p></noscript>")
        if self._page is not None:
            self._page.title = f"Webex XML API {self._header.api_version} - {HEADLINES[self.tally.exit_code]}"
            if not self._mixed and session.config.getini("render_collapsed") == "passed":
                self._page.data["renderCollapsed"] = ["all"]

    def _name_columns(self) -> None:
        if self._page is not None and self._header is not None:
            self._page.table_header = columns(self._mixed)

    def summary(self, header: Header) -> Html:
        """Return what is shown before the list of cases; it needs no JavaScript."""
        parts = (
            self._band(header),
            *(part for verdict in _TROUBLES for part in self._troubles(verdict, header)),
            self._changes(header),
            self._identity(header),
            legend(),
        )
        return Html("<div class=cf>{}<h2>Cases</h2></div>").format(join(parts))

    def _band(self, header: Header) -> Html:
        total, (kind, glyph) = self.tally.total, BANDS[self.tally.exit_code]
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
            if change and verdict is Verdict.FAIL:
                if change.side(Version.parse(header.api_version)) == "before":
                    facts["Site held to"] = "without the change; it may have the change already"
                facts |= {"Breaks": change.file.impact, "What to change": change.file.advice}
                facts["The notes say"] = _clauses(change.file, seen.failed, seen)
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
            "Left on the site": Html("<br>").join(self._leftovers) or "nothing",
        }
        told = (Html("<div><dt>{}<dd>{}</div>").format(name, text or "not known") for name, text in facts.items())
        return Html("<h2>This run</h2><dl class=cf-id>{}</dl>").format(join(told))


def case_row(result: CaseResult, outcome: str) -> list[str]:
    """Return the cells of a case.

    pytest-html sorts and filters by the text of the first cell of each piece, which therefore stands hidden
    before the one that is seen: pytest's outcome before our verdict, the id of the case before its change.
    """
    verdict = result.verdict
    seen = Html("<td class='cf-v cf-{}'>{} {}</td>").format(verdict, LOOKS[verdict].glyph, word(verdict))
    change = Html('<td class="col-testId" hidden>{}</td><td>{}</td>').format(result.id, result.change)
    case = Html('<td class="col-case">{}</td>').format(_slug(result.id))
    time = Html('<td class="col-duration">{} ms</td>').format(round(result.seconds * 1000))
    return [outcome.replace("<td ", "<td hidden ", 1) + str(seen), str(change), str(case), str(time)]


def case_detail(result: CaseResult, header: Header | None, catalogue: Catalogue) -> Html:
    """Return all evidence of a case."""
    planned = catalogue.cases.get(result.id)
    title = planned.change.file.change if planned else result.change
    facts = {
        "Case": result.id,
        "The notes say": _clauses(planned.change.file, planned.case.proves) if planned else "",
        "Site held to": f"{header.api_version}, {_SIDES[result.side]}" if header else _SIDES[result.side],
        "Assumed": result.assumed,
        "Left on the site": Html("<br>").join(map(cut, result.leftovers)),
        "Run it again": Html("<code>{}</code>").format(rerun_command(result.id, header)) if header else "",
    }
    last = len(result.steps) if result.verdict is Verdict.PASS else 0
    steps = (_step(number, step, number == last) for number, step in enumerate(result.steps, 1))
    why = Html("<div class=cf-why>{}: {}</div>").format(word(result.verdict), cut(result.reason))
    return Html("<div class='cf-case cf-{}'><p>{}</p>{}{}{}</div>").format(
        result.verdict, title, why if result.reason else "", pairs(facts), join(steps)
    )


def _step(number: int, step: StepResult, is_open: bool) -> Html:
    failed = step.verdict is not Verdict.PASS
    told = [f"as {step.caller}" if step.caller else "", f"HTTP {step.status}" if step.status else ""]
    schema = [c for c in step.checks if c.id.startswith("schema.")]
    valid = [f"{c.id.removeprefix('schema.')} {c.observed}" for c in schema if c.verdict is Verdict.PASS]
    broken = [c for c in schema if c.verdict is not Verdict.PASS]
    sent = [c for c in broken if c.id.startswith("schema.request")]
    got = [c for c in broken if c not in sent]
    checks = [c for c in step.checks if c not in schema]
    return Html(
        "<details class=cf-step{}><summary><span class='cf-v cf-{}'>{}</span> {}. {} <small>{}</small></summary>"
        "{}{}{}{}{}{}</details>"
    ).format(
        Html(" open") if failed or is_open else "",
        step.verdict,
        word(step.verdict),
        number,
        step.name,
        " · ".join([*filter(None, told), duration(step.seconds)]),
        _checks(checks, "Verdict", "Looked at", "Expected", "Observed", "Note"),
        _checks(sent, "Schema", "Path in the request", "Expected", "Found", "Rule"),
        _checks(got, "Schema", "Path in the response", "Expected", "Found", "Rule"),
        Html("<div><small>Schema: {}</small></div>").format(", ".join(valid)) if valid else "",
        message("Request", step.request, failed),
        message("Response" if step.status else "Seen", step.response, failed),
    )


def _checks(checks: list[Check], *heads: str) -> Html:
    if not checks:
        return EMPTY
    shown = 4 if any(check.note for check in checks) else 3
    named = (Html("<th scope=col>{}").format(head) for head in heads[: 1 + shown])
    rows = (
        Html("<tr class=cf-{}><td>{}{}").format(
            check.verdict,
            word(check.verdict),
            join(
                Html("<td>{}").format(cut(text))
                for text in (check.subject, check.expected or "none", check.observed or "none", check.note)[:shown]
            ),
        )
        for check in sorted(checks, key=lambda check: -_WEIGHT(check.verdict))
    )
    return Html("<table><thead><tr>{}<tbody>{}</table>").format(join(named), join(rows))


def _clauses(file: ChangeFile, names: Iterable[str], seen: Seen | None = None) -> Html:
    clauses = [(name, file.clauses[name]) for name in file.clauses if name in names]
    counts = {name: f" ({seen.failed[name]} of {seen.ran[name]} cases fail)" if seen else "" for name, _ in clauses}
    assumed = Html(" <span class=cf-assumed>assumed: {}</span>")
    items = (
        Html("<li>{}<small>{}</small>{}").format(
            clause.says, counts[name], assumed.format(clause.assumed) if clause.assumed else ""
        )
        for name, clause in clauses
    )
    return Html("<ul>{}</ul>").format(join(items))


def _cause(told: Html, cases: list[str]) -> Html:
    names = (Html("<a href='#{}'>{}</a>").format(case, _slug(case)) for case in cases[:_NAMED])
    more = f" and {len(cases) - _NAMED} more" if len(cases) > _NAMED else ""
    count = f"{len(cases)} case{'s' * (len(cases) > 1)}"
    return Html("<li>{}<br><small>{}: {}{}</small>").format(told, count, Html(", ").join(names), more)


def _told(check: Check) -> Html:
    return Html("<code>{}</code>: expected <code>{}</code>, got <code>{}</code>{}").format(
        *map(cut, (check.subject, check.expected or "none", check.observed or "none")),
        f" ({cut(check.note)})" if check.note else "",
    )


def _slug(case_id: str) -> str:
    return case_id.partition("::")[2] or case_id
