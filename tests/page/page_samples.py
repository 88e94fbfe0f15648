"""Decisions and runs to make pages of: the four words, thirty nights, and what a hostile site may send."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape

from eight import eight_changes

from conformance.cases.load import plan
from conformance.cases.plan import Change, PlannedCase
from conformance.cases.waivers import WaiverNote
from conformance.compare.model import Comparison, Move, MoveKind
from conformance.history.model import FlakyCase, Latency, RunRecord
from conformance.page.model import PageData
from conformance.report.stream import Footer, Header
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.upgrade.model import ChangeState, ChangeWord, Decision, Evidence, Outcome, Reason, Word
from conformance.versions import Version

NOW = datetime(2026, 11, 22, 6, 50, tzinfo=UTC)
TONIGHT = datetime(2026, 11, 22, 2, 14, 9, tzinfo=UTC)
NIGHTS = 30
PAST = "40.2.0/start-time-in-the-past"
EMAIL = "40.4.0/setuser-email-verification"
ANONYMOUS = "40.2.0/anonymous-lstsummarysession"

HOSTILE: Mapping[str, str] = {
    "script": "<script>window.owned = 1</script>",
    "end of script": "</script></style></title></textarea><script>window.owned = 1</script>",
    "image": "<img src=x onerror='window.owned = 1'>",
    "out of an attribute": "'\"><svg onload=window.owned=1>",
    "comment": "--><!-- <b>",
    "template": "${7*7} {{7*7}} {% raw %} {#",
    "ansi": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "right to left": "user\u202egpj.exe",
    "control characters": "\x00\x01\x08\x7f\x9b",
    "line ends": "one\rtwo\u2028three\u2029four\x0bfive",
    "lone surrogate": "\udc80",
    "link": "https://example.com/fetch-me",
}
ALL_HOSTILE = " ".join(HOSTILE.values())


@cache
def shipped() -> tuple[Change, ...]:
    """Return the documented changes of the shipped case files."""
    return tuple(eight_changes())


@cache
def planned() -> Mapping[str, PlannedCase]:
    """Return their cases, by id."""
    return {case.id: case for change in shipped() for case in plan(change)}


def message(kind: str, body: str) -> str:
    """Return a message as results.jsonl has it, on one line and masked."""
    return (
        '<serv:message xmlns:serv="http://www.webex.com/schemas/2002/06/service"><serv:header>'
        "<serv:securityContext><webExID>host.a</webExID><password>***</password></serv:securityContext></serv:header>"
        f"<serv:body><serv:bodyContent>{body}</serv:bodyContent></serv:body></serv:message><!-- {kind} -->"
    )


def step(*checks: Check, **more: object) -> StepResult:
    """Return a step that came to its heaviest check."""
    verdict = max((check.verdict for check in checks), key=list(Verdict).index, default=Verdict.PASS)
    values: dict[str, object] = {
        "name": "a start that has passed",
        "verdict": verdict,
        "caller": "host",
        "operation": "CreateMeeting",
        "request": message("request", "<schedule><startDate>11/22/2026 01:14:09</startDate></schedule>"),
        "response": message("response", "<meet:meetingkey xmlns:meet='m'>123456789</meet:meetingkey>"),
        "status": 200,
        "seconds": 0.25,
        "started": TONIGHT.isoformat(),
    }
    return StepResult(checks=checks, **{**values, **more})  # type: ignore[arg-type]


PASSED = Check("result", Verdict.PASS, "serv:result", "SUCCESS", "SUCCESS")
NO_REFUSAL = (
    Check("result", Verdict.FAIL, "//serv:response/serv:result", "FAILURE", "SUCCESS"),
    Check("exceptionID", Verdict.FAIL, "//serv:exceptionID", "060016", "", "the notes name the code"),
)
NO_MAIL = Check("mail.count", Verdict.INCONCLUSIVE, "mails to new@example.com", "1", "", "the site has no mailbox")


def result(id_: str, verdict: Verdict = Verdict.PASS, **more: object) -> CaseResult:
    """Return the result of a case; of one that does not hold, with the step that shows it."""
    operation = planned()[id_].change.file.operations[0] if id_ in planned() else "CreateMeeting"
    steps: dict[Verdict, tuple[StepResult, ...]] = {
        Verdict.PASS: (step(PASSED, PASSED, name="the call", operation=operation, seconds=0.2),),
        Verdict.FAIL: (step(PASSED, name="given a meeting"), step(PASSED, *NO_REFUSAL)),
        Verdict.INCONCLUSIVE: (step(NO_MAIL, name="the mail", operation="", request="", status=0),),
    }
    reasons = {
        Verdict.FAIL: "//serv:exceptionID: expected 060016, got none",
        Verdict.INCONCLUSIVE: "the site has no mailbox",
        Verdict.SUITE_ERROR: "KeyError: 'meetingkey'",
    }
    values: dict[str, object] = {
        "side": "expect",
        "reason": reasons.get(verdict, ""),
        "steps": steps.get(verdict, (step(name="the call"),)),
        "seconds": 1.5,
    }
    return CaseResult(id_, id_.partition("::")[0], verdict, **{**values, **more})  # type: ignore[arg-type]


def header(**more: object) -> Header:
    """Return the header of the run of tonight."""
    values: dict[str, object] = {
        "run": "2026-11-22T02-14-09Z-40.4.3",
        "id": "1f" * 16,
        "started": TONIGHT.isoformat(),
        "suite_version": "0.3.0",
        "site": "staging",
        "endpoint": "https://staging.example.com/WBXService/XMLService",
        "api_version": "40.4.3",
        "told_version": "40.4.3",
        "mock_version": "",
        "schema_release": "40.4.3",
        "schemas_digest": "ab" * 32,
        "cases_digest": "cd" * 32,
        "clock_offset_seconds": 3.0,
        "planned": len(planned()),
        "libraries": {"python": "3.11.9", "libxml2": "2.14.5"},
        "settings_digest": "ef" * 32,
    }
    return Header(**{**values, **more})  # type: ignore[arg-type]


def footer(**more: object) -> Footer:
    """Return the end of the run of tonight."""
    ended = (TONIGHT + timedelta(seconds=252)).isoformat()
    values: dict[str, object] = {"counts": {}, "exit_code": 1, "seconds": 252.0, "leftovers": 0, "left": ()}
    return Footer(**{"ended": ended, **values, **more})  # type: ignore[arg-type]


def night(number: int, **more: object) -> RunRecord:
    """Return the run of a night; 0 is tonight, 1 the one before."""
    started = TONIGHT - timedelta(days=number)
    values: dict[str, object] = {
        "id": f"{number:032x}",
        "name": f"{started:%Y-%m-%dT%H-%M-%SZ}-40.4.3",
        "started": started,
        "ended": started + timedelta(seconds=252),
        "site": "staging",
        "endpoint": "https://staging.example.com/WBXService/XMLService",
        "api_version": Version.parse("40.4.3"),
        "told_version": "40.4.3",
        "behaves_as": "40.4.3" if number < 12 else "40.2.0",
        "mock_version": "",
        "schema_release": "40.4.3",
        "suite_version": "0.3.0",
        "schemas_digest": "ab" * 32,
        "cases_digest": "cd" * 32,
        "settings_digest": "ef" * 32,
        "clock_offset_seconds": 3.0,
        "planned": len(planned()),
        "exit_code": 0,
        "counts": {Verdict.PASS: len(planned())},
    }
    return RunRecord(**{**values, **more})  # type: ignore[arg-type]


def nights(number: int = NIGHTS) -> list[RunRecord]:
    """Return the last runs, oldest first."""
    return [night(n) for n in reversed(range(number))]


def state(change: Change, word: ChangeWord = ChangeWord.HOLDS, **words: ChangeWord) -> ChangeState:
    """Return how a change stands; ``words`` is what differs by operation."""
    return ChangeState(
        change.id,
        change.file.change,
        ", ".join(change.file.released_in),
        "there" if change.id.startswith("40.1") else "new",
        True,
        word,
        {name: words.get(name, word) for name in change.file.operations},
        {},
        change.file.source,
        change.file.impact,
        change.file.advice,
    )


def file_of(id_: str) -> Change:
    """Return a shipped change by its id."""
    return next(change for change in shipped() if change.id == id_)


def reason(id_: str, outcome: Outcome, **more: object) -> Reason:
    """Return a reason that rests on a shipped change."""
    change = file_of(id_)
    values: dict[str, object] = {
        "rule": "change-broken",
        "outcome": outcome,
        "says": f"{change.file.change}: 3 cases fail at 40.4.3, and your CreateMeeting does it.",
        "change": id_,
        "title": change.file.change,
        "releases": ", ".join(change.file.released_in),
        "notes": next(iter(change.file.clauses.values())).says,
        "source": change.file.source,
        "advice": change.file.advice,
        "evidence": Evidence("2026-11-22T02-14-09Z-40.4.3", TONIGHT, NOW - TONIGHT),
        "place": f"cases/{id_}.yaml:24:5",
    }
    return Reason(**{**values, **more})  # type: ignore[arg-type]


def decision(
    word: Word, reasons: Sequence[Reason] = (), states: Sequence[ChangeState] = (), **more: object
) -> Decision:
    """Return a decision on 40.4.3; ``states`` are the changes that do not just hold."""
    values: dict[str, object] = {
        "to": Version.parse("40.4.3"),
        "from_": Version.parse("40.2.0"),
        "site": "staging",
        "at": NOW,
        "max_age": timedelta(hours=36),
        "policy": {
            "suite-error": Outcome.VOID,
            "change-broken": Outcome.BLOCK,
            "waiver-expired": Outcome.BLOCK,
            "no-evidence": Outcome.UNKNOWN,
            "inconclusive": Outcome.UNKNOWN,
            "waived": Outcome.TELL,
            "deviation": Outcome.TELL,
            "not-applicable": Outcome.IGNORE,
        },
        "policy_source": "the shipped policy",
        "profile": "meeting-scheduler",
        "runs": [night(0), night(1)],
        "observed": len(planned()),
        "planned": len(planned()),
    }
    changed = {state.id: state for state in states}
    newest = sorted(shipped(), key=lambda change: change.since, reverse=True)
    all_ = [changed.get(change.id) or state(change) for change in newest]
    return Decision(word=word, reasons=reasons, changes=all_, **{**values, **more})  # type: ignore[arg-type]


def page(decision: Decision, verdicts: Mapping[str, Verdict] | None = None, **more: object) -> PageData:
    """Return a page of a decision; ``verdicts`` says which cases, by id or change, do not hold tonight."""
    wanted = verdicts or {}
    results = [result(id_, wanted.get(id_, wanted.get(id_.partition("::")[0], Verdict.PASS))) for id_ in planned()]
    runs = nights()
    letters = {Verdict.FAIL: "F", Verdict.INCONCLUSIVE: "?", Verdict.SUITE_ERROR: "E", Verdict.WAIVED: "W"}
    broken = {each.id: letters.get(each.verdict, "P") for each in results}
    changes: dict[str, str] = {}
    for each in results:
        letter = broken[each.id]
        changes[each.change] = letter if letter != "P" else changes.get(each.change, "P")
    moves = [Move(MoveKind.BROKE, r.id, r.change, Verdict.PASS, r.verdict, r.reason) for r in results if r.reason][:3]
    values: dict[str, object] = {
        "header": header(),
        "footer": footer(),
        "results": results,
        "changes": shipped(),
        "planned": planned(),
        "comparison": Comparison(night(1), night(0), moves, len(results) - len(moves)),
        "nights": runs,
        "tonight": runs[-1],
        "case_strips": {id_: "P" * (NIGHTS - 3) + letter * 3 for id_, letter in broken.items()},
        "change_strips": {id_: "P" * 12 + "?" + "P" * (NIGHTS - 16) + letter * 3 for id_, letter in changes.items()},
        "latencies": latencies(runs),
        "flaky": [FlakyCase(next(iter(planned())), shipped()[0].id, 30, 3, 1, 0, 1, "PPF")],
    }
    return PageData(decision=decision, **{**values, **more})  # type: ignore[arg-type]


def latencies(runs: Sequence[RunRecord]) -> list[Latency]:
    """Return times of three operations; one of them was not called in some nights."""
    found = []
    for place, run in enumerate(runs):
        wave = (place * 7 % 11) / 20
        found += [
            Latency(run.id, "CreateMeeting", 40, 0.2 + wave / 4, 0.5 + wave),
            Latency(run.id, "LstsummarySession", 60, 0.1, 0.12 + wave / 9),
        ]
        if place % 5:
            found.append(Latency(run.id, "SetUser", 12, 1.2 + wave, 2.4 + wave * 3))
    return found


def ready() -> PageData:
    """Return a page that says READY; a waiver is in force and one thing is told."""
    waiver = WaiverNote(ANONYMOUS, "applied", "moved to March", "portal team", "2026-11-25", "waivers.yaml:4:5", ())
    waived = reason(ANONYMOUS, Outcome.TELL, rule="waived", says="A failure is waived until 2026-11-25.", seen="waived")
    states = [state(file_of(ANONYMOUS), ChangeWord.WAIVED)]
    told = decision(Word.READY, [waived], states)
    return page(told, {ANONYMOUS: Verdict.WAIVED}, footer=footer(exit_code=0, waivers=(waiver,)))


def not_ready() -> PageData:
    """Return a page that says NOT READY for two causes, while a third could not be told."""
    past = [id_ for id_ in planned() if id_.startswith(PAST)][:3]
    mails = [id_ for id_ in planned() if id_.startswith(EMAIL)][:2]
    anonymous = [id_ for id_ in planned() if id_.startswith(ANONYMOUS)][:1]
    reasons = [
        reason(
            PAST,
            Outcome.BLOCK,
            uses="CreateMeeting (412 calls), schedule/startDate",
            owners=("scheduling team",),
            seen="expected exceptionID 060016, got SUCCESS",
            since=TONIGHT - timedelta(days=2),
            since_run=night(2).name,
            cases=past,
        ),
        reason(
            ANONYMOUS,
            Outcome.BLOCK,
            uses="LstsummarySession (38 calls), signed out",
            owners=("portal team",),
            seen="expected FAILURE, got SUCCESS",
            since=TONIGHT,
            cases=anonymous,
        ),
        reason(
            EMAIL,
            Outcome.UNKNOWN,
            rule="inconclusive",
            seen="the site has no mailbox",
            since=TONIGHT - timedelta(days=29),
            advice="conformance run --site staging --api-version 40.4.3",
            cases=mails,
        ),
    ]
    states = [
        state(file_of(PAST), ChangeWord.BROKEN, SetMeeting=ChangeWord.HOLDS),
        state(file_of(ANONYMOUS), ChangeWord.BROKEN),
        state(file_of(EMAIL), ChangeWord.UNKNOWN, GetUser=ChangeWord.HOLDS),
    ]
    verdicts = dict.fromkeys(past + anonymous, Verdict.FAIL) | dict.fromkeys(mails, Verdict.INCONCLUSIVE)
    return page(decision(Word.NOT_READY, reasons, states, observed=len(planned()) - 2), verdicts)


def cannot_tell() -> PageData:
    """Return a page that says CANNOT TELL: no run counts, and none was before."""
    unknown = Reason(
        "no-evidence",
        Outcome.UNKNOWN,
        "There is no evidence about 40.4.3 on staging.",
        advice="conformance run --site staging --api-version 40.4.3",
    )
    states = [state(change, ChangeWord.UNKNOWN) for change in shipped()]
    told = decision(Word.CANNOT_TELL, [unknown], states, observed=0, runs=(), from_=None, profile="")
    empty: dict[str, object] = {
        "results": (),
        "comparison": None,
        "nights": (),
        "tonight": None,
        "latencies": (),
        "flaky": (),
    }
    return page(told, footer=None, case_strips={}, change_strips={}, **empty)


def void() -> PageData:
    """Return a page that says RUN VOID: a case met a defect of the suite."""
    case = next(id_ for id_ in planned() if id_.startswith(PAST))
    wrong = reason(
        PAST,
        Outcome.VOID,
        rule="suite-error",
        says="The suite met a defect of its own in 1 case.",
        seen="KeyError: 'meetingkey'",
        advice="Report the case with its first step; do not judge the site by this run.",
        cases=[case],
    )
    states = [state(file_of(PAST), ChangeWord.UNKNOWN)]
    return page(decision(Word.RUN_VOID, [wrong], states), {case: Verdict.SUITE_ERROR}, footer=footer(exit_code=3))


SAMPLES: Mapping[str, Callable[[], PageData]] = {
    "ready": ready,
    "not-ready": not_ready,
    "cannot-tell": cannot_tell,
    "void": void,
}


def hostile() -> PageData:
    """Return a page in which every text that comes from outside is hostile."""
    text = ALL_HOSTILE
    data = not_ready()
    checks = (Check(text, Verdict.FAIL, text, text, text, text),)
    steps = (step(*checks, name=text, request=f"<message>{escape(text)}</message>", response=text, attempts=(text,)),)
    bad = [
        replace(each, steps=steps, reason=text, assumed=text, leftovers=(text,), waiver=text) for each in data.results
    ]
    unknown = CaseResult(f"{text}::{text}", text, Verdict.FAIL, "expect", text, text, steps)
    reasons = [
        replace(
            each, says=text, title=text, notes=text, uses=text, owners=(text,), seen=text, advice=text, source=text,
            place=text, since_run=text,
        )
        for each in data.decision.reasons
    ]  # fmt: skip
    changes = [
        replace(each, title=text, releases=text, by_operation={**each.by_operation, text: ChangeWord.BROKEN})
        for each in data.decision.changes
    ]
    note = WaiverNote(text, text, text, text, text, text, (text,), text)
    runs = [replace(run, name=text, told_version=text, behaves_as=text) for run in data.nights]
    told = replace(
        data.decision, reasons=reasons, changes=changes, site=text, profile=text, policy_source=text, runs=runs[:2]
    )
    assert data.comparison is not None
    return replace(
        data,
        decision=told,
        header=header(
            run=text,
            site=text,
            endpoint=text,
            told_version=text,
            libraries={text: text},
            warnings=(text,),
            started=text,
        ),
        footer=footer(waivers=(note,), left=(text,), remarks=(text,), ended=text),
        results=[*(replace(each, verdict=Verdict.FAIL) for each in bad), unknown],
        comparison=replace(
            data.comparison, moves=[replace(move, case=text, reason=text) for move in data.comparison.moves]
        ),
        nights=runs,
        tonight=runs[-1],
        case_strips=dict.fromkeys(data.case_strips, text[:30]),
        latencies=[replace(each, operation=text) for each in data.latencies],
        flaky=[FlakyCase(text, text, 3, 2, 0, 0, 0, text)],
        remarks=(text,),
    )
