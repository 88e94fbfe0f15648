"""``conformance profile``: learn what an integration uses of the API, and see what documented changes touch of it."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from conformance.cases.load import load_changes
from conformance.commands import say
from conformance.errors import UserError
from conformance.run.verdicts import ExitCode
from conformance.traffic.learn import Learnt, learn, left_out, profile_text, tolerated
from conformance.traffic.profile import Profile, load_profile
from conformance.traffic.read import Reading, read_traffic
from conformance.wire.departures import DEPARTURES
from conformance.wire.pretty import printable


def learn_profile(traffic: Sequence[Path], name: str, owner: str, output: Path | None) -> ExitCode:
    """Write the profile that recordings show, to ``output`` or to standard output, and tell what was seen.

    COULD_NOT_TELL where they hold no request of the API. A file that exists is never replaced: it may have been
    pruned by hand.
    """
    if output is not None and output.exists():
        raise UserError(f"{output}: exists already; name another file, or remove it first")
    reading = Reading()
    learnt = learn(read_traffic(traffic, reading))
    told = sys.stderr if output is None else sys.stdout
    if learnt.operations:
        text = profile_text(learnt, reading, name.strip() or "unnamed", owner.strip(), datetime.now(UTC))
        _write(text, output)
    else:
        say("no request of the API was found, so there is no profile", "yellow", to=told)
    _tell(learnt, reading, told)
    if learnt.operations and output is not None:
        say(f"written: {printable(str(output))}", "green")
    return ExitCode.AS_DOCUMENTED if learnt.operations else ExitCode.COULD_NOT_TELL


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print(text, end="")
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UserError(f"{output}: can not be written: {error.strerror or error}") from error


def _tell(learnt: Learnt, reading: Reading, to: TextIO) -> None:
    for name, use in sorted(learnt.operations.items()):
        reads = (
            "no answers, so everything counts as read" if use.reads is None else f"reads {_elements(use.reads)} at most"
        )
        say(f"{name}: {use.calls} call{'s' * (use.calls != 1)}, sends {_elements(use.sends)}, {reads}", to=to)
    for id_, operations in tolerated(learnt).items():
        meaning = DEPARTURES[id_]
        counts = ", ".join(f"{name} {count}" for name, count in operations.items())
        say(f"{id_} ({meaning.severity}): {counts}: {meaning.reason}", "yellow", to=to)
        say(f"    advice: {meaning.advice}", "dim", to=to)
    for sentence in left_out(learnt, reading):
        say(sentence, to=to)
    tell_unread(reading, to)


def tell_unread(reading: Reading, to: TextIO) -> None:
    """Say which messages of the API could not be read, and why."""
    for unread in reading.unread:
        say(f"{unread.place}: not read: {unread.reason}", "yellow", to=to)
    if reading.unread_more:
        say(f"{reading.unread_more} more could not be read", "yellow", to=to)


def check_profile(path: Path) -> ExitCode:
    """Say what a profile holds and which documented changes touch it. Raises CaseFileErrors for its faults."""
    profile = load_profile(path)
    owned = f", owned by {printable(profile.owner)}" if profile.owner else ""
    operations = len(profile.operations)
    say(f"{printable(profile.integration)}{owned}: {operations} operation{'s' * (operations != 1)}", "bold")
    for name, use in profile.operations.items():
        sends = "everything" if use.sends is None else _elements(use.sends)
        reads = "everything" if use.reads is None else _elements(use.reads)
        say(f"  {profile.called(name)}: sends {sends}, reads {reads}")
    for warning in profile.warnings:
        say(f"warning: {printable(str(warning))}", "yellow")
    _tell_changes(profile)
    return ExitCode.AS_DOCUMENTED


def _elements(names: Collection[str]) -> str:
    return f"{len(names)} element{'s' * (len(names) != 1)}"


def _tell_changes(profile: Profile) -> None:
    changes = sorted(
        (one for one in load_changes() if not one.file.is_baseline), key=lambda change: (change.since, change.id)
    )
    touched = [(change, uses) for change in changes if (uses := profile.uses(change))]
    say(f"{len(touched)} of {len(changes)} documented changes touch it:")
    for change, uses in touched:
        releases = ", ".join(map(str, sorted(change.released_in, reverse=True)))
        say(f"  {change.id}: {change.file.change} (from {releases})")
        owners = printable(", ".join(profile.owners(change)))
        say(f"    you use {uses}{f'; owned by {owners}' if owners else ''}", "cyan")
