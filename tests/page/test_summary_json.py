"""summary.json: what is in it, that its schema describes it, and that the schema in docs is that of the code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from output_samples import ACTED_ON, CASE, STARTS, decision, decisions, empty, hostile

from conformance import __version__
from conformance.page.summary import SCHEMA_ID, Summary, json_schema, summary_data, summary_json
from conformance.run.verdicts import Verdict
from conformance.upgrade.model import Decision, Word

DOCUMENTED = Path(__file__).parents[2] / "docs" / "summary.schema.json"
SCHEMA = json.loads(DOCUMENTED.read_text(encoding="utf-8"))
TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
TOLD = {"title", "description", "$schema", "$id", "$defs"}


def problems(data: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Return what of JSON data is not as a schema says, without the code that made either.

    Knows the keywords that this schema uses and refuses others, so that none is passed over.
    """
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return problems(data, SCHEMA["$defs"][name], at)
    if "anyOf" in schema:
        found = [problems(data, each, at) for each in schema["anyOf"]]
        return [] if [] in found else [f"{at}: none of the kinds it may be"]
    unknown = schema.keys() - TOLD - {
        "type", "const", "enum", "format", "minimum", "maximum", "items", "properties", "required",
        "additionalProperties", "propertyNames",
    }  # fmt: skip
    assert not unknown, f"{at}: the schema uses {unknown}, which this check does not know"
    kind = schema.get("type")
    if kind == "object":
        return _object(data, schema, at)
    if kind == "array":
        return [each for n, item in enumerate(data) for each in problems(item, schema["items"], f"{at}[{n}]")]
    if kind and (not isinstance(data, TYPES[kind]) or (kind != "boolean" and isinstance(data, bool))):
        return [f"{at}: no {kind}"]
    wrong = []
    if data not in schema.get("enum", [data]) or data != schema.get("const", data):
        wrong.append(f"{at}: {data!r} is not allowed")
    if kind in ("integer", "number") and not schema.get("minimum", data) <= data <= schema.get("maximum", data):
        wrong.append(f"{at}: {data} is out of bounds")
    if schema.get("format") == "date-time" and datetime.fromisoformat(data).tzinfo is None:
        wrong.append(f"{at}: no time with a zone")
    return wrong


def _object(data: Any, schema: dict[str, Any], at: str) -> list[str]:
    if not isinstance(data, dict):
        return [f"{at}: no object"]
    properties, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    wrong = [f"{at}: {key} is missing" for key in schema.get("required", []) if key not in data]
    for key, value in data.items():
        wrong += problems(key, schema["propertyNames"], f"{at}.{key}") if "propertyNames" in schema else []
        if key in properties:
            wrong += problems(value, properties[key], f"{at}.{key}")
        elif isinstance(more, dict):
            wrong += problems(value, more, f"{at}.{key}")
        elif not more:
            wrong.append(f"{at}: {key} is not known")
    return wrong


class TestSchema:
    def test_that_in_docs_is_that_of_the_code(self) -> None:
        assert json_schema() == SCHEMA, "write it anew: python -m conformance.page.summary > docs/summary.schema.json"

    def test_it_says_what_it_is(self) -> None:
        assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        assert SCHEMA["$id"] == SCHEMA_ID == "https://example.com/webex-conformance/summary-1.schema.json"

    def test_every_key_is_required_and_no_other_is_allowed(self) -> None:
        for part in (SCHEMA, *SCHEMA["$defs"].values()):
            if part.get("type") == "object":
                assert sorted(part["required"]) == sorted(part["properties"])
                assert part["additionalProperties"] is False

    @pytest.mark.parametrize("made", [decision(), empty(), hostile(), *map(decision, Word)])
    def test_it_describes_every_decision(self, made: Decision) -> None:
        assert problems(json.loads(summary_json(made)), SCHEMA) == []

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("version",), 2),
            (("decision", "word"), "MAYBE"),
            (("decision", "exit_code"), 4),
            (("decision", "at"), "2026-11-22T08:00:00"),
            (("decision", "observed"), -1),
            (("decision", "observed"), "5"),
            (("decision", "site"), None),
            (("changes", 0, "used"), 1),
            (("changes", 0, "state"), "P"),
            (("counts", "MAYBE"), 1),
            (("more",), 1),
        ],
    )
    def test_it_refuses_what_is_no_summary(self, path: tuple[Any, ...], value: Any) -> None:
        data = json.loads(summary_json(decision()))
        part = data
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = value
        assert len(problems(data, SCHEMA)) == 1


class TestContent:
    def test_the_decision(self) -> None:
        data = summary_data(decision())
        assert (data["$schema"], data["version"], data["suite"]) == (SCHEMA_ID, 1, __version__)
        assert data["decision"] == {
            "word": "NOT READY",
            "exit_code": 1,
            "to": "40.4.3",
            "from": "40.1.0",
            "site": "staging",
            "at": "2026-11-22T08:00:00Z",
            "max_age_seconds": 129600.0,
            "profile": "billing",
            "policy": "the shipped policy",
            "observed": 5,
            "planned": 6,
        }

    def test_reasons_changes_and_runs(self) -> None:
        data = summary_data(decision())
        first = data["reasons"][0]
        assert (first["rule"], first["outcome"], first["change"]) == ("change-broken", "not ready", STARTS)
        assert first["cases"][0] == CASE
        assert (first["since"], first["evidence_age_seconds"]) == ("2026-11-22T02:00:00Z", 21600.0)
        assert data["reasons"][1]["evidence_age_seconds"] is None
        assert [(change["id"], change["state"]) for change in data["changes"]] == [
            (STARTS, "broken"),
            ("40.1.0/x", "holds"),
        ]
        assert data["changes"][0]["by_operation"] == {"CreateMeeting": "broken"}
        assert data["states"]["broken"] == data["states"]["holds"] == 1
        assert sum(data["states"].values()) == 2
        assert data["counts"] == {v.value: {"PASS": 2, "FAIL": 4}.get(v, 0) for v in Verdict}
        (run,) = data["runs"]
        assert (run["id"], run["behaves_as"], run["complete"]) == ("a1", "40.1.2", True)
        assert data["rules"] == {"change-broken": "not ready", "waiver-expired": "not ready", "flaky": "tell"}

    def test_it_can_be_read_back(self) -> None:
        text = summary_json(decision())
        assert Summary.model_validate_json(text).model_dump(mode="json", by_alias=True) == json.loads(text)


@given(decisions)
def test_any_text_is_one_line_of_ascii_that_nothing_acts_on(made: Decision) -> None:
    text = summary_json(made)
    assert text.isascii()
    data = json.loads(text)
    assert not ACTED_ON & {*text, *"".join(strings(data))}
    assert not [told for told in strings(data) if "\n" in told]
    assert problems(data, SCHEMA) == []


def strings(data: Any) -> Iterator[str]:
    """Yield every text in JSON data, keys too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from (text for pair in data.items() for part in pair for text in strings(part))
    elif isinstance(data, list):
        yield from (text for part in data for text in strings(part))
