"""results.sarif: what speaks against a version, in SARIF 2.1.0, at the line of the case, waiver or recording.

The fingerprint of a result is the same on the next night, so that a reader of many nights sees one finding.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.page.places import Place, read_place
from conformance.upgrade.model import Decision, Outcome, Reason
from conformance.wire.pretty import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "conformance/v1"
LEVELS: Mapping[Outcome, str] = {
    Outcome.VOID: "error",
    Outcome.BLOCK: "error",
    Outcome.UNKNOWN: "warning",
    Outcome.TELL: "note",
}
_NOTHING: Mapping[str, Place] = {}
# GitHub refuses the whole log for one result without file and line; what stands nowhere is told there.
_REPORT = Place("readiness.md")


def sarif(decision: Decision, places: Mapping[str, Place] = _NOTHING, root: Path | None = None) -> dict[str, Any]:
    """Return the log. ``places`` are those of cases, by id; paths are told from ``root`` (default: here)."""
    told = [reason for reason in decision.reasons if reason.outcome in LEVELS]
    rules = list(dict.fromkeys(_line(reason.rule) for reason in told))
    numbers = {rule: number for number, rule in enumerate(rules)}
    results = [
        {**result, "ruleIndex": numbers[_line(reason.rule)]}
        for reason in told
        for result in _results(reason, places, root)
    ]
    driver = {
        "name": "webex-conformance",
        "semanticVersion": __version__,
        "version": __version__,
        "rules": [_rule(rule, decision) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": f"{_line(decision.site)}/{decision.to}/"},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "Where the command was called."}}},
        "properties": {"decision": str(decision.word)},
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def sarif_json(decision: Decision, places: Mapping[str, Place] = _NOTHING, root: Path | None = None) -> str:
    """Return the text of results.sarif; it is ASCII, so that no terminal acts on it."""
    return json.dumps(sarif(decision, places, root), indent=1) + "\n"


def _rule(rule: str, decision: Decision) -> dict[str, Any]:
    outcome = decision.policy.get(rule)
    text = rule.replace("-", " ") or "no name"
    level = LEVELS.get(outcome, "none") if outcome else "warning"
    return {"id": rule, "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}


def _results(reason: Reason, places: Mapping[str, Place], root: Path | None) -> Iterator[dict[str, Any]]:
    """Yield a result for each case of a change; one, for what concerns the run as a whole."""
    own = read_place(reason.place, root)
    seen = "" if reason.seen in reason.says else reason.seen
    sentences = (_line(text).rstrip(".") for text in (reason.says, seen, reason.advice))
    message = ". ".join(filter(None, sentences)) or str(reason.outcome)
    for case in (reason.cases if reason.change else ()) or ("",):
        yield {
            "ruleId": _line(reason.rule),
            "level": LEVELS[reason.outcome],
            "message": {"text": f"{_line(case)}: {message}" if case else message},
            "locations": [_location(places.get(case) or own or _REPORT)],
            "partialFingerprints": {_FINGERPRINT: _fingerprint(reason, case, own)},
            "properties": {"outcome": str(reason.outcome), "change": _line(reason.change)},
        }


def _fingerprint(reason: Reason, case: str, place: Place | None) -> str:
    """Return what is the same of a finding on the next night: no line, no count and no age."""
    # A sentence is all that tells two findings of a recording apart; its numbers are those of tonight.
    what = case or re.sub(r"\d+", "0", reason.says)
    parts = (reason.rule, reason.change, what, place.path if place and not case else "")
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _location(place: Place) -> dict[str, Any]:
    region = {"startLine": max(1, place.line), **({"startColumn": place.column} if place.column else {})}
    artifact = {"uri": place.uri, "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def _line(text: str) -> str:
    return printable(" ".join(text.split()))
