"""``conformance site check`` and ``conformance sweep``: a live site before and after runs."""

from __future__ import annotations

import asyncio
import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from conformance.cases.load import load_changes, plan
from conformance.cases.model import MailStep
from conformance.cases.plan import PlannedCase
from conformance.cases.values import resolve, resolve_all
from conformance.commands import say
from conformance.errors import UserError
from conformance.live.preflight import SETTING, Finding
from conformance.live.provider import LiveProvider
from conformance.live.settings import Role, load_site
from conformance.run.rehearsal import requests_of
from conformance.run.suite import MOCK
from conformance.run.verdicts import ExitCode
from conformance.site.seam import NotApplicable, NotObservable
from conformance.versions import NEWEST
from conformance.wire.pretty import printable

ROLES = frozenset(get_args(Role))
_WORDS = {"ok": "ok", "warning": "WARNING", "unknown": "not known", "fault": "FAULT"}


def check_site(name: str, config: Path | None, *, forget_refusals: bool = False) -> ExitCode:
    """Look at a site as a run would before its first case, and print what was seen.

    Raises UserError for a wrong profile, ExchangeFault where the site can not be tested now, after what was seen.
    """
    provider = _provider(name, config)
    if forget_refusals:
        provider.accounts.forgive()
    try:
        asyncio.run(_look(provider))
    finally:
        for line in _findings(provider):
            say(printable(line))
    _say_what_was_done(provider)
    for line in _applicable(provider):
        say(printable(line))
    return ExitCode.AS_DOCUMENTED


def sweep_site(name: str, config: Path | None) -> ExitCode:
    """Remove what earlier runs left on a site; FINDINGS where something is left. Raises UserError, ExchangeFault."""
    provider = _provider(name, config)
    if not provider.settings.may_change:
        raise UserError(f"site '{name}' is a production site that nothing may be changed on")
    clean = asyncio.run(_sweep(provider))
    _say_what_was_done(provider)
    say("nothing is left on the site" if clean else "something is left on the site")
    return ExitCode.AS_DOCUMENTED if clean else ExitCode.FINDINGS


def _findings(provider: LiveProvider) -> Iterator[str]:
    """Yield what was found, a line each; the settings that nobody knows, of which there are many, in one."""
    findings = provider.preflight.findings
    unknown = [one.subject.removeprefix(SETTING) for one in findings if _is_unknown_setting(one)]
    for finding in findings:
        if not _is_unknown_setting(finding):
            yield f"  {_WORDS[finding.state]:<10} {finding.subject}: {provider.told(finding.told)}"
    if unknown:
        what = "1 setting, which" if len(unknown) == 1 else f"{len(unknown)} settings, which"
        told = f"  {_WORDS['unknown']:<10} {what} the site does not tell; say in [sites.{provider.name}.settings]: "
        yield from textwrap.wrap(told + ", ".join(unknown), 118, subsequent_indent=" " * 13)


def _is_unknown_setting(finding: Finding) -> bool:
    return finding.state == "unknown" and finding.subject.startswith(SETTING)


def _say_what_was_done(provider: LiveProvider) -> None:
    for line in (*provider.remarks(), *(f"LEFT ON THE SITE: {left}" for left in provider.left())):
        say(printable(line))


def _provider(name: str, config: Path | None) -> LiveProvider:
    if name == MOCK:
        raise UserError("the mock is made for each run and gone with it: nothing of it can be checked or swept")
    return LiveProvider(name, *load_site(name, config))


async def _look(provider: LiveProvider) -> None:
    try:
        await provider.open()
    finally:
        await provider.close()


async def _sweep(provider: LiveProvider) -> bool:
    provider.state.take_lease()
    try:
        with provider.no_secret_in_errors():
            if any(provider.state.earlier_ledgers()):
                # A wrong password would else be tried for each object, and another site be swept.
                await provider.preflight.run(provider.service)
            return await provider.sweep_earlier()
    finally:
        await provider.close()


def _applicable(provider: LiveProvider) -> Iterator[str]:
    """Yield how many of the shipped cases could be observed, and why the others could not."""
    cases = [case for change in load_changes(None) for case in plan(change)]
    reasons = Counter(_reason(provider, case) for case in cases)
    would = reasons.pop("", 0)
    yield f"{would} of {len(cases)} cases would run and be observed"
    for reason, count in reasons.most_common():
        yield f"  {count} not: {reason}"


def _reason(provider: LiveProvider, case: PlannedCase) -> str:
    needs = resolve_all(case.case.site.stated, {"row": case.row})
    try:
        provider.admit(needs, case.effect)
    except NotApplicable as error:
        return str(error)
    except NotObservable:
        unknown = next(name for name in needs if not provider.preflight.settings.get(name))
        return f"it is not known how '{unknown}' is on this site; say it in [sites.{provider.name}.settings]"
    callers = {resolve(caller, {"row": case.row}) for caller, _ in requests_of(case, NEWEST)}
    missing = sorted(callers & ROLES - provider.accounts.credentials.keys())
    if missing:
        return f"the profile has no account for the role {missing[0]}"
    looks = any(isinstance(step, MailStep) for step in case.case.all_steps)
    return "the profile has no mailbox" if looks and provider.settings.mail is None else ""
