"""One case in the HTML report: its row, its evidence, and what the summary keeps of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.cases.model import ChangeFile
from conformance.report.html_style import EMPTY, LOOKS, Html, cut, duration, join, message, pairs, word
from conformance.report.stream import Catalogue, Header, rerun_command
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict

_WEIGHT = list(Verdict).index
_SIDES = {"expect": "with the change", "before": "without the change"}


@dataclass(slots=True)
class Seen:
    """What is kept of the cases of one change: causes by verdict, each with its cases; numbers by clause."""

    causes: dict[Verdict, dict[tuple[str, str], tuple[Html, list[str]]]] = field(default_factory=dict)
    ran: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, result: CaseResult, clauses: Iterable[str]) -> None:
        """Keep what the summary tells of a result. Names that differ only in numbers are one cause."""
        self.ran.update(clauses)
        # What is waived is a failure in its steps and checks.
        seen = Verdict.FAIL if result.verdict is Verdict.WAIVED else result.verdict
        if seen is Verdict.FAIL:
            self.failed.update(clauses)
        if result.verdict is not Verdict.PASS:
            checks = (check for step in result.steps for check in step.checks if check.verdict is seen)
            check, reason = next(checks, None), cut(result.reason or "no reason is given")
            key = (check.id if check else "", re.sub(r"\d+", "0", check.subject if check else reason))
            causes = self.causes.setdefault(result.verdict, {})
            if key not in causes:
                causes[key] = told(check) if check else Html.escape(reason), []
            causes[key][1].append(result.id)


def case_row(result: CaseResult, outcome: str) -> list[str]:
    """Return the cells of a case.

    pytest-html sorts and filters by the text of the first cell of each piece, which therefore stands hidden
    before the one that is seen: pytest's outcome before our verdict, the id of the case before its change.
    """
    verdict = result.verdict
    seen = Html("<td class='cf-v cf-{}'>{} {}</td>").format(verdict, LOOKS[verdict].glyph, word(verdict))
    change = Html('<td class="col-testId" hidden>{}</td><td>{}</td>').format(result.id, result.change)
    case = Html('<td class="col-case">{}</td>').format(slug(result.id))
    time = Html('<td class="col-duration">{} ms</td>').format(round(result.seconds * 1000))
    return [outcome.replace("<td ", "<td hidden ", 1) + str(seen), str(change), str(case), str(time)]


def case_brief(result: CaseResult, header: Header | None) -> Html:
    """Return what a large page says of a case that is as documented: where its evidence stands."""
    held = sum(len(step.checks) for step in result.steps)
    again = Html("<br><code>{}</code>").format(rerun_command(result.id, header)) if header else ""
    return Html("<p>All {} checks held; the evidence stands in results.jsonl.{}").format(held, again)


def case_detail(result: CaseResult, header: Header | None, catalogue: Catalogue) -> Html:
    """Return all evidence of a case."""
    planned = catalogue.cases.get(result.id)
    title = planned.change.file.change if planned else result.change
    facts = {
        "Case": result.id,
        "The notes say": clauses(planned.change.file, planned.case.proves) if planned else "",
        "Site held to": f"{header.api_version}, {_SIDES[result.side]}" if header else _SIDES[result.side],
        "Assumed": result.assumed,
        "Waived": result.waiver,
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
        "{}{}{}{}{}{}{}</details>"
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
        _attempts(step),
        message("Request", step.request, failed),
        message("Response" if step.status else "Seen", step.response, failed),
    )


def _attempts(step: StepResult) -> Html:
    lines = (Html("<li>attempt {}: {}").format(n, cut(text)) for n, text in enumerate(step.attempts, 1))
    return Html("<ul>{}</ul>").format(join(lines)) if step.attempts else EMPTY


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


def clauses(file: ChangeFile, names: Iterable[str], seen: Seen | None = None) -> Html:
    """Return clauses in words; with ``seen``, how many of their cases fail."""
    chosen = [(name, file.clauses[name]) for name in file.clauses if name in names]
    counts = {name: f" ({seen.failed[name]} of {seen.ran[name]} cases fail)" if seen else "" for name, _ in chosen}
    assumed = Html(" <span class=cf-assumed>assumed: {}</span>")
    items = (
        Html("<li>{}<small>{}</small>{}").format(
            clause.says, counts[name], assumed.format(clause.assumed) if clause.assumed else ""
        )
        for name, clause in chosen
    )
    return Html("<ul>{}</ul>").format(join(items))


def told(check: Check) -> Html:
    """Return a check that did not hold, in one line."""
    return Html("<code>{}</code>: expected <code>{}</code>, got <code>{}</code>{}").format(
        *map(cut, (check.subject, check.expected or "none", check.observed or "none")),
        f" ({cut(check.note)})" if check.note else "",
    )


def slug(case_id: str) -> str:
    """Return the part of a case's id that names it in its file."""
    return case_id.partition("::")[2] or case_id
