"""What documents a difference: a case, a trace, the schemas; and what does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from comparing import DECLARED, XSI, edited, records, write
from eight import eight_changes

from conformance.cases.plan import Change
from conformance.compare.align import Kind
from conformance.compare.documented import Changed
from conformance.compare.payloads import Column, PayloadComparison, Row, compare_payloads
from conformance.report.results import open_results
from conformance.schema.catalog import SchemaCatalog


@pytest.fixture(scope="module")
def changes() -> list[Change]:
    return eight_changes()


@pytest.fixture(scope="module")
def catalog() -> SchemaCatalog:
    return SchemaCatalog()


def without_traces(changes: Sequence[Change]) -> list[Change]:
    return [replace(change, file=change.file.model_copy(update={"traffic": ()})) for change in changes]


def rows(found: PayloadComparison, column: Column, operation: str = "") -> list[Row]:
    return [row for row in found.of(column) if not operation or row.operation == operation]


class Comparing:
    """Comparisons of the recorded runs, some with edited answers."""

    @pytest.fixture(autouse=True)
    def _with(
        self, recorded: Mapping[str, Path], changes: list[Change], catalog: SchemaCatalog, tmp_path: Path
    ) -> None:
        self.recorded, self.changes, self.catalog, self.folder = recorded, changes, catalog, tmp_path

    def found(self, a: str | Path, b: str | Path, changes: Sequence[Change] | None = None) -> PayloadComparison:
        one, other = (open_results(self.recorded.get(str(name), Path(name))) for name in (a, b))
        return compare_payloads(one, other, self.changes if changes is None else changes, self.catalog)

    def edited(self, source: str, operation: str, old: str, new: str, *, most: int = 1) -> Path:
        source_file, target = self.recorded[source] / "results.jsonl", self.folder / "edited" / "results.jsonl"
        edits = edited(source_file, target, operation, lambda text: text.replace(old, new, 1), most=most)
        assert edits == most
        return target


class TestVersions(Comparing):
    @pytest.mark.parametrize("pair", [("old", "new"), ("new", "old")])
    def test_all_that_differs_between_two_versions_is_documented(self, pair: tuple[str, str]) -> None:
        found = self.found(*pair)
        assert rows(found, Column.UNDOCUMENTED) == []
        assert rows(found, Column.NOT_SEEN) == []
        seen = {change for row in rows(found, Column.SEEN) for change in row.changes}
        assert seen == {
            "40.1.2/generated-passwords",
            "40.2.0/anonymous-lstsummarysession",
            "40.2.0/start-time-in-the-past",
            "40.4.0/getenrollmentinfo-empty-domain",
            "40.4.0/setuser-email-verification",
        }
        assert found.silent == ["40.4.3/createuser-html-email"], "which only mails show"

    def test_two_runs_of_one_version_do_not_differ(self) -> None:
        found = self.found("new", "again")
        assert found.rows == []
        assert found.answers > 200
        assert found.masked["time"] > 100, "what was masked is counted"

    def test_a_run_does_not_differ_from_itself_and_needs_no_mask(self) -> None:
        found = self.found("new", "new")
        assert (found.rows, found.masked.total()) == ([], 0)

    def test_what_is_documented_and_was_not_seen(self) -> None:
        found = self.found("old", "late")
        missing = {change for row in rows(found, Column.NOT_SEEN) for change in row.changes}
        assert {"40.1.2/generated-passwords", "40.2.0/start-time-in-the-past"} <= missing
        assert rows(found, Column.UNDOCUMENTED) == []
        (row,) = [row for row in rows(found, Column.NOT_SEEN, "SetMeeting") if row.path == "serv:result"]
        assert (row.before, row.after) == ("expected FAILURE of B", "SUCCESS")

    def test_a_release_that_is_taken_back_is_not_documented(self) -> None:
        found = self.found("new", "late")
        kinds = {(row.operation, row.kind) for row in rows(found, Column.UNDOCUMENTED)}
        assert ("CreateMeeting", "element removed") in kinds
        assert ("SetMeeting", "another outcome") in kinds
        assert rows(found, Column.SEEN) == []


class TestGrounds(Comparing):
    def test_the_schemas_document_a_new_element_where_no_trace_does(self) -> None:
        found = self.found("old", "new", without_traces(self.changes))
        assert [row.path.rpartition("/")[2] for row in rows(found, Column.UNDOCUMENTED)] == ["att:domain"]
        by = {(row.by, row.path.rpartition("/")[2]) for row in rows(found, Column.SEEN, "CreateMeeting")}
        assert ("schema", "meet:meetingPassword") in by

    def test_what_a_case_only_counts_is_not_documented_with_all_that_is_in_it(self) -> None:
        operation, old = "GetEnrollmentInfo", "<att:company/>"
        path = self.edited("new", operation, old, f"{old}<att:more>1</att:more>", most=6)
        more = [row for row in rows(self.found("old", path), Column.UNDOCUMENTED) if row.path.endswith("/att:more")]
        assert [row.count for row in more] == [6]

    def test_what_was_refused_on_one_site_has_other_values_from_then_on(self) -> None:
        found = self.found("old", "new")
        after = [row for row in rows(found, Column.SEEN, "GetMeeting") if row.by == "consequence"]
        assert {row.path.rpartition("/")[2] for row in after} == {"meet:timeZone", "meet:timeZoneID"}
        assert {row.changes for row in after} == {("40.2.0/start-time-in-the-past",)}

    def test_another_code_than_the_documented_is_not_documented(self) -> None:
        lines = records(self.recorded["new"] / "results.jsonl")
        step = next(s for line in lines for s in line.get("steps", ()) if "060016" in s["response"])
        step["response"] = step["response"].replace("060016", "060099")
        check = next(check for check in step["checks"] if check["id"] == "exceptionID")
        check["verdict"] = "FAIL"
        found = self.found("old", write(self.folder / "x" / "results.jsonl", lines))
        (row,) = rows(found, Column.UNDOCUMENTED)
        assert (row.kind, row.count) == ("another outcome", 1)
        assert "060099" in row.after
        assert len(rows(found, Column.NOT_SEEN)) == 1


class TestSchemas:
    """Which differences a change of the schemas explains, in the direction in which they came."""

    COMES = Changed("40.1.2", older=False, newer=True, other_type=False, optional=False)
    GOES = Changed("40.1.2", older=True, newer=False, other_type=False, optional=False)
    TYPED = Changed("40.1.2", older=True, newer=True, other_type=True, optional=False)
    OPTIONAL = Changed("40.1.2", older=True, newer=True, other_type=False, optional=True)

    @pytest.mark.parametrize(
        ("changed", "kinds", "backwards"),
        [
            (COMES, {Kind.ADDED}, {Kind.REMOVED}),
            (GOES, {Kind.REMOVED}, {Kind.ADDED}),
            (OPTIONAL, {Kind.ADDED, Kind.REMOVED}, {Kind.ADDED, Kind.REMOVED}),
            (
                TYPED,
                {Kind.VALUE, Kind.TYPE, Kind.ATTRIBUTE, Kind.MOVED},
                {Kind.VALUE, Kind.TYPE, Kind.ATTRIBUTE, Kind.MOVED},
            ),
        ],
        ids=["comes", "goes", "optional", "typed"],
    )
    def test_an_element_itself(self, changed: Changed, kinds: set[Kind], backwards: set[Kind]) -> None:
        at = [kind for kind in Kind if kind is not Kind.OUTCOME]
        assert {kind for kind in at if changed.explains(kind, newer_is_b=True, itself=True)} == kinds
        assert {kind for kind in at if changed.explains(kind, newer_is_b=False, itself=True)} == backwards

    @pytest.mark.parametrize(("changed", "explains"), [(COMES, True), (GOES, True), (TYPED, True), (OPTIONAL, False)])
    def test_what_is_below_an_element(self, changed: Changed, explains: bool) -> None:
        assert {changed.explains(kind, newer_is_b=True, itself=False) for kind in Kind} == {explains}


EDITS = [
    ("</meet:meetingkey>", "</meet:meetingkey><meet:surprise>1</meet:surprise>", "element added", "meet:surprise"),
    ("<serv:gsbStatus>PRIMARY<", "<serv:gsbStatus>BACKUP<", "value changed", "serv:gsbStatus"),
    ('xsi:type="meet:createMeetingResponse"', 'xsi:type="meet:other"', "type changed", "serv:bodyContent"),
    ("<serv:result>SUCCESS</serv:result>", "<serv:result>WARNING</serv:result>", "another outcome", "serv:response"),
]


class TestUndocumented(Comparing):
    @pytest.mark.parametrize(("old", "new", "kind", "name"), EDITS)
    @pytest.mark.parametrize("before", ["old", "again"])
    def test_what_nothing_documents_is_told(self, before: str, old: str, new: str, kind: str, name: str) -> None:
        found = self.found(before, self.edited("new", "CreateMeeting", old, new))
        (row,) = rows(found, Column.UNDOCUMENTED)
        assert (row.operation, row.kind, row.path.rpartition("/")[2]) == ("CreateMeeting", kind, name)
        assert (row.changes, row.count, len(row.places)) == ((), 1, 1)

    def test_an_element_that_vanished(self) -> None:
        path = self.edited("new", "GetUser", "<use:expirationDate>none</use:expirationDate>", "", most=3)
        (row,) = rows(self.found("old", path), Column.UNDOCUMENTED)
        assert (row.kind, row.before, row.count) == ("element removed", "none", 3)

    def test_an_element_that_moved(self) -> None:
        first, second = "<use:firstName>Kim</use:firstName>", "<use:lastName>Sample</use:lastName>"
        path = self.edited("new", "GetUser", first + second, second + first)
        (row,) = rows(self.found("old", path), Column.UNDOCUMENTED)
        assert row.kind == "element moved"

    @pytest.mark.parametrize(
        ("answer", "told"),
        [
            ("<html><body>maintenance</body></html>", "no message: html"),
            ("", "no message: empty"),
            ("<!DOCTYPE x><x/>", "no message: doctype"),
            (f"<serv:message {DECLARED} {XSI}><serv:body>", "no message: not-xml"),
            ("\ud800", "no message: encoding"),
        ],
    )
    def test_an_answer_that_is_none(self, answer: str, told: str) -> None:
        lines = records(self.recorded["new"] / "results.jsonl")
        step = next(s for line in lines for s in line.get("steps", ()) if s["operation"] == "DelMeeting" or s["status"])
        step["response"] = answer
        (row,) = rows(self.found("again", write(self.folder / "x" / "results.jsonl", lines)), Column.UNDOCUMENTED)
        assert (row.kind, row.before, row.after) == ("another outcome", "SUCCESS", told)

    def test_another_http_status(self) -> None:
        lines = records(self.recorded["new"] / "results.jsonl")
        step = next(s for line in lines for s in line.get("steps", ()) if s["status"])
        step["status"] = 500
        (row,) = rows(self.found("again", write(self.folder / "x" / "results.jsonl", lines)), Column.UNDOCUMENTED)
        assert (row.before, row.after) == ("HTTP 200", "HTTP 500")


class TestNotCompared(Comparing):
    def changed(self, edit: str) -> Path:
        lines = records(self.recorded["new"] / "results.jsonl")
        change = "40.4.0/getenrollmentinfo-empty-domain"
        cases = [line for line in lines if line.get("change") == change]
        if edit == "digest":
            lines[0]["changes"][change] = "0" * 64
        elif edit == "gone":
            lines = [line for line in lines if line not in cases]
        elif edit == "inconclusive":
            cases[0]["steps"][-1] |= {"verdict": "INCONCLUSIVE", "status": 0, "response": ""}
        elif edit == "stopped":
            cases[0]["steps"] = cases[0]["steps"][:2]
        elif edit == "unended":
            lines = lines[:-1]
        return write(self.folder / edit / "results.jsonl", lines)

    @pytest.mark.parametrize(
        ("edit", "told", "count"),
        [
            ("digest", "the case file is not the same in both runs", 3),
            ("gone", "only run A has the case", 3),
            ("inconclusive", "there is no answer from one of the sites", 1),
            ("stopped", "run B did not come to the step", None),
        ],
    )
    def test_what_is_not_compared_is_counted_by_reason(self, edit: str, told: str, count: int | None) -> None:
        found = self.found("again", self.changed(edit))
        assert list(found.not_compared) == [told]
        assert found.not_compared[told] == count or (count is None and found.not_compared[told] > 0)
        assert rows(found, Column.UNDOCUMENTED) == []

    def test_a_run_that_only_the_other_has(self) -> None:
        assert self.found(self.changed("gone"), "again").not_compared == {"only run B has the case": 3}

    def test_another_case_file_at_hand_says_nothing_of_these_runs(self) -> None:
        others = [replace(change, digest="0" * 64) for change in self.changes]
        found = self.found("old", "new", others)
        assert (found.answers, found.rows) == (0, [])
        assert list(found.not_compared) == ["the case file at hand is not that of the runs"]

    def test_a_run_without_an_end_is_compared_as_far_as_it_came(self) -> None:
        assert self.found("again", self.changed("unended")).answers > 200

    def test_the_second_time_of_a_case_that_was_run_again_counts(self) -> None:
        lines = records(self.recorded["new"] / "results.jsonl")
        case = next(line for line in lines if line.get("change") == "40.4.0/getenrollmentinfo-empty-domain")
        again = [{**step, "name": f"again: {step['name']}", "round": 2} for step in case["steps"]]
        spoilt = [{**step, "response": "<html/>"} for step in case["steps"]]
        case["steps"] = spoilt + again
        found = self.found("again", write(self.folder / "twice" / "results.jsonl", lines))
        assert (found.rows, found.not_compared.total()) == ([], 0)
