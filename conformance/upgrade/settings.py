"""Section ``[upgrade]`` of the settings file: what decides whether a version can be taken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from conformance.config import find_file, section
from conformance.errors import UserError, nearest
from conformance.upgrade.question import MAX_AGE
from conformance.upgrade.words import read_duration


def _length(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("is no length of time; write it like 36h, 90m or 7d")  # noqa: TRY004 - pydantic tells this
    try:
        return read_duration(value)
    except UserError as error:
        raise ValueError(str(error)) from error


class UpgradeSettings(BaseModel):
    """The section. Paths are relative to the settings file; ``load_upgrade`` makes them absolute."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    profile: Path | None = None
    """What the integration uses."""
    policy: Path | None = None
    """What differs from the shipped policy."""
    waivers: Path | None = None
    """Failures that somebody answers for; runs read it."""
    traffic: tuple[Path, ...] = ()
    """Recordings of what the integration sends."""
    max_age: Annotated[timedelta, BeforeValidator(_length)] = MAX_AGE
    """How old evidence may be."""


def load_upgrade(path: Path | None) -> UpgradeSettings:
    """Return the section of a settings file; None: of the nearest one; empty settings where there is none.

    Raises UserError with all faults of the section, each with its place.
    """
    file = path or find_file()
    if file is None:
        return UpgradeSettings()
    try:
        read = UpgradeSettings.model_validate(section(file, "upgrade"))
    except ValidationError as error:
        raise UserError("\n".join(_told(error, file))) from None
    base = file.absolute().parent
    return read.model_copy(
        update={
            "profile": read.profile and base / read.profile,
            "policy": read.policy and base / read.policy,
            "waivers": read.waivers and base / read.waivers,
            "traffic": tuple(base / path for path in read.traffic),
        }
    )


def _told(error: ValidationError, path: Path) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False):
        place = ".".join(["upgrade", *map(str, fault["loc"])])
        key = str(fault["loc"][-1])
        match fault["type"]:
            case "extra_forbidden":
                problem = f"unknown key{nearest(key, list(UpgradeSettings.model_fields))}"
            case "path_type":
                problem = "is no path; write it in quotes"
            case "tuple_type":
                problem = "is no list; write ['calls.har']"
            case _:
                problem = fault["msg"].removeprefix("Value error, ")
        yield f"{path}: {place}: {problem}"
