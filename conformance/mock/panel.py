"""The panel: sites, their clocks and their mail, as JSON on a port of its own, for people and for tests.

    GET, POST    /sites                  what sites there are; a new one
    GET          /sites/{name}           all that a site remembers; account passwords and tickets are masked
    POST         /sites/{name}/reset     back to how it was when it was added
    GET, POST    /sites/{name}/clock     {"offset_seconds": n}, {"advance_seconds": n} or {"now": "2020-04-01T..."}
    GET, DELETE  /sites/{name}/outbox    the mails it sent

Bad input is answered 400 and an unknown site 404, both with ``{"error": "one sentence"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_jsonable_python
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from conformance.errors import UserError, nearest
from conformance.mock.building import ACCOUNT_OF_ROLE, SITE_NAME, new_site
from conformance.mock.clock import Clock
from conformance.mock.http import read_body
from conformance.mock.state import Settings, Site
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.departures import Strictness
from conformance.wire.redact import MASK

_MAX_BODY = 64 * 1024
_WORKINGS = frozenset({"defect", "gate"})
"""What a site does, beside what it remembers."""
_FARTHEST = 100 * 365 * 86_400
"""Seconds a site's clock may be off: past it, dates could leave the calendar."""

Model = TypeVar("Model", bound="_Input")


class SiteKeeper(Protocol):
    """What the panel needs of the server it belongs to."""

    sites: dict[str, Site]

    @property
    def endpoint(self) -> str:
        """The address of the service."""

    def add_site(self, site: Site) -> Site:
        """Serve a site."""

    def reset_site(self, name: str) -> None:
        """Put a site back to how it was when it was added."""


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _NewSite(_Input):
    name: str = Field(pattern=SITE_NAME)
    version: str = str(DEFAULT_VERSION)
    strictness: Strictness = Strictness.SERVICE
    settings: Settings = Settings()
    offset_seconds: float = Field(default=0, ge=-_FARTHEST, le=_FARTHEST)
    access_anywhere_sessions: int = Field(default=0, ge=0, le=1000)


class _ClockSetting(_Input):
    offset_seconds: float | None = None
    advance_seconds: float | None = None
    now: AwareDatetime | None = None


class _Pages:
    """The panel's answers, one method for each address."""

    def __init__(self, keeper: SiteKeeper) -> None:
        self._keeper = keeper

    def _site(self, request: Request) -> Site:
        name = request.path_params["name"]
        site = self._keeper.sites.get(name.lower())
        if site is None:
            raise HTTPException(404, f"there is no site '{name}'")
        return site

    async def sites(self, request: Request) -> Response:
        if request.method == "POST":
            return _created(self._keeper, await _read(request, _NewSite))
        shown = [{"name": site.name, "version": site.version} for site in self._keeper.sites.values()]
        return JSONResponse({"sites": shown})

    async def state(self, request: Request) -> Response:
        return JSONResponse(_shown(self._site(request)))

    async def reset(self, request: Request) -> Response:
        self._keeper.reset_site(self._site(request).name)
        return Response(status_code=204)

    async def clock(self, request: Request) -> Response:
        site = self._site(request)
        if request.method == "POST":
            _set(site.clock, await _read(request, _ClockSetting))
        return JSONResponse(_clock(site))

    async def outbox(self, request: Request) -> Response:
        site = self._site(request)
        if request.method == "DELETE":
            site.outbox.clear()
            return Response(status_code=204)
        return JSONResponse({"mails": to_jsonable_python(site.outbox)})


def panel(keeper: SiteKeeper) -> Starlette:
    """Return the panel's ASGI application."""
    pages = _Pages(keeper)
    return Starlette(
        routes=[
            Route("/sites", pages.sites, methods=["GET", "POST"]),
            Route("/sites/{name}", pages.state, methods=["GET"]),
            Route("/sites/{name}/reset", pages.reset, methods=["POST"]),
            Route("/sites/{name}/clock", pages.clock, methods=["GET", "POST"]),
            Route("/sites/{name}/outbox", pages.outbox, methods=["GET", "DELETE"]),
        ],
        exception_handlers={HTTPException: _error, UserError: _error},
    )


async def _error(_request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return JSONResponse({"error": error.detail}, error.status_code)
    return JSONResponse({"error": str(error)}, 400)


async def _read(request: Request, model: type[Model]) -> Model:
    body = await read_body(request.scope, request.receive, _MAX_BODY)
    if body is None:
        raise HTTPException(413, f"the body has more than {_MAX_BODY} bytes")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            known = list(model.model_fields) if len(first["loc"]) == 1 else [f.name for f in fields(Settings)]
            raise UserError(f"unknown key '{place}'{nearest(str(first['loc'][-1]), known)}") from None
        raise UserError(f"{place}: {first['msg']}" if place else first["msg"]) from None


def _created(keeper: SiteKeeper, wanted: _NewSite) -> Response:
    """Make a site. The answer is the only one that tells the passwords of its accounts."""
    if wanted.name.lower() in keeper.sites:
        raise UserError(f"there is a site '{wanted.name}' already")
    site = new_site(
        wanted.name,
        Version.parse(wanted.version),
        settings=wanted.settings,
        clock=Clock(timedelta(seconds=wanted.offset_seconds)),
        access_anywhere_sessions=wanted.access_anywhere_sessions,
    )
    site.strictness = wanted.strictness
    keeper.add_site(site)
    accounts = {
        role: {"webExID": web_ex_id, "password": site.accounts[web_ex_id].password}
        for role, web_ex_id in ACCOUNT_OF_ROLE.items()
    }
    made = {"name": site.name, "version": site.version, "endpoint": keeper.endpoint, "accounts": accounts}
    return JSONResponse(made, 201)


def _set(clock: Clock, wanted: _ClockSetting) -> None:
    if len(wanted.model_fields_set) != 1 or None in wanted.model_dump(exclude_unset=True).values():
        raise UserError("give exactly one of offset_seconds, advance_seconds and now")
    if wanted.now is not None:
        seconds = (wanted.now - Clock().now()).total_seconds()
    elif wanted.advance_seconds is not None:
        seconds = clock.offset.total_seconds() + wanted.advance_seconds
    else:
        seconds = wanted.offset_seconds or 0.0
    if abs(seconds) > _FARTHEST:
        raise UserError("a site's clock may be off by 100 years at most")
    clock.offset = timedelta(seconds=seconds)


def _clock(site: Site) -> Mapping[str, Any]:
    return {"now": site.clock.now().isoformat(), "offset_seconds": site.clock.offset.total_seconds()}


def _shown(site: Site) -> Mapping[str, Any]:
    """Return all that a site remembers, without the passwords and tickets of its accounts."""
    public = [field.name for field in fields(site) if not field.name.startswith("_") and field.name not in _WORKINGS]
    state: dict[str, Any] = {name: to_jsonable_python(getattr(site, name)) for name in public}
    for account in state["accounts"].values():
        account["password"] = MASK
    state["tickets"] = [{"ticket": MASK, "owner": owner, "until": until} for owner, until in state["tickets"].values()]
    return state | {"changes": sorted(site.changes), "clock": _clock(site)}
