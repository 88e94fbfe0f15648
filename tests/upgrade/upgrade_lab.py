"""A world to decide in: documented changes, runs and results as values, no file and no site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from conformance.cases.load import plan
from conformance.cases.model import ChangeFile
from conformance.cases.plan import Change
from conformance.cases.waivers import WaiverNote
from conformance.history.model import CaseRecord, RunRecord
from conformance.run.verdicts import Verdict
from conformance.traffic.model import Severity, TrafficFinding
from conformance.upgrade.decide import decide
from conformance.upgrade.model import Decision, Outcome
from conformance.upgrade.policy import Policy, shipped_policy
from conformance.upgrade.question import Question
from conformance.versions import Version

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TO = Version.parse("40.4.3")
SCHEMAS = "schemas-now"


def change(
    id_: str = "40.2.0/starts",
    cases: Mapping[str, Sequence[str]] | None = None,
    released_in: Sequence[str] = ("40.2.0",),
) -> Change:
    """Return a documented change with these cases, each with the operations that it calls."""
    called = cases or {"create": ["CreateMeeting"], "set": ["SetMeeting"]}
    operations = sorted({name for names in called.values() for name in names})
    file = ChangeFile.model_validate(
        {
            "change": f"What {id_.partition('/')[2]} says",
            "released_in": list(released_in),
            "kind": "new exception",
            "operations": operations,
            "source": "XML API Updates, a heading",
            "impact": "Clients get another answer.",
            "advice": "Send another request.",
            "clauses": {slug: f"The clause of {slug}." for slug in called},
            "cases": [
                {"name": slug, "proves": [slug], "steps": [{"request": {name: {}}} for name in names]}
                for slug, names in called.items()
            ],
        }
    )
    versions = tuple(Version.parse(release) for release in released_in)
    return Change(id_, Path("cases", f"{id_}.yaml"), file, versions, {}, f"digest of {id_}")


def run(name: str = "tonight", *, hours: float = 6, **other: Any) -> RunRecord:
    """Return a run that began so many hours ago and ended; ``planned`` and ``counts`` follow its results."""
    started = NOW - timedelta(hours=hours)
    known = RunRecord(
        id=name,
        name=name,
        started=started,
        ended=started + timedelta(minutes=5),
        site="staging",
        endpoint="https://staging.example.com/WBXService/XMLService",
        api_version=TO,
        told_version=str(TO),
        behaves_as=str(TO),
        mock_version="",
        schema_release=str(TO),
        suite_version="1",
        schemas_digest=SCHEMAS,
        cases_digest="",
        settings_digest="",
        clock_offset_seconds=0.0,
        planned=0,
        exit_code=0,
    )
    return replace(known, **other)


def waiver(state: str = "applied", until: str = "2026-12-31", cases: Sequence[str] = (), **other: Any) -> WaiverNote:
    """Return what a run made of a waiver."""
    known = WaiverNote("40.2.0/starts", state, "known", "Team A", until, "waivers.yaml:3:5", tuple(cases))
    return replace(known, **other)


def finding(severity: Severity = Severity.REFUSED, **other: Any) -> TrafficFinding:
    """Return something that was found in recorded traffic."""
    known = TrafficFinding(
        id="change",
        severity=severity,
        change="40.2.0/starts",
        operation="CreateMeeting",
        place="calls.har: entry 12:14:7",
        says="your CreateMeeting sends a start time that has passed: refused from 40.2.0",
        advice="send a start that is ahead",
        count=3,
        of=40,
    )
    return replace(known, **other)


@dataclass
class UsesOnly:
    """A profile that uses these changes and no others."""

    changes: Sequence[str]
    integration: str = "billing"

    def uses(self, change: Change, /) -> str:
        """Return what is used, where anything is."""
        return "CreateMeeting (412 calls)" if change.id in self.changes else ""

    def owners(self, change: Change, /) -> Sequence[str]:
        """Return one owner for all."""
        return ["Team A"]


@dataclass
class World:
    """What is known, to be changed piece by piece; ``night`` adds a run that saw each case."""

    changes: list[Change] = field(default_factory=lambda: [change()])
    runs: list[RunRecord] = field(default_factory=list)
    rows: list[CaseRecord] = field(default_factory=list)
    asked: dict[str, Any] = field(default_factory=dict)
    broken_since: dict[str, RunRecord] = field(default_factory=dict)
    flaky: dict[str, str] = field(default_factory=dict)

    @property
    def cases(self) -> list[str]:
        """The ids of all planned cases."""
        return [case.id for each in self.changes for case in plan(each)]

    def night(
        self,
        verdicts: Mapping[str, Verdict] | Verdict = Verdict.PASS,
        name: str = "tonight",
        *,
        hours: float = 6,
        only: Sequence[str] | None = None,
        row: Mapping[str, Any] | None = None,
        **other: Any,
    ) -> RunRecord:
        """Add a run that held: each case came to PASS, or to the verdict that is given by its slug."""
        rows = []
        for each in self.changes:
            for case in plan(each):
                if only is None or case.slug in only:
                    verdict = verdicts if isinstance(verdicts, Verdict) else verdicts.get(case.slug, Verdict.PASS)
                    rows.append(result(name, case.id, each, verdict, **(row or {})))
        counts = Counter(row.verdict for row in rows)
        added = run(name, hours=hours, **{"planned": len(rows), "counts": counts, **other})
        self.runs.append(added)
        self.rows += rows
        return added

    def question(self) -> Question:
        """Return the question as it is asked."""
        known = {"to": TO, "site": "staging", "now": NOW, "schemas_digest": SCHEMAS, "changes": self.changes}
        return Question(**{**known, **self.asked})

    def decide(self) -> Decision:
        """Return the answer."""
        return decide(self.question(), self.runs, self.rows, broken_since=self.broken_since, flaky=self.flaky)

    def policy(self, **outcomes: Outcome) -> None:
        """Override rules of the shipped policy; underscores stand for hyphens."""
        own = {rule.replace("_", "-"): outcome for rule, outcome in outcomes.items()}
        self.asked["policy"] = Policy({**shipped_policy().outcomes, **own}, "mine.yaml")


def result(run_id: str, case: str, of: Change, verdict: Verdict = Verdict.PASS, **other: Any) -> CaseRecord:
    """Return what a run made of a case."""
    bad = verdict not in (Verdict.PASS, Verdict.NOT_APPLICABLE)
    known = CaseRecord(
        run=run_id,
        case=case,
        change=of.id,
        verdict=verdict,
        side=of.side(TO),
        cause="exceptionID //serv:exceptionID 060001" if bad else "",
        reason="exceptionID: expected 060016, got 060001" if bad else "",
        seconds=0.1,
        digest=of.digest,
        evidence="",
        waiver="40.2.0/starts, Team A, until 2026-12-31" if verdict is Verdict.WAIVED else "",
    )
    return replace(known, **other)
