"""One case on one site, with a site that does what it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lab import PASSWORD, Lab, deleted, exchange, refused, spellings

from conformance.cases.load import load_change, plan
from conformance.errors import ExchangeFault
from conformance.run import execute
from conformance.run.execute import Conditions, run_case
from conformance.run.verdicts import CaseResult, Verdict
from conformance.schema.catalog import SchemaSet
from conformance.site.seam import NotApplicable, ReceivedMail, SiteFacts
from conformance.versions import BASELINE, DEFAULT_VERSION, Version
from conformance.wire.request import Request

WriteCases = Callable[..., Path]
RunCases = Callable[..., list[CaseResult]]

FIXTURES = """\
a user:
  does: Makes a user.
  parameters: {name: made}
  as: siteAdmin
  steps:
    - request: {GetAPIVersion: {}}
      capture: {version: //ep:apiVersion}
  cleanup:
    - request: {DelUser: {webExId: "${name}"}}
a user of a user:
  does: Needs another user.
  given: {first: {fixture: a user, with: {name: first}}}
  steps:
    - request: {DelUser: {webExId: "second-${first.version}"}}
  cleanup:
    - request: {DelUser: {webExId: second}}
a broken one:
  does: Fails.
  given: {first: a user}
  steps:
    - request: {DelUser: {webExId: refuse}}
  cleanup:
    - request: {DelUser: {webExId: broken}}
"""


@pytest.fixture
def run_cases(write_cases: WriteCases, schemas: SchemaSet) -> RunCases:
    """Run the cases of a text, one after the other, each with a deadline of 20 s."""

    def run(cases: str, lab: Lab, held: Version = DEFAULT_VERSION, limit: float = 20.0) -> list[CaseResult]:
        planned = plan(load_change(write_cases(cases, fixtures=FIXTURES)))
        facts = SiteFacts("lab:", "40.4.3", lab.clock_offset)
        conditions = Conditions(lab, facts, schemas, held)

        async def all_of_them() -> list[CaseResult]:
            return [await run_case(case, conditions, limit) for case in planned]

        return asyncio.run(all_of_them())

    return run


@pytest.fixture
def run_one(run_cases: RunCases) -> Callable[..., CaseResult]:
    """Run the only case of a text."""

    def run(case: str, lab: Lab, held: Version = DEFAULT_VERSION, limit: float = 20.0) -> CaseResult:
        (result,) = run_cases(case, lab, held, limit)
        return result

    return run


RunOne = Callable[..., CaseResult]


def single(word: str, expect: str = "{result: SUCCESS}", more: str = "") -> str:
    """Return a case that deletes one user."""
    return f"""\
- name: one
  {more or "as: host"}
  request: {{DelUser: {{webExId: {word}}}}}
  expect: {expect}
  before: {{result: FAILURE, sent: invalid}}
"""


# Verdicts


@pytest.mark.parametrize(
    ("word", "expect", "verdict", "reason"),
    [
        ("ok", "{result: SUCCESS}", "PASS", ""),
        ("refuse", "{result: FAILURE, exceptionID: 030001}", "PASS", ""),
        ("refuse", "{result: SUCCESS}", "FAIL", "serv:result: expected SUCCESS, got FAILURE"),
        ("ok", "{result: FAILURE}", "FAIL", "serv:result: expected FAILURE, got SUCCESS"),
        ("refuse", "{result: FAILURE, reason: other}", "DEVIATION", "serv:reason: expected other, got Corresponding"),
        ("deviant", "{result: SUCCESS}", "DEVIATION", "/serv:message/serv:body/serv:bodyContent/use:user/use:new: "),
        ("invalid", "{result: SUCCESS}", "FAIL", "/serv:message/serv:body/serv:bodyContent/use:user/use:status: "),
        ("other", "{result: SUCCESS}", "FAIL", "xsi:type of serv:bodyContent: expected use:delUserResponse, got "),
        ("garbage", "{result: FAILURE}", "FAIL", "body: expected a message of the API, got "),
        ("down", "{result: SUCCESS}", "INCONCLUSIVE", "exchange: expected an answer, got reset: the connection was"),
        ("unavailable", "{result: FAILURE}", "INCONCLUSIVE", "HTTP status: expected 200, got HTTP 503"),
        ("page", "{result: FAILURE}", "INCONCLUSIVE", "body: expected a message, got an HTML page (text/html)"),
        ("busy", "{result: FAILURE}", "INCONCLUSIVE", "serv:exceptionID: expected an answer, got FAILURE 000045"),
        ("nobody", "{result: SUCCESS}", "NOT_APPLICABLE", "there is no such thing here"),
        ("boom", "{result: SUCCESS}", "SUITE_ERROR", "RuntimeError: boom"),
        ("ok", "{result: SUCCESS, sent: invalid}", "SUITE_ERROR", "schemas of 40.4.3: expected sent: invalid, got"),
        ("ok", "{result: SUCCESS, sent: unknown}", "SUITE_ERROR", "DelUser in the schemas of 40.4.3: expected sent:"),
    ],
)
def test_what_the_site_does_becomes_a_verdict_with_its_reason(
    run_one: RunOne, word: str, expect: str, verdict: str, reason: str
) -> None:
    result = run_one(single(word, expect), Lab())
    assert result.verdict.value == verdict
    assert result.reason.startswith(reason)
    assert bool(result.reason) == bool(reason)


def test_a_wrong_case_is_not_sent(run_one: RunOne) -> None:
    lab = Lab()
    assert run_one(single("ok", "{result: SUCCESS, sent: invalid}"), lab).verdict is Verdict.SUITE_ERROR
    assert lab.calls == []


def test_an_invalid_request_can_be_sent_on_purpose(run_one: RunOne) -> None:
    lab = Lab()
    case = """\
    - name: one
      request: {DelUser: {webExId: refuse, nosuch: element}}
      expect: {result: FAILURE, sent: invalid}
      before: {result: SUCCESS}
    """
    assert run_one(case, lab).verdict is Verdict.PASS
    assert lab.calls == ["host DelUser refuse"]


def test_a_whole_message_is_sent_as_it_stands_even_where_it_is_none(run_one: RunOne, schemas: SchemaSet) -> None:
    seen: list[bytes] = []

    class Hearing(Lab):
        def hear(self, request: bytes) -> None:
            seen.append(request)

    lab = Hearing()
    case = """\
    - name: one
      request: {raw: "<serv:message ${site.name}"}
      expect: {result: FAILURE, exceptionID: "000000", sent: invalid}
      before: {result: SUCCESS}
    """
    result = run_one(case, lab)
    assert result.verdict is Verdict.PASS, result.reason
    assert seen == [b"<serv:message lab"]


def test_an_unexpected_exception_keeps_its_traceback_and_the_run_goes_on(run_cases: RunCases) -> None:
    first, second = run_cases(single("boom") + single("ok").replace("one", "two"), Lab())
    assert first.verdict is Verdict.SUITE_ERROR
    assert "RuntimeError: boom" in first.steps[-1].response
    assert "lab.py" in first.steps[-1].response
    assert second.verdict is Verdict.PASS


def test_a_result_says_what_was_sent_and_what_came_back(run_one: RunOne) -> None:
    result = run_one(single("ok"), Lab())
    (step,) = result.steps
    assert (step.name, step.caller, step.status) == ("DelUser", "host", 200)
    assert "<webExId>ok</webExId>" in step.request
    assert "<serv:result>SUCCESS</serv:result>" in step.response
    started = datetime.fromisoformat(step.started)
    assert abs(datetime.now(UTC) - started) < timedelta(minutes=5)
    assert 0 <= step.seconds <= result.seconds


# Steps, captures and values

STEPS = """\
- name: one
  steps:
    - request: {GetAPIVersion: {}}
      capture: {version: //ep:apiVersion, nothing: //ep:release}
    - name: uses it
      request: {DelUser: {webExId: "v${version}"}}
      expect: {result: SUCCESS}
      before: {result: FAILURE}
"""


def test_what_one_step_captures_the_next_ones_use(run_one: RunOne) -> None:
    lab = Lab()
    assert run_one(STEPS, lab).verdict is Verdict.PASS
    assert lab.calls == ["host GetAPIVersion -", "host DelUser v40.4.3"]


def test_a_step_that_needs_what_was_not_found_is_blocked_and_says_so(run_one: RunOne) -> None:
    lab = Lab()
    result = run_one(STEPS.replace("v${version}", "${nothing}"), lab)
    assert result.verdict is Verdict.BLOCKED
    assert "nothing" in result.reason
    assert [step.verdict.value for step in result.steps] == ["PASS", "BLOCKED"]
    assert lab.calls == ["host GetAPIVersion -"]


def test_a_capture_that_finds_nothing_undoes_an_earlier_one_of_that_name(run_one: RunOne) -> None:
    again = """\
    - request: {GetAPIVersion: {}}
      capture: {version: //ep:release}
    - name: uses it
"""
    assert run_one(STEPS.replace("    - name: uses it\n", again), Lab()).verdict is Verdict.BLOCKED


def test_an_answer_is_captured_from_although_the_step_expects_a_failure(run_one: RunOne) -> None:
    case = """\
    - name: one
      steps:
        - request: {DelUser: {webExId: refuse}}
          expect: {result: FAILURE}
          before: {result: SUCCESS}
          capture: {code: //serv:exceptionID}
        - request: {DelUser: {webExId: "c${code}"}}
    """
    lab = Lab()
    run_one(case, lab)
    assert lab.calls[-1] == "host DelUser c030001"


def test_the_first_step_that_is_not_as_expected_is_the_last_one(run_one: RunOne) -> None:
    case = STEPS.replace("      capture", "      expect: {result: FAILURE}\n      capture")
    lab = Lab()
    result = run_one(case, lab)
    assert (result.verdict, len(result.steps)) == (Verdict.FAIL, 1)
    assert lab.calls == ["host GetAPIVersion -"]


def test_steps_go_on_after_a_deviation(run_one: RunOne) -> None:
    lab = Lab()
    result = run_one(
        STEPS.replace("{GetAPIVersion: {}}", "{DelUser: {webExId: deviant}}").replace(
            "//ep:apiVersion", "//use:webExId"
        ),
        lab,
    )
    assert [step.verdict.value for step in result.steps] == ["DEVIATION", "PASS"]
    assert result.verdict is Verdict.DEVIATION


def test_an_expression_that_can_not_be_worked_out_is_an_error_of_the_suite(run_one: RunOne) -> None:
    result = run_one(single('"${1 // 0}"'), Lab())
    assert result.verdict is Verdict.SUITE_ERROR
    assert "values: expected an expression that works" in result.reason


def test_tables_run_once_for_each_row_and_omit_leaves_elements_out(run_cases: RunCases) -> None:
    case = """\
    - name: ${row.who} asks
      as: ${row.who}
      table:
        - {who: host, id: ok, result: SUCCESS}
        - {who: siteAdmin, id: refuse, result: FAILURE}
        - {who: anonymous, id: "", result: SUCCESS}
      request: {DelUser: {webExId: "${row.id or omit}"}}
      expect: {result: "${row.result}", sent: "valid"}
      before: {result: FAILURE, exceptionID: "1"}
    """
    lab = Lab()
    results = run_cases(case, lab)
    assert [r.id.partition("::")[2] for r in results] == ["host-asks", "siteadmin-asks", "anonymous-asks"]
    assert [r.verdict.value for r in results] == ["PASS", "PASS", "SUITE_ERROR"]  # DelUser needs a webExId
    assert lab.calls == ["host DelUser ok", "siteAdmin DelUser refuse"]


def test_now_is_the_time_of_the_site(run_one: RunOne) -> None:
    lab = Lab(clock_offset=timedelta(days=400))
    run_one(single('"${now}"'), lab)
    told = datetime.strptime(lab.calls[0].partition("DelUser ")[2], "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
    assert abs(told - datetime.now(UTC) - timedelta(days=400)) < timedelta(minutes=5)


# Callers


@pytest.mark.parametrize(
    ("caller", "asked"),
    [
        ("siteAdmin", "siteAdmin DelUser ok"),
        ("anonymous", "anonymous DelUser ok"),
        ("{webExID: kim, password: other}", "kim DelUser ok"),
        ("{sessionTicket: ticket-1}", "anonymous DelUser ok"),
    ],
)
def test_a_case_is_asked_by_its_caller(run_one: RunOne, caller: str, asked: str) -> None:
    lab = Lab()
    assert run_one(single("ok", more=f"as: {caller}"), lab).verdict is Verdict.PASS
    assert lab.calls == [asked]


def test_a_role_without_account_makes_the_case_not_applicable(run_one: RunOne) -> None:
    result = run_one(single("ok", more="as: attendee"), Lab())
    assert (result.verdict, result.reason) == (
        Verdict.NOT_APPLICABLE,
        "the site has no account for the role attendee",
    )


def test_so_does_one_that_is_only_named(run_one: RunOne) -> None:
    result = run_one(single("ok", more='as: {webExID: "${attendee.webExID}", password: x}'), Lab())
    assert (result.verdict, result.reason) == (
        Verdict.NOT_APPLICABLE,
        "the site has no account for the role attendee",
    )


# Both sides


def test_a_site_without_the_change_is_held_to_before(run_one: RunOne) -> None:
    case = STEPS.replace("v${version}", "refuse")
    assert run_one(case, Lab(), BASELINE).verdict is Verdict.PASS
    assert run_one(case, Lab(), DEFAULT_VERSION).verdict is Verdict.FAIL


def test_without_before_both_sides_must_do_the_same(run_one: RunOne) -> None:
    case = STEPS.replace("      capture", "      expect: {result: FAILURE}\n      capture")
    assert run_one(case, Lab(), BASELINE).verdict is Verdict.FAIL


def test_a_step_to_skip_is_not_sent_to_a_site_without_the_change(run_one: RunOne) -> None:
    case = STEPS.replace("v${version}", "refuse").replace("    - request", "    - before: skip\n      request", 1)
    lab = Lab()
    result = run_one(case, lab, BASELINE)
    assert (result.verdict, result.side) == (Verdict.PASS, "before")
    assert lab.calls == ["host DelUser refuse"]


def test_a_case_of_which_nothing_is_sent_is_not_applicable(run_one: RunOne) -> None:
    case = """\
    - name: one
      given: {user: a user}
      steps:
        - request: {DelUser: {webExId: ok}}
          before: skip
    """
    result = run_one(case, Lab(), BASELINE)
    assert result.verdict is Verdict.NOT_APPLICABLE
    assert "without the change" in result.reason


# Assumptions


@pytest.mark.parametrize("where", ["case", "step"])
@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("ok", "PASS"),
        ("refuse", "DEVIATION"),
        ("invalid", "FAIL"),
        ("other", "FAIL"),
        ("garbage", "FAIL"),
        ("down", "INCONCLUSIVE"),
        ("boom", "SUITE_ERROR"),
    ],
)
def test_only_what_is_assumed_deviates_where_it_does_not_hold(
    run_one: RunOne, word: str, verdict: str, where: str
) -> None:
    assumed = {where: "assumed: That it works."}
    case = f"""\
    - name: one
      {assumed.get("case", "as: host")}
      steps:
        - name: first
          {assumed.get("step", "as: host")}
          request: {{DelUser: {{webExId: {word}}}}}
          before: {{result: FAILURE}}
    """
    result = run_one(case, Lab())
    assert result.verdict.value == verdict
    notes = [check.note for step in result.steps for check in step.checks]
    assert ("assumed: That it works." in notes) == (verdict == "DEVIATION")


def test_steps_go_on_after_an_assumption_that_does_not_hold(run_one: RunOne) -> None:
    case = STEPS.replace("{GetAPIVersion: {}}", "{DelUser: {webExId: refuse}}").replace(
        "    - request", "    - assumed: That it works.\n      request", 1
    )
    result = run_one(case.replace("v${version}", "ok"), Lab())
    assert [step.verdict.value for step in result.steps] == ["DEVIATION", "PASS"]


# Fixtures and clean-up


def test_fixtures_set_the_scene_and_are_undone_in_reverse_order(run_one: RunOne) -> None:
    case = """\
    - name: one
      given:
        user: {fixture: a user, with: {name: mine}}
        pair: a user of a user
      request: {DelUser: {webExId: "${user.name}-${pair.first.name}-${pair.first.version}"}}
      before: {result: FAILURE}
      cleanup:
        - request: {DelUser: {webExId: own-1}}
        - request: {DelUser: {webExId: own-2}}
    """
    lab = Lab()
    result = run_one(case, lab)
    assert (result.verdict, result.leftovers) == (Verdict.PASS, ())
    assert lab.calls == [
        "siteAdmin GetAPIVersion -",
        "siteAdmin GetAPIVersion -",
        "host DelUser second-40.4.3",
        "host DelUser mine-first-40.4.3",
        "host DelUser own-1",
        "host DelUser own-2",
        "host DelUser second",
        "siteAdmin DelUser first",
        "siteAdmin DelUser mine",
    ]
    assert [step.name for step in result.steps] == [
        "given a user: GetAPIVersion",
        "given a user: GetAPIVersion",
        "given a user of a user: DelUser",
        "DelUser",
    ]


def test_a_fixture_that_fails_blocks_the_case_and_is_undone(run_one: RunOne) -> None:
    case = single("ok", more="given: {user: a user, broken: a broken one}")
    lab = Lab()
    result = run_one(case, lab)
    assert result.verdict is Verdict.BLOCKED
    assert result.reason.startswith("fixture 'a broken one' failed: serv:result: expected SUCCESS, got FAILURE")
    assert "030001" in result.reason
    assert "host DelUser ok" not in lab.calls
    assert lab.calls[-3:] == ["host DelUser broken", "siteAdmin DelUser made", "siteAdmin DelUser made"]


def test_a_fixture_that_is_wrong_itself_is_an_error_of_the_suite(run_one: RunOne) -> None:
    case = single("ok", more='given: {user: {fixture: a user, with: {name: "${1 // 0}"}}}')
    assert run_one(case, Lab()).verdict is Verdict.SUITE_ERROR


@pytest.mark.parametrize("word", ["refuse", "boom", "down", "nobody", "garbage"])
def test_it_is_cleaned_up_whatever_happened(run_one: RunOne, word: str) -> None:
    lab = Lab()
    result = run_one(single(word, more="given: {user: a user}"), lab)
    assert result.verdict is not Verdict.PASS
    assert lab.calls[-1] == "siteAdmin DelUser made"


def test_it_is_cleaned_up_after_the_time_is_over(run_one: RunOne) -> None:
    lab = Lab()
    result = run_one(single("hang", more="given: {user: a user}"), lab, limit=0.2)
    assert (result.verdict, result.reason) == (
        Verdict.INCONCLUSIVE,
        "deadline: the case did not end within 0.2 s",
    )
    assert lab.calls[-1] == "siteAdmin DelUser made"
    assert result.leftovers == ()


CLEANING = """\
- name: one
  given: {user: a user}
  request: {DelUser: {webExId: ok}}
  before: {result: FAILURE}
  cleanup:
    - request: {DelUser: {webExId: "${gone}"}}
    - request: {DelUser: {webExId: WORD}}
    - request: {DelUser: {webExId: last}}
  capture: {gone: //use:nosuch}
"""


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("deny", "DelUser: serv:result: expected SUCCESS, got FAILURE 000001 Access denied"),
        ("down", "DelUser: exchange: expected an answer, got reset: the connection was reset"),
        ("unavailable", "DelUser: HTTP status: expected 200, got HTTP 503, maintenance or overload"),
    ],
)
def test_what_can_not_be_undone_is_left_over_and_changes_no_verdict(run_one: RunOne, word: str, told: str) -> None:
    lab = Lab(words={"deny": lambda _: exchange(refused("000001", "Access denied"))})
    result = run_one(CLEANING.replace("WORD", word), lab)
    assert (result.verdict, result.leftovers) == (Verdict.PASS, (told,))
    assert lab.calls[-2:] == ["host DelUser last", "siteAdmin DelUser made"]


def test_what_was_gone_already_is_not_left_over(run_one: RunOne) -> None:
    assert run_one(CLEANING.replace("WORD", "refuse"), Lab()).leftovers == ()


@pytest.mark.parametrize(
    ("first", "left"),
    [("attendee", ()), ("host", ("DelUser: the site has no account for the role attendee",))],
    ids=["nothing was sent", "something was sent"],
)
def test_a_role_without_account_undoes_nothing_of_what_was_sent(run_one: RunOne, first: str, left: object) -> None:
    undoing = "    - {request: {DelUser: {webExId: last}}, as: attendee}"
    result = run_one(f"{single('ok', more=f'as: {first}')}  cleanup:\n{undoing}\n", Lab())
    assert result.leftovers == left


def test_what_was_never_made_is_not_undone(run_one: RunOne) -> None:
    lab = Lab()
    assert run_one(CLEANING.replace("WORD", "ok"), lab).leftovers == ()
    assert lab.calls == [
        "siteAdmin GetAPIVersion -",
        "host DelUser ok",
        "host DelUser ok",
        "host DelUser last",
        "siteAdmin DelUser made",
    ]


@pytest.mark.parametrize("word", ["boom", "nobody"])
def test_an_exception_in_a_clean_up_does_not_keep_the_others_from_running(run_one: RunOne, word: str) -> None:
    lab = Lab()
    result = run_one(CLEANING.replace("WORD", word), lab)
    assert lab.calls[-2:] == ["host DelUser last", "siteAdmin DelUser made"]
    assert len(result.leftovers) == 1
    assert result.leftovers[0].startswith("DelUser: ")


def test_an_unexpected_exception_in_a_clean_up_is_an_error_of_the_suite(run_one: RunOne) -> None:
    result = run_one(CLEANING.replace("WORD", "boom"), Lab())
    assert (result.verdict, result.reason) == (Verdict.SUITE_ERROR, "RuntimeError: boom")


def test_the_time_of_a_case_does_not_cut_its_clean_up(run_one: RunOne) -> None:
    async def slowly(_: Request) -> object:
        await asyncio.sleep(0.4)
        return exchange(deleted())

    lab = Lab(words={"slow": slowly})  # type: ignore[dict-item]
    result = run_one(CLEANING.replace("WORD", "slow"), lab, limit=0.2)
    assert (result.verdict, result.leftovers) == (Verdict.PASS, ())
    assert lab.calls[-1] == "siteAdmin DelUser made"


def test_a_clean_up_that_does_not_end_is_left_over(run_one: RunOne, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "CLEANUP_SECONDS", 0.2)
    result = run_one(CLEANING.replace("WORD", "hang"), Lab())
    assert result.verdict is Verdict.PASS
    assert result.leftovers == ("clean-up did not end within 0.2 s",)


def test_no_time_limit_is_no_time_limit(run_one: RunOne) -> None:
    assert run_one(single("ok"), Lab(), limit=0.0).verdict is Verdict.PASS


def cancelled_while(word: str, case: str, schemas: SchemaSet, file: Path, lab: Lab) -> None:
    """Run a case and cancel it as soon as it asks for ``word``."""
    (planned,) = plan(load_change(file))
    conditions = Conditions(lab, SiteFacts("lab:", "", timedelta()), schemas, DEFAULT_VERSION)

    async def interrupted() -> None:
        task = asyncio.create_task(run_case(planned, conditions, 20.0))
        while not (lab.calls and lab.calls[-1].endswith(word)):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(interrupted())


def test_it_is_cleaned_up_after_an_interruption(write_cases: WriteCases, schemas: SchemaSet) -> None:
    lab = Lab()
    case = single("hang", more="given: {user: a user}")
    cancelled_while("hang", case, schemas, write_cases(case, fixtures=FIXTURES), lab)
    assert lab.calls[-1] == "siteAdmin DelUser made"


def test_an_interruption_lets_a_clean_up_end(write_cases: WriteCases, schemas: SchemaSet) -> None:
    async def slowly(_: Request) -> object:
        await asyncio.sleep(0.3)
        return exchange(deleted())

    lab = Lab(words={"slow": slowly})  # type: ignore[dict-item]
    case = CLEANING.replace("WORD", "slow")
    cancelled_while("slow", case, schemas, write_cases(case, fixtures=FIXTURES), lab)
    assert lab.calls[-2:] == ["host DelUser last", "siteAdmin DelUser made"]


# The site


def test_a_site_is_asked_to_be_what_the_case_needs(run_cases: RunCases) -> None:
    case = """\
    - name: ${row.uses} uses
      site: {session passwords required: false, access anywhere sessions: "${row.uses}"}
      table: [{uses: "3"}, {uses: "99"}]
      request: {DelUser: {webExId: ok}}
      before: {result: FAILURE}
    """
    lab = Lab()
    first, second = run_cases(case, lab)
    assert lab.needs == [
        {"session passwords required": "false", "access anywhere sessions": "3"},
        {"session passwords required": "false", "access anywhere sessions": "99"},
    ]
    assert first.verdict is Verdict.PASS
    assert (second.verdict, second.reason) == (Verdict.NOT_APPLICABLE, "the lab has no 99 sessions")


@pytest.mark.parametrize(
    ("error", "verdict", "reason"),
    [
        (NotApplicable("not here"), "NOT_APPLICABLE", "not here"),
        (ExchangeFault("refused", "nobody listens"), "INCONCLUSIVE", "refused: nobody listens"),
        (RuntimeError("no site"), "SUITE_ERROR", "RuntimeError: no site"),
    ],
)
@pytest.mark.parametrize("when", ["site", "leave"])
def test_a_site_that_can_not_be_had_or_left_ends_the_case_only(
    run_one: RunOne, error: Exception, verdict: str, reason: str, when: str
) -> None:
    result = run_one(single("ok"), Lab(fails={when: error}))
    assert (result.verdict.value, result.reason) == (verdict, reason)


# Mails and links

MAILS = """\
- name: one
  steps:
    - mail: {to: kim@example.com}
      expect: {count: 1, subject: Hello}
      before: {count: 0}
      capture: {where: link, what: subject, whole: body}
    - request: {DelUser: {webExId: "${what} ${whole}"}}
      before: skip
    - name: the click
      open: ${where}
      before: skip
"""
MAIL = ReceivedMail("Hello", "Dear Kim", "text", "en", ("https://lab/1", "https://lab/2"))


def test_a_mail_is_looked_at_and_its_first_link_opened(run_one: RunOne) -> None:
    lab = Lab(mailbox=[MAIL], links={"https://lab/1": True})
    assert run_one(MAILS, lab).verdict is Verdict.PASS
    assert lab.calls == ["mails kim@example.com", "host DelUser Hello Dear Kim", "link https://lab/1"]


def test_a_refused_link_fails(run_one: RunOne) -> None:
    result = run_one(MAILS, Lab(mailbox=[MAIL], links={"https://lab/1": False}))
    assert (result.verdict, result.reason) == (Verdict.FAIL, "the link: expected ok, got refused")
    assert result.steps[-1].name == "the click"


def test_a_mail_without_link_blocks_the_click(run_one: RunOne) -> None:
    plain = ReceivedMail("Hello", "Dear Kim", "text", "en")
    assert run_one(MAILS, Lab(mailbox=[plain])).verdict is Verdict.BLOCKED


@pytest.mark.parametrize(("mails", "verdict"), [([], "PASS"), ([MAIL], "FAIL")])
def test_mails_are_held_to_before_too(run_one: RunOne, mails: list[ReceivedMail], verdict: str) -> None:
    assert run_one(MAILS, Lab(mailbox=mails), BASELINE).verdict.value == verdict


def test_without_a_mailbox_nothing_can_be_told(run_one: RunOne) -> None:
    result = run_one(MAILS, Lab())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "the lab has no mailbox" in result.reason


# Secrets


@pytest.mark.parametrize(
    "case",
    [
        single("echo"),
        single("echo", "{result: FAILURE, reason: other}"),
        single("echo", "{result: FAILURE, xpath: {//serv:reason: other}}"),
        single("ok", more="given: {user: {fixture: a user, with: {name: echo}}}"),
        single("echo", more="as: {webExID: kim, password: '${site.name}-secret-7/+'}"),
    ],
    ids=["result", "reason", "xpath", "clean-up", "own-credentials"],
)
def test_a_password_that_the_site_echoes_is_in_no_part_of_the_result(run_one: RunOne, case: str) -> None:
    told = str(run_one(case, Lab()).as_json())
    assert "******" in told
    for secret in (PASSWORD, "lab-secret-7/+"):
        assert [name for name, text in spellings(secret).items() if text in told or repr(text)[1:-1] in told] == []


def test_a_password_in_a_mail_is_masked(run_one: RunOne) -> None:
    mail = ReceivedMail(f"Your password: {PASSWORD}", f"It is {PASSWORD}", "text", PASSWORD)
    case = """\
    - name: one
      steps:
        - mail: {to: kim@example.com}
          expect: {subject: x, language: x, contains: x}
          before: {count: 0}
    """
    told = repr(run_one(case, Lab(mailbox=[mail])))
    assert repr(PASSWORD)[1:-1] not in told


@pytest.mark.parametrize("error", [RuntimeError(f"bad {PASSWORD}"), ExchangeFault("reset", f"bad {PASSWORD}")])
def test_a_password_in_an_exception_is_masked(run_one: RunOne, error: Exception) -> None:
    def answer(_: Request) -> object:
        raise error

    told = run_one(single("loud"), Lab(words={"loud": answer})).as_json()  # type: ignore[dict-item]
    assert PASSWORD not in str(told)
    assert repr(PASSWORD)[1:-1] not in str(told)


def test_an_answer_that_is_no_text_is_kept_as_text(run_one: RunOne) -> None:
    lab = Lab(words={"bytes": lambda _: exchange(b"\xff\xfe\x00 no message")})
    (step,) = run_one(single("bytes"), lab).steps
    assert "\\xff\\xfe" in step.response
    assert refused("1", "x").decode()  # the helper itself speaks UTF-8


# Defects of cases that only show when they run


def test_a_fixture_whose_request_is_wrong_is_an_error_of_the_suite(write_cases: WriteCases, schemas: SchemaSet) -> None:
    fixtures = "wrong one:\n  does: Sends what does not fit.\n  steps: [{request: {DelUser: {nosuch: element}}}]\n"
    (planned,) = plan(load_change(write_cases(single("ok", more="given: {it: wrong one}"), fixtures=fixtures)))
    lab = Lab()
    conditions = Conditions(lab, SiteFacts("lab:", "", timedelta()), schemas, DEFAULT_VERSION)
    result = asyncio.run(run_case(planned, conditions, 20.0))
    assert result.verdict is Verdict.SUITE_ERROR
    assert result.reason.startswith("ConformanceError: fixture 'wrong one': ")
    assert lab.calls == []


def test_a_capture_whose_xpath_becomes_none_is_an_error_of_the_suite(run_one: RunOne) -> None:
    case = STEPS.replace("version: //ep:apiVersion", 'version: "//ep:apiVersion[${host.email}]"')
    result = run_one(case, Lab())
    assert result.verdict is Verdict.SUITE_ERROR
    assert "values: expected an expression that works" in result.reason


def test_a_verdict_stands_without_its_explanation(run_one: RunOne, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(_: object, __: object, findings: list[object]) -> list[object]:
        time.sleep(0.5)
        raise AssertionError("nobody waits for this")

    monkeypatch.setattr(execute, "explain", slowly)
    monkeypatch.setattr(execute, "EXPLAIN_SECONDS", 0.05)
    result = run_one(single("invalid"), Lab())
    assert result.verdict is Verdict.FAIL
    (check,) = [c for c in result.steps[0].checks if c.verdict is Verdict.FAIL]
    assert (check.id, check.expected) == ("schema.response.unexpected", "")
