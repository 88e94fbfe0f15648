"""Site profiles: ``[sites.NAME]`` of the settings file. docs/sites.md explains each key."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from conformance.cases.model import SiteNeeds
from conformance.config import FILE, find_file, section
from conformance.errors import UnknownName, UserError, nearest
from conformance.live.references import HOW, is_reference
from conformance.site.seam import NotApplicable
from conformance.versions import Version
from conformance.wire.effects import Effect

AUTO = "auto"

NEEDS = tuple(field.alias or name for name, field in SiteNeeds.model_fields.items())
"""The settings of a site that cases ask for, by the names of the case format."""


def _reference(text: str) -> str:
    if not is_reference(text):
        raise ValueError(f"a secret must not stand in this file; {HOW}")
    return text


def _version(text: str) -> str:
    if text != AUTO:
        try:
            Version.parse(text)
        except UserError:
            raise ValueError(f'write a version like 40.4.3, or "{AUTO}"') from None
    return text


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _window(value: Any) -> Any:
    start, slash, end = str(value).partition("/")
    try:
        window = (_moment(start), _moment(end)) if slash else None
    except ValueError:
        window = None
    if window is None or window[0] >= window[1]:
        raise ValueError("write a window as 2026-11-23T02:00Z/2026-11-23T05:00Z")
    return window


def _setting(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or value in (AUTO, "true", "false"):
        return str(value)
    raise ValueError('write true, false, a number or "auto"')


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+", text):
        raise ValueError("write a host name, without scheme and port")
    return text.lower()


Role = Literal["siteAdmin", "host", "attendee"]
Secret = Annotated[str, AfterValidator(_reference)]
Setting = Annotated[str, BeforeValidator(_setting)]
Window = Annotated[tuple[datetime, datetime], BeforeValidator(_window)]
Host = Annotated[str, AfterValidator(_host)]


class Part(BaseModel):
    """Base of all parts: frozen, nothing but the known keys, and what is wrong is never printed back."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Account(Part):
    """An account that plays a role, and how it signs in."""

    web_ex_id: str = Field(min_length=1)
    email: str = ""
    password: Secret = ""
    access_token: Secret = ""
    sign_in: Literal["password", "ticket"] = "password"

    @model_validator(mode="after")
    def _one_secret(self) -> Account:
        if bool(self.password) == bool(self.access_token):
            raise ValueError("an account needs either password or access_token")
        return self


class Mail(Part):
    """The mailbox that gets what the site sends to the users that cases create."""

    host: Host
    port: int = Field(0, ge=0, le=65535)
    """0: the usual one."""
    user: str = Field(min_length=1)
    password: Secret
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: Path | None = None
    folder: str = "INBOX"
    wait_seconds: float = Field(30.0, ge=0, le=100)


class SiteLimits(Part):
    """What a run may cost the site; when something is used up, the cases that are left could not tell."""

    requests: int = Field(3000, ge=1)
    objects: int = Field(500, ge=0)
    mails: int = Field(500, ge=0)
    """Addresses that the site may write to because of us."""
    requests_per_second: float = Field(5.0, gt=0, le=1000, allow_inf_nan=False)
    in_flight: int = Field(4, ge=1, le=64)
    retry_seconds: float = Field(0.5, ge=0, le=60)
    """How long to wait before a read is tried again; doubled each time."""
    longest_wait_seconds: float = Field(60.0, ge=0, le=3600)
    """The longest Retry-After that is waited for; a longer one ends the run on this site."""
    settle_seconds: float = Field(5.0, ge=0, le=300)
    """How long what was written may take until it is read back."""


