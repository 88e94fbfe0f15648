"""Annotations: a decision as lines that GitHub shows beside the files of a pull request.

A line is a command to the machine that runs the job. No text of elsewhere can begin one: it stands behind ours, in
one line, with what would end a property or a line written in their way.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from conformance.page.places import Place, read_place
from conformance.upgrade.model import Decision, Outcome, Reason
from conformance.wire.pretty import printable

_COMMANDS: Mapping[Outcome, str] = {
    Outcome.VOID: "error",
    Outcome.BLOCK: "error",
    Outcome.UNKNOWN: "warning",
    Outcome.TELL: "notice",
}
_NOTHING: Mapping[str, Place] = {}


def annotations(decision: Decision, places: Mapping[str, Place] = _NOTHING, root: Path | None = None) -> Iterator[str]:
    """Yield a line for each reason, heaviest first; ``places`` are those of cases, by id.

    Paths are told from ``root`` (default: here), which has to be the top of the repository.
    """
    for reason in decision.reasons:
        if reason.outcome in _COMMANDS:
            yield _line(reason, decision, places, root)


def _line(reason: Reason, decision: Decision, places: Mapping[str, Place], root: Path | None) -> str:
    # What concerns the run as a whole is none of its first case.
    cases = reason.cases if reason.change else ()
    place = next((places[case] for case in cases if case in places), None) or read_place(reason.place, root)
    properties: dict[str, str] = {}
    if place:
        properties["file"] = place.path
        properties |= {key: str(at) for key, at in (("line", place.line), ("col", place.column)) if at}
    properties["title"] = f"{decision.to} on {decision.site}: {reason.outcome}"
    told = ",".join(f"{key}={_property(text)}" for key, text in properties.items())
    return f"::{_COMMANDS[reason.outcome]} {told}::{_data('. '.join(filter(None, (reason.says, reason.advice))))}"


def _data(text: str) -> str:
    """Return a text as the message of a command."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Return a text as a property of a command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
