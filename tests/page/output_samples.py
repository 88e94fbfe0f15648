"""Decisions for the tests of what programs read of one: a usual one, an empty one, and one of hostile texts only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from conformance.history.model import RunRecord
from conformance.run.verdicts import Verdict
from conformance.upgrade.model import ChangeState, ChangeWord, Decision, Evidence, Outcome, Reason, Word
from conformance.versions import Version

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TONIGHT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
STARTS = "40.2.0/start-time-in-the-past"
CASE = f"{STARTS}::setmeeting-to-the-past"

HOSTILE = "\n".join([
    "<script>alert(1)</script>",
    "]]></title><svg onload=alert(1)>",
    "\x1b[31mred\x1b[0m\x1b]0;t\x07",
    "user\u202egpj.exe",
    "\x00\x08\x7f\x9b\u2028\u2029\u0085",
    "::error file=x::owned",
    "\r\n::stop-commands::x",
    "##[command]x",
    '"quoted" \'too\' \\ %0A %25',
    "\udc80",
    'word{label="x"} 1',
    "@everyone https://example.com #1 **bold** [a](b)",
    "../../etc/passwd:1:2",
])  # fmt: skip
ACTED_ON = frozenset(map(chr, [*range(9), *range(11, 32), *range(127, 160), 0x2028, 0x2029, 0x202E, 0xDC80]))
"""Characters that a terminal, a browser or an editor acts on."""


def run(**more: object) -> RunRecord:
    """Return the run of tonight."""
    known = RunRecord(
        id="a1",
        name="2026-11-22T02-00-00Z-40.4.3",
        started=TONIGHT,
        ended=TONIGHT + timedelta(minutes=4),
        site="staging",
        endpoint="https://staging.example.com/WBXService/XMLService",
        api_version=Version.parse("40.4.3"),
        told_version="40.4.3",
        behaves_as="40.1.2",
        mock_version="",
        schema_release="40.4.3",
        suite_version="0.1.0",
        schemas_digest="s" * 64,
        cases_digest="c" * 64,
        settings_digest="e" * 64,
        clock_offset_seconds=0.5,
        planned=3,
        exit_code=1,
        counts={Verdict.PASS: 1, Verdict.FAIL: 2},
    )
    return replace(known, **more)


def reason(**more: object) -> Reason:
    """Return a reason: a change that does not hold."""
    known = Reason(
        rule="change-broken",
        outcome=Outcome.BLOCK,
        says="40.2.0 CreateMeeting refuses a start that has passed: 2 cases fail",
        change=STARTS,
        title="A start time that has passed is refused",
        releases="40.2.0",
        seen="exceptionID: expected 060016, got none",
        since=TONIGHT,
        since_run="2026-11-22T02-00-00Z-40.4.3",
        advice="send a start that is ahead",
        owners=("Team A",),
        cases=(CASE, f"{STARTS}::createmeeting-started-an-hour-ago"),
        evidence=Evidence("2026-11-22T02-00-00Z-40.4.3", TONIGHT, timedelta(hours=6)),
        place="cases/40.2.0/start-time-in-the-past.yaml:24:5",
    )
    return replace(known, **more)


def change(id_: str = STARTS, word: ChangeWord = ChangeWord.BROKEN, **more: object) -> ChangeState:
    """Return how a change stands."""
    counts = {Verdict.PASS: 1, Verdict.FAIL: 2}
    known = ChangeState(id_, f"Title of {id_}", "40.2.0", "new", True, word, {"CreateMeeting": word}, counts)
    return replace(known, **more)


def decision(word: Word = Word.NOT_READY, reasons: Sequence[Reason] | None = None, **more: object) -> Decision:
    """Return a decision."""
    waived = reason(
        rule="waiver-expired",
        says="the waiver for 40.1.0/x has expired",
        change="40.1.0/x",
        cases=(),
        seen="",
        since=None,
        advice="mend what fails",
        evidence=None,
        place="waivers.yaml:12:5",
    )
    traffic = reason(
        rule="traffic-refused",
        says="your CreateMeeting sends a start time that has passed (3 of 40 requests)",
        cases=(),
        place="calls.har: entry 12:14:7",
    )
    told = reason(rule="deviation", outcome=Outcome.TELL, says="1 deviation", cases=(), change="", place="")
    unknown = reason(
        rule="inconclusive", outcome=Outcome.UNKNOWN, says="1 case could not tell", cases=(CASE,), place=""
    )
    known = Decision(
        word=word,
        to=Version.parse("40.4.3"),
        from_=Version.parse("40.1.0"),
        site="staging",
        at=NOW,
        max_age=timedelta(hours=36),
        reasons=[reason(), waived, traffic, unknown, told] if reasons is None else reasons,
        changes=[change(), change("40.1.0/x", ChangeWord.HOLDS)],
        policy={"change-broken": Outcome.BLOCK, "waiver-expired": Outcome.BLOCK, "flaky": Outcome.TELL},
        policy_source="the shipped policy",
        profile="billing",
        runs=[run()],
        observed=5,
        planned=6,
    )
    return replace(known, **more)


def empty() -> Decision:
    """Return a decision on nothing."""
    return decision(Word.CANNOT_TELL, [], changes=[], runs=[], policy={}, profile="", from_=None, observed=0, planned=0)


def hostile(text: str = HOSTILE) -> Decision:
    """Return a decision whose every text is this one."""
    wrong = Reason(
        **dict.fromkeys(("rule", "says", "change", "title", "releases", "notes", "source", "uses", "seen"), text),
        outcome=Outcome.BLOCK,
        owners=(text,),
        since_run=text,
        advice=text,
        cases=(text,),
        evidence=Evidence(text, TONIGHT, timedelta(hours=1)),
        place=text,
    )
    state = ChangeState(
        text, text, text, text, True, ChangeWord.BROKEN, {text: ChangeWord.BROKEN}, {}, text, text, text
    )
    record = run(id=text, name=text, site=text, endpoint=text, told_version=text, behaves_as=text, mock_version=text)
    return decision(
        reasons=[wrong, replace(wrong, place="", cases=())],
        changes=[state],
        runs=[record],
        site=text,
        profile=text,
        policy={text: Outcome.BLOCK},
        policy_source=text,
    )


texts = st.text(max_size=30) | st.sampled_from(HOSTILE.split("\n"))
decisions = st.builds(lambda text, word: replace(hostile(text), word=word), texts, st.sampled_from(Word))
