"""A run without a site: what it would send and create, told from the case files alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from conformance.cases.model import SKIP, GivenMap, RequestStep
from conformance.cases.plan import PlannedCase
from conformance.cases.values import resolve
from conformance.config import find_file
from conformance.run.steps import caller_name
from conformance.run.suite import RunOptions
from conformance.site.seam import NotApplicable
from conformance.versions import Version
from conformance.wire.effects import CREATED_BY, Effect
from conformance.wire.redact import MASK, is_secret


def rehearse(cases: Sequence[PlannedCase], options: RunOptions) -> Iterator[str]:
    """Yield, for each case, the requests in their order, with values that are only known later as ``${...}``."""
    refuse = _refusal(options)
    created: Counter[str] = Counter()
    requests = left_out = 0
    for case in cases:
        try:
            refuse(case.effect)
        except NotApplicable as error:
            left_out += 1
            yield f"{case.id}  not run: {error}"
            continue
        yield f"{case.id}  ({case.effect})"
        for caller, step in requests_of(case, options.api_version):
            name = resolve(next(iter(step.request)), {"row": case.row})
            requests += 1
            kind = CREATED_BY.get(name)
            if kind:
                created[kind.word] += 1
            marker = f"  creates a {kind.word}" if kind else ""
            yield f"    {name} as {caller}{marker}  {_shown(next(iter(step.request.values())))}"
    told = ", ".join(f"{count} x {word}" for word, count in created.most_common()) or "nothing"
    run = len(cases) - left_out
    yield f"{run} of {len(cases)} cases would send {requests} requests, and create {told}, all to be removed again"


def _refusal(options: RunOptions) -> Callable[[Effect], None]:
    """Return what raises NotApplicable where a case of that effect would not be run."""
    if options.mock_release is not None:
        return lambda _: None
    from conformance.live.settings import load_site, refuse_effect, site_names  # noqa: PLC0415 - live only

    path = options.config or find_file()
    if path is None or options.site not in site_names(path):
        return lambda _: None  # of somebody else's provider
    settings, _ = load_site(options.site, path)
    return lambda effect: refuse_effect(settings, effect)


def requests_of(case: PlannedCase, version: Version) -> Iterator[tuple[str, RequestStep]]:
    """Yield each request of a case held to ``version``, fixtures and clean-up included, after who calls."""
    yield from _scene(case, case.case.given)
    side = case.change.side(version)
    for step in case.case.all_steps:
        if not isinstance(step, RequestStep):
            continue
        if side == "expect" or step.before != SKIP:
            yield caller_name(step.caller or case.case.caller), step
    for step in case.case.cleanup:
        yield caller_name(step.caller or case.case.caller), step
    yield from _scene(case, case.case.given, cleanup=True)


def _scene(case: PlannedCase, given: GivenMap, *, cleanup: bool = False) -> Iterator[tuple[str, RequestStep]]:
    for use in reversed(list(given.values())) if cleanup else given.values():
        fixture = case.change.fixtures[use.fixture]
        steps = fixture.cleanup if cleanup else fixture.steps
        if not cleanup:
            yield from _scene(case, fixture.given)
        for step in steps:
            yield caller_name(step.caller or fixture.caller), step
        if cleanup:
            yield from _scene(case, fixture.given, cleanup=True)


def _shown(body: Any, name: str = "") -> str:
    if isinstance(body, Mapping):
        return "{" + ", ".join(f"{key}: {_shown(value, key)}" for key, value in body.items()) + "}"
    if isinstance(body, Sequence) and not isinstance(body, str):
        return "[" + ", ".join(_shown(value, name) for value in body) + "]"
    return MASK if is_secret(name.rpartition(":")[2]) else " ".join(str(body).split())
