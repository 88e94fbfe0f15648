"""Rules on recorded traffic: what the target would make of what the integration really sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.traffic.model import Severity
from conformance.upgrade.draft import of_change, reason
from conformance.upgrade.evidence import Survey
from conformance.upgrade.model import Reason
from conformance.upgrade.words import counted, plain

_RULES: Mapping[Severity, str] = {
    Severity.REFUSED: "traffic-refused",
    Severity.CHANGED: "traffic-changed",
    Severity.UNKNOWN: "traffic-unknown",
    Severity.LENIENT: "traffic-lenient",
}


def traffic_reasons(survey: Survey) -> Iterator[Reason]:
    """Yield one reason for each finding; what is recorded is used, whatever the profile says."""
    changes = {change.id: change for change in survey.question.changes}
    for finding in survey.question.traffic:
        change = changes.get(finding.change)
        of_it: Mapping[str, Any] = of_change(survey, change) if change else {}
        times = f"{finding.count} of {counted(finding.of, 'recorded request')}"
        told = {
            **of_it,
            "uses": of_it.get("uses") or f"{plain(finding.operation)} ({times})",
            "seen": times,
            "advice": plain(finding.advice),
            "place": plain(finding.place),
        }
        yield reason(survey, _RULES[finding.severity], plain(finding.says), **told)
