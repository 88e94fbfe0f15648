"""Which release a site behaves as: the one whose documented changes were seen, and no others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from conformance.history.letters import BROKEN
from conformance.run.verdicts import Verdict
from conformance.versions import LINEAGE, Version, nearest_release

Observed = tuple[str, str, Verdict]
"""A change, the side that one of its cases was held to, and what the case came to."""


def seen_changes(observed: Iterable[Observed]) -> dict[str, bool]:
    """Return of each change that was looked at whether the site has it; those that can not be told are left out.

    It has a change whose cases all held on the side ``expect``, and lacks one whose cases all held on the side
    ``before``. A case does not hold on the wrong side of its change, so where all fail it is the other way round.
    Where some hold and some fail, the site has a fault rather than another release. A DEVIATION says nothing: what is
    only assumed does not hold on the wrong side either.
    """
    told: dict[str, set[bool]] = {}
    for change, side, verdict in observed:
        if verdict is Verdict.PASS or verdict in BROKEN:
            told.setdefault(change, set()).add((verdict is Verdict.PASS) == (side == "expect"))
    return {change: words.pop() for change, words in told.items() if len(words) == 1}


def behaves_as(seen: Mapping[str, bool], releases: Mapping[str, Collection[Version]], held_to: Version) -> str:
    """Return the known release that agrees with everything seen; empty where none does or nothing was seen.

    ``releases`` are those that carry each change; a change that is not among them says nothing. Of several that
    agree it is the one nearest to what the site was held to, in the order of releases; of two as near, the newer.
    """
    telling = {change: there for change, there in seen.items() if change in releases}
    if not telling:
        return ""
    order = sorted(LINEAGE)
    held = order.index(nearest_release(held_to))
    agreeing = [
        (abs(place - held), -place)
        for place, release in enumerate(order)
        if all(release.has(releases[change]) == there for change, there in telling.items())
    ]
    return str(order[-min(agreeing)[1]]) if agreeing else ""
