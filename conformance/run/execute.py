"""Running one case on one site: fixtures, steps, clean-up; each step judged as it comes."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from conformance.cases.check import RAW
from conformance.cases.model import (
    ANONYMOUS,
    SKIP,
    Case,
    Expectation,
    GivenMap,
    MailExpectation,
    MailStep,
    OpenStep,
    RequestStep,
    Side,
)
from conformance.cases.plan import PlannedCase
from conformance.cases.values import Moment, NotCaptured, Unresolved, resolve, resolve_all
from conformance.cases.xpaths import BadXPath, evaluate, text_of
from conformance.errors import ConformanceError, ExchangeFault, MalformedMessage
from conformance.run.judge import Judgement, judge_request, judge_response, schema_checks
from conformance.run.mailbox import judge_mails
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict, worst
from conformance.schema.catalog import SchemaSet
from conformance.schema.explain import explain
from conformance.site.seam import NotApplicable, NotObservable, Site, SiteFacts, SiteProvider
from conformance.versions import Version
from conformance.wire.names import Operation, operation
from conformance.wire.redact import Redactor
from conformance.wire.request import build_request, read_request
from conformance.wire.response import Response

Caller = str | Mapping[str, str]
AnyStep = RequestStep | MailStep | OpenStep

EXPLAIN_SECONDS = 5.0
CLEANUP_SECONDS = 30.0


class _Blocked(Exception):
    """A fixture failed, so the case can not be looked at."""


@dataclass(slots=True)
class Conditions:
    """What all cases of a run share."""

    provider: SiteProvider
    facts: SiteFacts
    schemas: SchemaSet
    version: Version
    explaining: asyncio.Lock = field(default_factory=asyncio.Lock)


async def run_case(planned: PlannedCase, conditions: Conditions, time_limit: float) -> CaseResult:
    """Run one case and return its result; whatever happens, there is one."""
    clock = time.perf_counter()
    side = planned.change.side(conditions.version)
    result = CaseResult(planned.id, planned.change.id, Verdict.PASS, side, assumed=planned.case.assumed)
    run = _Run(planned, conditions, side)
    try:
        async with asyncio.timeout(time_limit or None) as deadline, _on_site(run, deadline):
            await run.all()
        verdict, reason = run.outcome()
    except NotApplicable as error:
        verdict, reason = Verdict.NOT_APPLICABLE, str(error)
    except _Blocked as error:
        verdict, reason = Verdict.BLOCKED, str(error)
    except TimeoutError:
        verdict, reason = Verdict.INCONCLUSIVE, f"deadline: the case did not end within {time_limit:g} s"
    except ExchangeFault as fault:  # of the site as a whole; steps tell their own
        verdict, reason = run.outcome()
        if worst((verdict, Verdict.INCONCLUSIVE)) is not verdict:
            verdict, reason = Verdict.INCONCLUSIVE, str(fault)
    except Exception as error:  # noqa: BLE001 - a defect of ours ends this case, never the run
        told = "".join(traceback.format_exception(error))
        verdict, reason = Verdict.SUITE_ERROR, f"{type(error).__name__}: {error}"
        run.steps.append(StepResult("unexpected exception", verdict, response=run.redact(told)))
    return replace(
        result,
        verdict=verdict,
        reason=run.redact(reason),
        steps=tuple(run.steps),
        seconds=round(time.perf_counter() - clock, 6),
        leftovers=tuple(run.leftovers),
    )


@asynccontextmanager
async def _on_site(run: _Run, deadline: asyncio.Timeout) -> AsyncIterator[None]:
    """Give the run its site, and clean up after it even where it was cancelled or ran out of time."""
    needs = resolve_all(run.case.site.stated, {"row": run.planned.row})
    async with run.conditions.provider.site(needs) as site:
        run.begin(site)
        try:
            yield
        finally:
            if not deadline.expired():
                deadline.reschedule(None)  # the clean-up has its own
            if run.has_cleanups:
                cleaning = asyncio.ensure_future(_clean_up(run))
                try:
                    await asyncio.shield(cleaning)
                except asyncio.CancelledError:
                    await cleaning
                    raise


async def _clean_up(run: _Run) -> None:
    try:
        async with asyncio.timeout(CLEANUP_SECONDS):
            await run.clean_up()
    except TimeoutError:
        run.leftovers.append(f"clean-up did not end within {CLEANUP_SECONDS:g} s")


class _Run:
    """One case while it runs."""

    def __init__(self, planned: PlannedCase, conditions: Conditions, side: Side) -> None:
        self.planned = planned
        self.case: Case = planned.case
        self.conditions = conditions
        self.side = side
        self.redact = Redactor()
        self.steps: list[StepResult] = []
        self.leftovers: list[str] = []
        self._cleanups: list[tuple[Sequence[RequestStep], Caller, dict[str, Any]]] = []
        self._scope: dict[str, Any] = {}

    def begin(self, site: Site) -> None:
        self.site = site
        profile = site.profile
        self.redact.learn(*(account.password for account in profile.accounts.values()))
        accounts = {
            role: {"webExID": account.web_ex_id, "email": account.email} for role, account in profile.accounts.items()
        }
        names = {"name": profile.name, "host": profile.host, "domain": profile.domain}
        self._scope = {"site": names, "row": self.planned.row, **accounts}

    async def all(self) -> None:
        """Set the scene and run the steps; the first one that is neither as expected nor a deviation is the last."""
        steps = [step for step in self.case.all_steps if self.side == "expect" or step.before != SKIP]
        if not steps:
            raise NotApplicable("no step of this case is for a site without the change")
        await self._set_scene(self.case.given, self._scope)
        self._cleanups.append((self.case.cleanup, self.case.caller, self._scope))
        for step in steps:
            result = await self._step(step, self.case.caller, self._scope)
            result = _assuming(result, step.assumed or self.case.assumed)
            self.steps.append(result)
            if result.verdict not in (Verdict.PASS, Verdict.DEVIATION):
                break

    def outcome(self) -> tuple[Verdict, str]:
        verdict = worst(step.verdict for step in self.steps)
        for step in self.steps:
            for check in step.checks:
                if check.verdict is verdict and verdict is not Verdict.PASS:
                    return verdict, f"{check.subject}: expected {check.expected or 'none'}, got {check.observed}"
        return verdict, ""

    @property
    def has_cleanups(self) -> bool:
        return any(steps for steps, _, _ in self._cleanups)

    async def clean_up(self) -> None:
        """Undo what was created, last first; what can not be undone is told as a leftover.

        Raises what was unexpected, after everything else has been undone.
        """
        defect: Exception | None = None
        for steps, caller, scope in reversed(self._cleanups):
            for step in steps:
                try:
                    result = await self._attempt(step, caller, scope)
                except NotCaptured:
                    continue  # it was never created
                except Exception as error:  # noqa: BLE001 - the rest must still be undone
                    self.leftovers.append(self.redact(f"{_name(step)}: {error}"))
                    defect = defect or (None if isinstance(error, NotApplicable) else error)
                    continue
                if result.verdict not in (Verdict.PASS, Verdict.DEVIATION):
                    self.leftovers.append(f"{result.name}: {_first_problem(result)}")
        if defect is not None:
            raise defect

    async def _set_scene(self, given: GivenMap, scope: dict[str, Any]) -> None:
        for name, use in given.items():
            fixture = self.planned.change.fixtures[use.fixture]
            inner = {key: value for key, value in self._scope.items() if key not in self.case.given}
            values = {**fixture.parameters, **use.with_}
            inner |= {key: resolve(text, {**scope, "now": self._now()}) for key, text in values.items()}
            await self._set_scene(fixture.given, inner)
            self._cleanups.append((fixture.cleanup, fixture.caller, inner))
            for step in fixture.steps:
                result = await self._step(step, fixture.caller, inner)
                self.steps.append(replace(result, name=f"given {use.fixture}: {result.name}"))
                if result.verdict is Verdict.SUITE_ERROR:
                    raise ConformanceError(f"fixture '{use.fixture}': {_first_problem(result)}")
                if result.verdict not in (Verdict.PASS, Verdict.DEVIATION):
                    raise _Blocked(f"fixture '{use.fixture}' failed: {_first_problem(result)}")
            scope[name] = {key: value for key, value in inner.items() if key not in self._scope}

    async def _step(self, step: AnyStep, caller: Caller, scope: dict[str, Any]) -> StepResult:
        try:
            return await self._attempt(step, caller, scope)
        except NotCaptured as error:
            check = Check("not-captured", Verdict.BLOCKED, "values", "a captured value", str(error))
            return StepResult(_name(step), Verdict.BLOCKED, (check,))

    async def _attempt(self, step: AnyStep, caller: Caller, scope: dict[str, Any]) -> StepResult:
        started, clock = datetime.now(UTC), time.perf_counter()
        seen = {**scope, "now": self._now()}
        try:
            if isinstance(step, RequestStep):
                result = await self._request(step, step.caller or caller, seen, scope)
            elif isinstance(step, MailStep):
                result = await self._mail(step, seen, scope)
            else:
                result = await self._open(step, seen)
        except ExchangeFault as fault:
            check = Check(f"exchange.{fault.kind}", Verdict.INCONCLUSIVE, "exchange", "an answer", str(fault))
            result = StepResult(_name(step), Verdict.INCONCLUSIVE, (check,))
        except NotObservable as error:
            check = Check("not-observable", Verdict.INCONCLUSIVE, "mailbox", "a mailbox to look into", str(error))
            result = StepResult(_name(step), Verdict.INCONCLUSIVE, (check,))
        except NotCaptured:
            raise
        except Unresolved as error:
            check = Check("value", Verdict.SUITE_ERROR, "values", "an expression that works", str(error))
            result = StepResult(_name(step), Verdict.SUITE_ERROR, (check,))
        seconds = round(time.perf_counter() - clock, 6)
        return replace(
            result,
            checks=_redacted(result.checks, self.redact),
            request=self.redact(result.request),
            response=self.redact(result.response),
            started=started.isoformat(timespec="milliseconds"),
            seconds=seconds,
        )

    async def _request(
        self, step: RequestStep, caller: Caller, seen: dict[str, Any], scope: dict[str, Any]
    ) -> StepResult:
        expected = self._expected(step)
        data, called = self._build(step, caller, seen)
        judgement = judge_request(data, expected, self.conditions.schemas)
        checks = judgement.checks + await self._explained("request", judgement)
        name = step.name or (called.name if called else RAW)
        request = data.decode("utf-8", "backslashreplace")
        if worst(check.verdict for check in checks) is Verdict.SUITE_ERROR:
            return StepResult(name, Verdict.SUITE_ERROR, tuple(checks), _caller(caller), request)
        exchange = await self.site.send(data)
        judgement = judge_response(exchange, called, expected, self.conditions.schemas, seen)
        if judgement.response is not None:
            self._capture(step, judgement.response, scope)
        # The schema's verdict on the answer comes before the values in it.
        checks += await self._explained("response", judgement) + judgement.checks
        return StepResult(
            name=name,
            verdict=worst(check.verdict for check in checks),
            checks=tuple(checks),
            caller=_caller(caller),
            request=request,
            response=exchange.body.decode("utf-8", "backslashreplace"),
            status=exchange.status,
        )

    def _expected(self, step: RequestStep) -> Expectation:
        if self.side == "before" and isinstance(step.before, Expectation):
            return step.before
        return step.expect

    def _build(self, step: RequestStep, caller: Caller, seen: Mapping[str, Any]) -> tuple[bytes, Operation | None]:
        name, body = next(iter(step.request.items()))
        if name == RAW:
            data = str(resolve(str(body), seen)).encode()
            try:
                return data, read_request(data).operation
            except MalformedMessage:  # told where the request is judged
                return data, None
        called = operation(str(resolve(name, seen)))
        return build_request(called, self._security(caller, seen), resolve_all(body, seen)), called

    def _security(self, caller: Caller, seen: Mapping[str, Any]) -> dict[str, str]:
        profile = self.site.profile
        site = {"siteName": profile.name}
        if not isinstance(caller, str):
            given = {key: str(value) for key, value in resolve_all(caller, seen).items()}
            self.redact.learn(given.get("password", ""))
            return {**site, **given}
        role = str(resolve(caller, seen))
        if role == ANONYMOUS:
            return site
        account = profile.accounts.get(role)
        if account is None:
            raise NotApplicable(f"the site has no account for the role {role}")
        return {**site, "webExID": account.web_ex_id, "password": account.password}

    def _capture(self, step: RequestStep, response: Response, scope: dict[str, Any]) -> None:
        for name, expression in step.capture.items():
            scope.pop(name, None)
            try:
                value = evaluate(resolve(expression, scope), response.root)
            except BadXPath as error:
                raise Unresolved(str(error)) from error
            if text := text_of(value):
                scope[name] = text

    async def _explained(self, direction: str, judgement: Judgement) -> list[Check]:
        if judgement.invalid is None:
            return []
        root, findings = judgement.invalid
        try:
            async with self.conditions.explaining, asyncio.timeout(EXPLAIN_SECONDS):
                findings = await asyncio.to_thread(explain, self.conditions.schemas, root, findings)
        except TimeoutError:
            pass  # the verdict stands without its explanation
        return list(schema_checks(direction, findings))

    async def _mail(self, step: MailStep, seen: Mapping[str, Any], scope: dict[str, Any]) -> StepResult:
        expected = step.before if self.side == "before" and isinstance(step.before, MailExpectation) else step.expect
        to = str(resolve(step.mail.to, seen))
        mails = await self.site.mails(to)
        checks = judge_mails(to, mails, resolve_all(expected.model_dump(exclude_none=True), seen))
        for name, part in step.capture.items():
            scope.pop(name, None)
            if mails:
                latest = mails[-1]
                value = latest.links[0] if part == "link" and latest.links else getattr(latest, part, "")
                if value:
                    scope[name] = value
        shown = "\n\n".join(f"{m.subject}\n[{m.format}, {m.language}]\n{m.body}" for m in mails) or "no mail"
        verdict = worst(check.verdict for check in checks)
        return StepResult(_name(step), verdict, tuple(checks), response=f"To: {to}\n\n{shown}")

    async def _open(self, step: OpenStep, seen: Mapping[str, Any]) -> StepResult:
        wanted = step.before if self.side == "before" and step.before else step.expect
        link = str(resolve(step.open, seen))
        accepted = "ok" if await self.site.open(link) else "refused"
        verdict = Verdict.PASS if accepted == wanted else Verdict.FAIL
        return StepResult(_name(step), verdict, (Check("open", verdict, "the link", wanted, accepted),), request=link)

    def _now(self) -> Moment:
        return Moment(datetime.now(UTC) + self.conditions.facts.clock_offset)


def _redacted(checks: Sequence[Check], redact: Redactor) -> tuple[Check, ...]:
    told = "\n".join(text for check in checks for text in (check.expected, check.observed, check.note))
    if redact(told) == told:
        return tuple(checks)
    return tuple(
        replace(c, expected=redact(c.expected), observed=redact(c.observed), note=redact(c.note)) for c in checks
    )


def _assuming(result: StepResult, assumed: str) -> StepResult:
    """Turn what rests on an assumption into a deviation: the notes do not say it, so it can not fail.

    Schema and envelope have evidence of their own.
    """
    if not assumed or result.verdict is not Verdict.FAIL:
        return result
    checks = tuple(
        replace(check, verdict=Verdict.DEVIATION, note=f"assumed: {assumed}")
        if check.verdict is Verdict.FAIL and not check.id.startswith(("schema.", "envelope.", "malformed."))
        else check
        for check in result.checks
    )
    return replace(result, checks=checks, verdict=worst(check.verdict for check in checks))


def _name(step: AnyStep) -> str:
    if step.name:
        return step.name
    if isinstance(step, RequestStep):
        return next(iter(step.request))
    return "mail" if isinstance(step, MailStep) else "open link"


def _caller(caller: Caller) -> str:
    return caller if isinstance(caller, str) else "own credentials"


def _first_problem(result: StepResult) -> str:
    check = next(c for c in result.checks if c.verdict not in (Verdict.PASS, Verdict.DEVIATION))
    return f"{check.subject}: expected {check.expected or 'none'}, got {check.observed} {check.note}".rstrip()
