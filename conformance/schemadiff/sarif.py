"""A comparison in SARIF 2.1.0, each finding at its line of the new set, or of the old one where only that has it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from conformance import __version__
from conformance.page.sarif import SCHEMA
from conformance.schemadiff.components import Origin
from conformance.schemadiff.model import Finding, SchemaDiff
from conformance.schemadiff.rules import RULES, Rule, Severity
from conformance.schemadiff.telling import concerned, evidence, place_of, told_path
from conformance.wire.pretty import printable

LEVELS = {Severity.BREAKING: "error", Severity.RISKY: "warning", Severity.COMPATIBLE: "note"}


def sarif(diff: SchemaDiff) -> dict[str, Any]:
    """Return the log."""
    used = {finding.rule.id for finding in diff.findings}
    rules = [rule for rule in RULES.values() if rule.id in used]
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    driver = {
        "name": "webex-conformance",
        "semanticVersion": __version__,
        "version": __version__,
        "rules": [_rule(rule) for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "automationDetails": {"id": f"schema-diff/{printable(diff.old.label)}/{printable(diff.new.label)}/"},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "Where the command was called."}}},
        "results": [{**_result(finding), "ruleIndex": numbers[finding.rule.id]} for finding in diff.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def sarif_json(diff: SchemaDiff) -> str:
    """Return the text of the log; it is ASCII, so that no terminal acts on it."""
    return json.dumps(sarif(diff), indent=1) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.purpose},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"direction": rule.direction, "severity": str(rule.severity)},
    }


def _result(finding: Finding) -> dict[str, Any]:
    parts = [f"{place_of(finding)}: {finding.says}", f"in {concerned(finding)}"]
    parts += [f"documented by {', '.join(finding.notes)}"] if finding.notes else []
    parts += [told] if (told := evidence(finding)) else []
    places = [side for side in (finding.after, finding.before) if side is not None]
    result: dict[str, Any] = {
        "ruleId": finding.rule.id,
        "level": LEVELS[finding.severity],
        "message": {"text": printable(". ".join(parts))},
        "locations": [_location(place) for place in places[:1]],
        "partialFingerprints": {"conformance/schema-diff/v1": finding.fingerprint},
        "properties": {"operations": [*finding.operations], "notes": [*finding.notes]},
    }
    if len(places) > 1:
        result["relatedLocations"] = [{**_location(places[1]), "id": 0, "message": {"text": "as it was"}}]
    return result


def _location(origin: Origin) -> dict[str, Any]:
    uri = quote(printable(told_path(origin.place.path)), safe="/")
    artifact = {"uri": uri, "uriBaseId": "%SRCROOT%"}
    return {"physicalLocation": {"artifactLocation": artifact, "region": {"startLine": max(1, origin.place.line)}}}
