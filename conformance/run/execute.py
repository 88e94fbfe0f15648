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

from conformance.cases.check import RAW, ROLES
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
from conformance.run.echo import echo_checks
from conformance.run.judge import Judgement, Sides, judge_request, judge_response, schema_checks
from conformance.run.mailbox import judge_mails
from conformance.run.steps import assuming, caller_name, first_problem, step_name, was_gone
from conformance.run.veil import Veil
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict, worst
from conformance.schema.catalog import SchemaSet
from conformance.schema.explain import explain
from conformance.site.seam import NoAccount, NotApplicable, NotObservable, Site, SiteFacts, SiteProvider
from conformance.versions import Version
from conformance.wire.names import Operation, operation
from conformance.wire.pseudonyms import Key
from conformance.wire.redact import is_secret
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
    pseudonyms: Key | None = None
    """The key of the pseudonyms of people, where they are to have any."""
    explains: bool = True
    """Whether findings of the schemas are explained, which takes longer than finding them."""
    lasting: Veil = field(init=False)
    """What outlives a case: secrets of the accounts."""

    def __post_init__(self) -> None:
        self.lasting = Veil(self.pseudonyms)


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
    except NotObservable as error:
        verdict, reason = Verdict.INCONCLUSIVE, str(error)
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
    run.redact.learn(*conditions.lasting.known)
    return replace(
        result,
        verdict=verdict,
        reason=run.redact(reason),
        steps=run.redact.steps(run.steps),
        seconds=round(time.perf_counter() - clock, 6),
        leftovers=tuple(map(run.redact, run.leftovers)),
    )


