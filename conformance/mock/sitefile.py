"""Site files: the site that ``conformance mock --site-file FILE`` serves, as YAML.

    site:
      name: go
      version: 40.4.3                  # the command line beats it; without either it is this
      strictness: service              # or documented, strict: what it refuses; the command line beats it
      settings: {session_passwords_required: true, email_change_needs_confirmation: true}
    accounts:
      - {webExID: admin, password: secret, email: admin@example.com, role: siteAdmin}
      - {webExID: ann, password: secret, email: ann@example.com, role: host, firstName: Ann, lastName: Lee}
    access_anywhere: 12                # that many sessions of the first host's, or a list of sessions:
    #  - {webExID: ann, computerName: desk, startTime: 11/29/2019 03:05:44, endTime: 11/29/2019 03:10:06}

Times are GMT, written as the API writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    IPvAnyAddress,
    Tag,
    ValidationError,
    create_model,
)
from pydantic_core import ErrorDetails

from conformance.cases.document import Document, Location, read_document
from conformance.errors import CaseFault, CaseFileErrors, UserError, nearest
from conformance.mock.building import SITE_NAME, add_access_anywhere, add_account, bare_site
from conformance.mock.state import AccessAnywhere, Settings, Site
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.departures import Strictness
from conformance.wire.times import read_date


def _date(text: object) -> datetime:
    moment = read_date(str(text))
    if moment.year < 1970:
        raise ValueError(f"'{text}' was before there was anything to use")
    return moment


def _version(text: object) -> Version:
    try:
        return Version.parse(str(text))
    except UserError as error:
        raise ValueError(str(error)) from error


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


_SWITCHES: dict[str, Any] = {setting.name: (bool, setting.default) for setting in fields(Settings)}
_Settings = create_model("_Settings", __base__=_Part, **_SWITCHES)


class _Site(_Part):
    name: str = Field(pattern=SITE_NAME)
    version: Annotated[Version, BeforeValidator(_version)] | None = None
    strictness: Strictness = Strictness.SERVICE
    settings: _Settings = _Settings()


class _Account(_Part):
    web_ex_id: str = Field(alias="webExID", min_length=1)
    password: str = Field(min_length=1)
    email: str = Field(pattern=r"^\S+@\S+$")
    role: Literal["siteAdmin", "host", "attendee"]
    first_name: str = Field(alias="firstName", default="")
    last_name: str = Field(alias="lastName", default="")


class _Use(_Part):
    web_ex_id: str = Field(alias="webExID")
    computer_name: str = Field(alias="computerName")
    start: Annotated[datetime, BeforeValidator(_date)] = Field(alias="startTime")
    end: Annotated[datetime, BeforeValidator(_date)] = Field(alias="endTime")
    user_name: str = Field(alias="userName", default="")
    client_ip: IPvAnyAddress = Field(alias="clientIP", default="127.0.0.1", validate_default=True)
    conf_id: int | None = Field(alias="confID", default=None, ge=1)


def _form(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<count>"


class _File(_Part):
    site: _Site
    accounts: list[_Account] = Field(min_length=1)
    access_anywhere: Annotated[
        Annotated[Annotated[int, Field(ge=0, le=1000)], Tag("<count>")] | Annotated[list[_Use], Tag("<list>")],
        Discriminator(_form),
    ] = 0


_MODELS: dict[tuple[str, ...], type[_Part]] = {
    (): _File,
    ("site",): _Site,
    ("site", "settings"): _Settings,
    ("accounts",): _Account,
    ("access_anywhere",): _Use,
}


def load_site(path: Path, version: Version | None = None) -> Site:
    """Return the site that a file describes; raise CaseFileErrors with all its faults.

    ``version`` beats the one in the file; without either, the site is at 40.4.3.
    """
    document = read_document(path)
    try:
        file = _File.model_validate(document.data)
    except ValidationError as error:
        raise CaseFileErrors([_fault(document, detail) for detail in error.errors()]) from None
    if faults := list(_contradictions(document, file)):
        raise CaseFileErrors(faults)
    return _built(file, version)


def _built(file: _File, version: Version | None) -> Site:
    settings = Settings(**file.site.settings.model_dump())
    site = bare_site(file.site.name, version or file.site.version or DEFAULT_VERSION, settings=settings)
    site.strictness = file.site.strictness
    for account in file.accounts:
        add_account(
            site,
            account.web_ex_id,
            account.password,
            role=account.role,
            email=account.email,
            first_name=account.first_name,
            last_name=account.last_name,
        )
    if isinstance(file.access_anywhere, int):
        hosts = [account.web_ex_id for account in file.accounts if account.role == "host"]
        add_access_anywhere(site, (hosts or [file.accounts[0].web_ex_id])[0], file.access_anywhere)
    else:
        site.access_anywhere = [_use(site, use) for use in file.access_anywhere]
    return site


def _use(site: Site, use: _Use) -> AccessAnywhere:
    return AccessAnywhere(
        conf_id=use.conf_id or site.number(),
        host=use.web_ex_id,
        user_name=use.user_name or use.web_ex_id,
        computer_name=use.computer_name,
        client_ip=str(use.client_ip),
        start=use.start,
        end=use.end,
    )


def _contradictions(document: Document, file: _File) -> Iterator[CaseFault]:
    """Yield what no single value shows: doubles, unknown users, sessions that end before they start."""
    for key, values in (
        ("webExID", [account.web_ex_id.lower() for account in file.accounts]),
        ("email", [account.email.lower() for account in file.accounts]),
    ):
        for index, value in enumerate(values):
            if value in values[:index]:
                yield document.fault(("accounts", index, key), f"two accounts have the {key} '{value}'")
    known = [account.web_ex_id for account in file.accounts]
    for index, use in enumerate(file.access_anywhere if isinstance(file.access_anywhere, list) else ()):
        if use.web_ex_id.lower() not in map(str.lower, known):
            problem = f"no account has the webExID '{use.web_ex_id}'{nearest(use.web_ex_id, known)}"
            yield document.fault(("access_anywhere", index, "webExID"), problem)
        if use.end < use.start:
            yield document.fault(("access_anywhere", index, "endTime"), "the session ends before it starts")


def _fault(document: Document, detail: ErrorDetails) -> CaseFault:
    """Tell one of pydantic's errors at its place in the file."""
    location: Location = tuple(step for step in detail["loc"] if not str(step).startswith("<"))
    last = str(location[-1]) if location else ""
    match detail["type"]:
        case "extra_forbidden":
            return document.fault(location, f"unknown key '{last}'{nearest(last, _keys(location[:-1]))}")
        case "missing":
            return document.fault(location[:-1], f"key '{last}' is missing", f"add '{last}:'")
        case "model_type" | "model_attributes_type":
            return document.fault(location, "a mapping of 'key: value' is wanted here")
        case "too_short":
            return document.fault(location, f"'{last}' is empty", "give at least one")
        case "string_pattern_mismatch":
            return document.fault(location, f"'{detail['input']}' cannot be the {last} here")
        case _:
            problem = detail["msg"].removeprefix("Value error, ")
            return document.fault(location, f"{last}: {problem[:1].lower()}{problem[1:]}")


def _keys(location: Location) -> Sequence[str]:
    model = _MODELS[tuple(step for step in location if isinstance(step, str))]
    return [field.alias or name for name, field in model.model_fields.items()]
