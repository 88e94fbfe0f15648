"""Importing results.jsonl: once is enough, a cut file is a run that did not end, a wrong one leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from history_support import CHANGE, catalogue, header, result, results_file, step, store
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.errors import UserError
from conformance.history.store import History
from conformance.run.verdicts import Verdict


def changed(file: Path, number: int, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the record of a line."""
    lines = file.read_text().splitlines()
    record = json.loads(lines[number - 1])
    change(record)
    lines[number - 1] = json.dumps(record)
    file.write_text("\n".join(lines) + "\n")


def cut(file: Path, lines: int, more: str = "") -> None:
    """Leave only the first lines, and a beginning of the next."""
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:lines]) + more)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A whole run of two cases: a header, two results, a footer."""
    return results_file(tmp_path / "run", header(planned=2), [result("a", "F"), result("b")])


class TestOnce:
    def test_the_same_file_twice_is_one_run(self, history: History, file: Path) -> None:
        first, second = history.import_results(file), history.import_results(file.parent)
        assert (first.already, first.ended, first.cases, second.already) == (False, True, 2, True)
        assert first.run == second.run
        [run] = history.runs()
        assert run.results == str(file.absolute())
        assert len(history.cases([run.id])) == 2

    def test_a_run_that_was_written_while_it_ran_is_there_already(self, history: History, tmp_path: Path) -> None:
        head = store(history, header(), [result("a")])
        assert history.import_results(results_file(tmp_path / "run", head, [result("a")])).already

    def test_an_old_file_without_an_id_is_one_run_too(self, history: History, file: Path) -> None:
        def age(record: dict[str, Any]) -> None:
            del record["id"], record["settings_digest"]

        changed(file, 1, age)
        changed(file, 4, lambda record: [record.pop(key) for key in ("ended", "left", "waivers")])
        first, second = history.import_results(file), history.import_results(file)
        assert (first.already, second.already, len(first.run)) == (False, True, 32)
        [run] = history.runs()
        assert run.ended is not None
        assert (run.ended - run.started).total_seconds() == 300
        changed(file, 1, lambda record: record.update(started="2026-10-02T02:00:00+00:00"))
        assert not history.import_results(file).already

    def test_which_text_the_cases_had_comes_with_it(self, history: History, tmp_path: Path) -> None:
        known = catalogue({CHANGE: "ee" * 32})
        imported = history.import_results(results_file(tmp_path / "run", header(), [result()], catalogue=known))
        assert history.cases([imported.run])[0].digest == "ee" * 32


class TestNotEnded:
    def test_a_file_without_footer_is_a_run_that_did_not_end(self, history: History, file: Path) -> None:
        cut(file, 2, '{"kind": "case", "id": "40.2')
        imported = history.import_results(file)
        assert (imported.ended, imported.cases) == (False, 1)
        [run] = history.runs()
        assert (run.ended, run.complete, run.counts) == (None, False, {Verdict.FAIL: 1})
        assert history.import_results(file).already

    def test_it_is_replaced_by_the_file_that_has_its_end_and_never_the_other_way(
        self, history: History, file: Path
    ) -> None:
        whole = file.read_text()
        cut(file, 2)
        history.import_results(file)
        file.write_text(whole)
        assert not history.import_results(file).already
        assert history.runs()[0].complete
        cut(file, 2)
        assert history.import_results(file).already
        assert history.runs()[0].complete


WRONG: dict[str, tuple[int, Callable[[dict[str, Any]], object], str]] = {
    "verdict": (3, lambda record: record.update(verdict="MAYBE"), ":3: "),
    "side": (3, lambda record: record.update(side="behind"), ":3: not a result of a case: side 'behind'"),
    "seconds": (3, lambda record: record.update(seconds="long"), ":3: not a result of a case"),
    "reason": (3, lambda record: record.update(reason=None), ":3: not a result of a case"),
    "id": (3, lambda record: record.update(id=7), ":3: not a result of a case"),
    "status": (2, lambda record: record["steps"][0].update(status=[]), ":2: not a result of a case"),
    "round": (2, lambda record: record["steps"][0].update(round="two"), ":2: not a result of a case"),
    "twice": (3, lambda record: record.update(id=f"{CHANGE}::a"), f":3: the case {CHANGE}::a stands there twice"),
    "kind": (3, lambda record: record.update(kind="note"), ":3: "),
    "started": (1, lambda record: record.update(started="soon"), ":1: started 'soon' is no time"),
    "version": (1, lambda record: record.update(api_version="new"), ":1: 'new' is not an API version"),
    "planned": (1, lambda record: record.update(planned="all"), "not of its kind"),
    "clock": (1, lambda record: record.update(clock_offset_seconds="x"), "not of its kind"),
    "libraries": (1, lambda record: record.update(libraries=5), "not of its kind"),
    "exit code": (4, lambda record: record.update(exit_code=10**30), "not of its kind"),
    "ended": (4, lambda record: record.update(seconds="x", ended=""), "not of its kind"),
    "remarks": (4, lambda record: record.update(remarks=5), "not of its kind"),
}


class TestWrong:
    @pytest.mark.parametrize(("line", "change", "told"), WRONG.values(), ids=WRONG)
    def test_a_wrong_line_is_told_with_its_number_and_nothing_is_kept(
        self, history: History, file: Path, line: int, change: Callable[[dict[str, Any]], object], told: str
    ) -> None:
        changed(file, line, change)
        with pytest.raises(UserError) as raised:
            history.import_results(file)
        assert str(raised.value).startswith(str(file))
        assert told in str(raised.value)
        assert "\n" not in str(raised.value)
        assert history.runs() == []
        assert history.case_ids() == []

    def test_a_line_in_the_middle_that_is_no_json_is_told(self, history: History, file: Path) -> None:
        lines = file.read_text().splitlines()
        file.write_text("\n".join([lines[0], "{", *lines[2:]]) + "\n")
        with pytest.raises(UserError, match=f"{file}:2: "):
            history.import_results(file)
        assert history.runs() == []

    def test_what_is_no_such_file_is_told(self, history: History, tmp_path: Path) -> None:
        for path in (tmp_path / "nothing", tmp_path):
            with pytest.raises(UserError, match="can not be read"):
                history.import_results(path)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(data=st.data())
    def test_any_change_of_a_file_ends_in_a_run_or_in_a_word(
        self, embedded: History, tmp_path: Path, data: st.DataObject
    ) -> None:
        again = step(Verdict.FAIL, attempts=("HTTP 503",))
        file = results_file(tmp_path / "run", header(planned=2), [result("a", "F", steps=(again,)), result("b")])
        line = data.draw(st.integers(1, 4))
        record = json.loads(file.read_text().splitlines()[line - 1])
        key = data.draw(st.sampled_from(sorted(record)))
        values = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(max_size=3))
        value = data.draw(values | st.dictionaries(st.text(max_size=3), st.integers(), max_size=2))
        changed(file, line, lambda record: record.update({key: value}))
        before = len(embedded.runs())
        with suppress(UserError):
            imported = embedded.import_results(file)
            embedded.cases([imported.run])
            assert imported.run in {run.id for run in embedded.runs()}
            before = len(embedded.runs())
        assert len(embedded.runs()) == before


def test_a_history_that_was_in_trouble_is_mended_by_the_file(history: History, tmp_path: Path, at_once: None) -> None:
    head = replace(header(), planned=2)
    writer = history.writer(None)
    writer.started(head, catalogue())
    writer.case(result("a", "F"))
    assert not history.runs()[0].complete
    history.import_results(results_file(tmp_path / "run", head, [result("a", "F"), result("b")]))
    assert history.runs()[0].complete
