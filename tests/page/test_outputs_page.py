"""docs/outputs.md says what is written: every file and every metric, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from output_samples import decision

from conformance.page.metrics import metrics
from conformance.page.outputs import write_outputs

TEXT = (Path(__file__).parents[2] / "docs" / "outputs.md").read_text(encoding="utf-8")


def test_every_file_is_named(tmp_path: Path) -> None:
    rows = re.findall(r"^\| `([\w.]+\.(?:json|md|svg|prom|sarif))` \|", TEXT, re.MULTILINE)
    assert rows == [path.name for path in write_outputs(decision(), tmp_path)]


def test_every_metric_is_named_with_its_labels() -> None:
    told = {
        name: {*re.findall(r"`(\w+)`", labels)}
        for name, labels in re.findall(r"^\| `(webex_\w+)` \| (.*?) \|", TEXT, re.MULTILINE)
    }
    written: dict[str, set[str]] = {}
    for name, labels in re.findall(r"^(\w+)\{(.*)\} ", metrics(decision()), re.MULTILINE):
        written[name] = {*re.findall(r'(\w+)="', labels)} - {"site", "to", "profile"}
    assert told == written


def test_the_alerts_ask_for_metrics_that_there_are() -> None:
    asked = {*re.findall(r"expr: .*?(webex_\w+)", TEXT)}
    assert len(asked) == 2
    assert asked <= {*re.findall(r"^(\w+)\{", metrics(decision()), re.MULTILINE)}