class SiteSettings(Part):
    """One site, as its section of the file has it."""

    endpoint: str
    site_name: str = Field(pattern=r"^[A-Za-z0-9-]{1,63}$")
    kind: Literal["staging", "production"]
    api_version: Annotated[str, AfterValidator(_version)] = AUTO
    accounts: Mapping[Role, Account] = {}
    settings: Mapping[str, Setting] = {}
    mail: Mail | None = None
    mail_domain: Host = "example.com"
    host: str = ""
    """The site's own host name, as in its links; empty: that of the endpoint."""
    link_hosts: tuple[Host, ...] = ()
    """Hosts beside the endpoint's that links in mails may lead to."""
    ca_file: Path | None = None
    proxy: str = ""
    proxy_user: str = ""
    proxy_password: Secret = ""
    private_addresses: bool = False
    follow_same_host: bool = False
    touch_shared: bool = False
    change_production: str = ""
    maintenance: tuple[Window, ...] = ()
    stop_file: Path | None = None
    state: Path = Path(".conformance")
    limits: SiteLimits = SiteLimits()

    @model_validator(mode="after")
    def _sound(self) -> SiteSettings:
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("endpoint must be an address like https://acme.webex.example.com/WBXService/XMLService")
        if parts.username or parts.password or (self.proxy and "@" in self.proxy):
            raise ValueError(
                "an address must not hold a user or a password; proxies have proxy_user and proxy_password"
            )
        if not self.host and not str(parts.hostname).startswith(f"{self.site_name.lower()}."):
            raise ValueError("host is missing: the site's own host name, for the endpoint's is not that of this site")
        for name in self.settings.keys() - set(NEEDS):
            raise ValueError(f"settings: unknown setting '{name}'{nearest(name, NEEDS)}")
        if self.change_production and self.change_production != self.permission:
            raise ValueError(f"change_production must say, word for word: {self.permission}")
        if bool(self.proxy_user) != bool(self.proxy_password) or (self.proxy_user and not self.proxy):
            raise ValueError("proxy_user and proxy_password go together, and with proxy")
        return self

    @property
    def permission(self) -> str:
        """The words that let cases change a production site."""
        return f"cases may create and delete objects on the production site {self.site_name}"

    @property
    def may_change(self) -> bool:
        """Whether cases may create objects at all."""
        return self.kind == "staging" or self.change_production == self.permission

    @property
    def host_name(self) -> str:
        """The site's own host name."""
        return self.host or str(urlsplit(self.endpoint).hostname)

    @property
    def domain(self) -> str:
        """The domain below which sites have their host names."""
        return self.host_name.partition(".")[2]


def load_site(name: str, file: Path | None = None) -> tuple[SiteSettings, Path]:
    """Return the site of that name, and the folder that its relative paths start from.

    Raises UserError: no file, no such site, or all faults of its section, each with its place. What a file
    holds is never printed back, for it may be a secret that should not stand there.
    """
    path = file or find_file()
    if path is None:
        raise UserError(f"unknown site '{name}'{nearest(name, ['mock'])}; there is no {FILE} here that names others")
    sites = section(path, "sites")
    if name not in sites:
        raise UnknownName("site", name, ["mock", *sites])
    try:
        return SiteSettings.model_validate(sites[name]), path.absolute().parent
    except ValidationError as error:
        raise UserError("\n".join(_told(error, path, name))) from None


def site_names(path: Path) -> list[str]:
    """Return the names of the sites that a file describes. Raises UserError."""
    return list(section(path, "sites"))


def _told(error: ValidationError, path: Path, name: str) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False):
        place = ".".join(["sites", name, *map(str, fault["loc"])])
        match fault["type"]:
            case "extra_forbidden":
                key = str(fault["loc"][-1])
                problem = f"unknown key{nearest(key, _known(fault['loc']))}"
            case "missing":
                problem = "is missing"
            case _:
                problem = fault["msg"].removeprefix("Value error, ")
        yield f"{path}: {place}: {problem}"


def _known(place: tuple[int | str, ...]) -> list[str]:
    parts: dict[str, type[BaseModel]] = {"accounts": Account, "mail": Mail, "limits": SiteLimits}
    return list(parts.get(str(place[0]) if len(place) > 1 else "", SiteSettings).model_fields)


def refuse_effect(settings: SiteSettings, effect: Effect) -> None:
    """Raise NotApplicable where a case that does so much to a site must not run there."""
    if effect is not Effect.READ and not settings.may_change:
        raise NotApplicable("the case changes the site, which is a production site: only reading is allowed there")
    if effect is Effect.TOUCH_SHARED and not settings.touch_shared:
        raise NotApplicable("the case touches what others share on the site; touch_shared = true allows that")


def window_at(windows: tuple[tuple[datetime, datetime], ...], now: datetime) -> datetime | None:
    """Return the end of the maintenance window that ``now`` lies in; None where it lies in none."""
    return next((end for start, end in windows if start <= now < end), None)
