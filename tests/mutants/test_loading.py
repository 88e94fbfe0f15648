"""Files of the catalogue: what is wrong in one is told with its place, all at once, before anything is tried."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import get_args

import pytest
from defective import CHANGE, catalogue, mutant

from conformance.cases.load import load_changes, plan
from conformance.errors import CaseFileErrors, UserError
from conformance.mock.defect_answers import VERBS, WHOLE
from conformance.mock.defect_states import AFTERWARDS
from conformance.mutants.load import load_mutants
from conformance.mutants.model import DefectEntry, Memory
from conformance.mutants.suite import STAND_INS, load_suite_mutants

CHANGES = load_changes()
CASES = [case for change in CHANGES for case in plan(change)]
KILLED = "killed by: {case: only-a-site-name, check: result}"
DEFECT = f"defect: {{lacks: {CHANGE}}}"


def faults(root: Path) -> list[str]:
    """Return what is wrong with a catalogue, from the line on."""
    with pytest.raises(CaseFileErrors) as caught:
        load_mutants(CHANGES, CASES, root)
    return [f"{fault.line}:{fault.column}: {fault.problem}" for fault in caught.value.faults]


def test_a_mutant_knows_its_change_its_release_and_its_place(tmp_path: Path) -> None:
    root = catalogue(tmp_path, mutant("one", DEFECT, KILLED), mutant("two", "at: 40.2.0", DEFECT, KILLED))
    one, two = load_mutants(CHANGES, CASES, root)
    assert (one.id, one.change, one.breaks, str(one.release)) == (f"{CHANGE}::one", CHANGE, "refused", "40.4.3")
    assert (str(two.release), two.place) == ("40.2.0", f"{tmp_path.name}/{CHANGE}.yaml:9:5")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([DEFECT], "3:5: a mutant is either killed or equivalent"),
        ([DEFECT, KILLED, "equivalent: Nobody can."], "3:5: a mutant is either killed or equivalent"),
        (["defect: {}", KILLED], "7:5: nothing is wrong in this mutant"),
        (["defect: {of: GetUser}", KILLED], "7:5: nothing is wrong in this mutant"),
        (["defect: {lacks: 40.2.0/anonymus-lstsummarysession}", KILLED], "7:14: unknown change"),
        (["defect: {of: GetUsr, clock: 5}", KILLED], "7:14: unknown operation 'GetUsr', did you mean 'GetUser'?"),
        (["defect: {clock: soon}", KILLED], "7:14: 'soon' is no number of seconds"),
        (["defect: {afterwards: no link work}", KILLED], "7:14: nothing called 'no link work' can happen"),
        (["defect: {memory: forget}", KILLED], "7:14: 'forget' is not allowed here"),
        (["defect: {laks: x}", KILLED], "7:14: unknown key 'laks', did you mean 'lacks'?"),
        (["defect: {answer: {at: //x, do: remov}}", KILLED], "nothing called 'remov' can be done, did you mean"),
        (["defect: {answer: {at: //srv:x, do: remove}}", KILLED], "prefix 'srv' is not declared"),
        ([DEFECT, "killed by: {case: only-a-site, check: result}"], "8:17: no case is named like 'only-a-site'"),
        (["at: 40.2.1", DEFECT, KILLED], "7:5: unknown release '40.2.1'"),
        (["rule: all", DEFECT, KILLED], "3:5: the mutants of this file break a 'clause' of its change"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, lines: list[str], told: str) -> None:
    (found,) = faults(catalogue(tmp_path, mutant("one", *lines)))
    assert told in found


def test_a_clause_must_be_one_of_the_change(tmp_path: Path) -> None:
    root = catalogue(tmp_path, mutant("one", DEFECT, KILLED).replace("refused", "refusd"))
    assert faults(root) == ["6:5: unknown clause 'refusd', did you mean 'refused'?"]


def test_an_id_can_be_typed_in_a_shell(tmp_path: Path) -> None:
    assert faults(catalogue(tmp_path, mutant("One & two", DEFECT, KILLED))) == ["3:5: 'One & two' is no name"]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    catalogue(tmp_path, mutant("one", DEFECT), mutant("one", DEFECT, KILLED))
    catalogue(tmp_path, mutant("two", DEFECT, KILLED), change="40.2.0/no-such-change")
    assert faults(tmp_path) == [
        "3:5: a mutant is either killed or equivalent",
        "8:5: another mutant of the file is 'one'",
        "1:1: no case file documents 40.2.0/no-such-change",
        "8:17: no case is named like 'only-a-site-name'",
    ]


def test_rules_of_every_answer_have_no_clause(tmp_path: Path) -> None:
    assert (
        "the mutants of this file break a 'rule'"
        in faults(
            catalogue(
                tmp_path,
                mutant("one", DEFECT, f'killed by: {{case: "{CHANGE}::only-a-site-name", check: result}}'),
                change="general/answers",
            )
        )[0]
    )


def test_a_folder_that_is_not_there_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder of mutants"):
        load_mutants(CHANGES, CASES, tmp_path / "none")


SUITE = """\
about: Parts that do not do their work.
mutants:
  - id: one
    title: Wrong.
    replaces: {replaces}
    by: {by}
    {more}
"""


def suite_faults(root: Path, replaces: str, by: str, more: str) -> list[str]:
    """Return what is wrong with a mutant of the suite."""
    path = root / "suite" / "parts.yaml"
    path.parent.mkdir()
    path.write_text(dedent(SUITE).format(replaces=replaces, by=by, more=more))
    with pytest.raises(CaseFileErrors) as caught:
        load_suite_mutants([], root)
    return [f"{fault.line}: {fault.problem}" for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("replaces", "by", "more", "told"),
    [
        ("conformance.run.judge._nothing", "agrees", "noticed by: control", "5: the suite has no 'conformance.run"),
        ("conformance.run.matching._MATCHERS[txt]", "agrees", "noticed by: control", "5: the suite has no"),
        ("conformance.nowhere.part", "agrees", "noticed by: control", "5: the suite has no"),
        ("conformance.run.judge._same", "agres", "noticed by: control", "6: nothing called 'agres' can stand in"),
        ("conformance.run.judge._same", "passes", "noticed by: nobody", "7: unknown mutant 'nobody'"),
        ("conformance.run.judge._same", "passes", "equivalent: ''", "3: a mutant is either noticed or equivalent"),
    ],
)
def test_what_is_wrong_with_a_mutant_of_the_suite(tmp_path: Path, replaces: str, by: str, more: str, told: str) -> None:
    (found,) = suite_faults(tmp_path, replaces, by, more)
    assert found.startswith(told)


def test_everything_that_can_stand_in_is_used_by_the_shipped_catalogue() -> None:
    shipped = load_suite_mutants(load_mutants(CHANGES, CASES))
    assert {mutant.entry.by for mutant in shipped} == set(STAND_INS)


def test_everything_that_can_be_wrong_is_used_by_the_shipped_catalogue() -> None:
    defects = [mutant.entry.defect for mutant in load_mutants(CHANGES, CASES)]
    derived = {"blank", "first", "last"}
    assert {edit.do for one in defects for edit in one.answer} | derived == {*VERBS, *WHOLE}
    assert {one.memory for one in defects} - {None} == set(get_args(Memory))
    assert {one.afterwards for one in defects} - {None} == set(AFTERWARDS)
    keys = {key for one in defects for key in one.model_fields_set}
    assert keys == DefectEntry.model_fields.keys()