@asynccontextmanager
async def _on_site(run: _Run, deadline: asyncio.Timeout) -> AsyncIterator[None]:
    """Give the run its site, and clean up after it even where it was cancelled or ran out of time."""
    needs = resolve_all(run.case.site.stated, {"row": run.planned.row})
    async with run.conditions.provider.site(needs, run.planned.id, run.planned.effect) as site:
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
        self.redact = Veil(conditions.pseudonyms)
        self.steps: list[StepResult] = []
        self.leftovers: list[str] = []
        self._cleanups: list[tuple[Sequence[RequestStep], Caller, dict[str, Any]]] = []
        self._scope: dict[str, Any] = {}

    def begin(self, site: Site) -> None:
        self.site = site
        profile = site.profile
        self._learn(*(account.password for account in profile.accounts.values()), *profile.secrets)
        known = profile.accounts.items()
        accounts = {role: {"webExID": account.web_ex_id, "email": account.email} for role, account in known}
        names = {
            "name": profile.name,
            "host": profile.host,
            "domain": profile.domain,
            "mailDomain": profile.mail_domain,
        }
        self._scope = {"site": names, "row": self.planned.row, **{role: NoAccount(role) for role in ROLES}, **accounts}

    def _learn(self, *secrets: str) -> None:
        self.redact.learn(*secrets)
        self.conditions.lasting.learn(*secrets)

    async def all(self) -> None:
        """Set the scene and run the steps; the first one that is neither as expected nor a deviation is the last."""
        steps = [step for step in self.case.all_steps if self.side == "expect" or step.before != SKIP]
        if not steps:
            raise NotApplicable("no step of this case is for a site without the change")
        await self._set_scene(self.case.given, self._scope)
        self._cleanups.append((self.case.cleanup, self.case.caller, self._scope))
        for step in steps:
            result = await self._step(step, self.case.caller, self._scope)
            result = assuming(result, step.assumed or self.case.assumed)
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
                except NotApplicable as error:
                    if self.steps:  # else nothing was sent that could be undone
                        self.leftovers.append(self.redact(f"{step_name(step)}: {error}"))
                    continue
                except Exception as error:  # noqa: BLE001 - the rest must still be undone
                    self.leftovers.append(self.redact(f"{step_name(step)}: {error}"))
                    defect = defect or error
                    continue
                if result.verdict not in (Verdict.PASS, Verdict.DEVIATION) and not was_gone(result):
                    self.leftovers.append(f"{result.name}: {first_problem(result)}")
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
                    raise ConformanceError(f"fixture '{use.fixture}': {first_problem(result)}")
                if result.verdict not in (Verdict.PASS, Verdict.DEVIATION):
                    raise _Blocked(f"fixture '{use.fixture}' failed: {first_problem(result)}")
            scope[name] = {key: value for key, value in inner.items() if key not in self._scope}

    async def _step(self, step: AnyStep, caller: Caller, scope: dict[str, Any]) -> StepResult:
        try:
            return await self._attempt(step, caller, scope)
        except NotCaptured as error:
            check = Check("not-captured", Verdict.BLOCKED, "values", "a captured value", str(error))
            return StepResult(step_name(step), Verdict.BLOCKED, (check,))

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
            verdict = Verdict.FAIL if fault.breaks_contract else Verdict.INCONCLUSIVE
            check = Check(f"exchange.{fault.kind}", verdict, "exchange", "an answer", str(fault))
            partial = self.redact.see(fault.partial.decode("utf-8", "backslashreplace"))
            result = StepResult(step_name(step), verdict, (check,), response=partial)
        except NotObservable as error:
            check = Check("not-observable", Verdict.INCONCLUSIVE, "mailbox", "a mailbox to look into", str(error))
            result = StepResult(step_name(step), Verdict.INCONCLUSIVE, (check,))
        except NotCaptured:
            raise
        except Unresolved as error:
            check = Check("value", Verdict.SUITE_ERROR, "values", "an expression that works", str(error))
            result = StepResult(step_name(step), Verdict.SUITE_ERROR, (check,))
        seconds = round(time.perf_counter() - clock, 6)
        shown = self.redact.step(result)
        return replace(shown, started=started.isoformat(timespec="milliseconds"), seconds=seconds)

    async def _request(
        self, step: RequestStep, caller: Caller, seen: dict[str, Any], scope: dict[str, Any]
    ) -> StepResult:
        sides = self._sides(step)
        data, called = await self._build(step, caller, seen)
        sent = judge_request(data, sides.here, self.conditions.schemas)
        checks = sent.checks + await self._explained("request", sent)
        name = step.name or (called.name if called else RAW)
        request = self.redact.see(data.decode("utf-8", "backslashreplace"))
        if worst(check.verdict for check in checks) is Verdict.SUITE_ERROR:
            return StepResult(name, Verdict.SUITE_ERROR, tuple(checks), caller_name(caller), request)
        exchange = await self.site.send(data)
        response = self.redact.see(exchange.body.decode("utf-8", "backslashreplace"))
        judgement = judge_response(exchange, called, sides, self.conditions.schemas, seen)
        if judgement.response is not None:
            self._capture(step, judgement.response, scope)
        checks += echo_checks(exchange, sent.secrets)
        # The schema's verdict on the answer comes before the values in it.
        checks += await self._explained("response", judgement) + judgement.checks
        return StepResult(
            name=name,
            verdict=worst(check.verdict for check in checks),
            checks=tuple(checks),
            caller=caller_name(caller),
            request=request,
            response=response,
            status=exchange.status,
            attempts=exchange.attempts,
            operation=called.name if called else "",
        )

    def _sides(self, step: RequestStep) -> Sides:
        if not isinstance(step.before, Expectation):
            return Sides(step.expect)
        return Sides(step.before, step.expect) if self.side == "before" else Sides(step.expect, step.before)

    async def _build(
        self, step: RequestStep, caller: Caller, seen: Mapping[str, Any]
    ) -> tuple[bytes, Operation | None]:
        name, body = next(iter(step.request.items()))
        if name == RAW:
            data = str(resolve(str(body), seen)).encode()
            try:
                return data, read_request(data).operation
            except MalformedMessage:  # told where the request is judged
                return data, None
        called = operation(str(resolve(name, seen)))
        return build_request(called, await self._security(caller, seen), resolve_all(body, seen)), called

    async def _security(self, caller: Caller, seen: Mapping[str, Any]) -> dict[str, str]:
        site = {"siteName": self.site.profile.name}
        if not isinstance(caller, str):
            given = {key: str(value) for key, value in resolve_all(caller, seen).items()}
            self.redact.learn(given.get("password", ""))
            return {**site, **given}
        role = str(resolve(caller, seen))
        if role == ANONYMOUS:
            return site
        security = await self.site.security(role)
        self._learn(*(value for key, value in security.items() if is_secret(key)))
        return {**site, **security}

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
        if not self.conditions.explains:
            return list(schema_checks(direction, findings))
        try:
            async with self.conditions.explaining, asyncio.timeout(EXPLAIN_SECONDS):
                findings = await asyncio.to_thread(explain, self.conditions.schemas, root, findings)
        except TimeoutError:
            pass  # the verdict stands without its explanation
        return list(schema_checks(direction, findings))

    async def _mail(self, step: MailStep, seen: Mapping[str, Any], scope: dict[str, Any]) -> StepResult:
        expected = step.before if self.side == "before" and isinstance(step.before, MailExpectation) else step.expect
        to = str(resolve(step.mail.to, seen))
        wanted = resolve_all(expected.model_dump(exclude_none=True), seen)
        mails = await self.site.mails(to, int(wanted["count"]) if wanted.get("count", "").isdecimal() else 1)
        checks = judge_mails(to, mails, wanted)
        for name, part in step.capture.items():
            scope.pop(name, None)
            if mails:
                latest = mails[-1]
                value = latest.links[0] if part == "link" and latest.links else getattr(latest, part, "")
                if value:
                    scope[name] = value
        told = "\n\n".join(f"{m.subject}\n[{m.format}, {m.language}]\n{m.body}" for m in mails) or "no mail"
        verdict = worst(check.verdict for check in checks)
        return StepResult(step_name(step), verdict, tuple(checks), response=f"To: {to}\n\n{self.redact.see(told)}")

    async def _open(self, step: OpenStep, seen: Mapping[str, Any]) -> StepResult:
        wanted = step.before if self.side == "before" and step.before else step.expect
        link = self.redact.see(str(resolve(step.open, seen)))
        accepted = "ok" if await self.site.open(link) else "refused"
        verdict = Verdict.PASS if accepted == wanted else Verdict.FAIL
        return StepResult(
            step_name(step), verdict, (Check("open", verdict, "the link", wanted, accepted),), request=link
        )

    def _now(self) -> Moment:
        return Moment(datetime.now(UTC) + self.conditions.facts.clock_offset)
