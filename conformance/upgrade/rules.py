"""The rules: everything that a decision may find, and how lightly a policy may take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.upgrade.model import Outcome


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that may be found."""

    id: str
    means: str
    """When it fires, in one sentence."""
    lightest: Outcome = Outcome.IGNORE
    """The lightest outcome that a policy may give it."""
    because: str = ""
    """Why it may not be taken more lightly."""


_NO_EVIDENCE = "no evidence is never ready"
_HIDDEN = "what is not known is never hidden"

_ALL = (
    Rule(
        "suite-error",
        "A run met a defect of the suite itself, and nothing newer took its place.",
        Outcome.UNKNOWN,
        "a void run is no evidence, and " + _NO_EVIDENCE,
    ),
    Rule(
        "change-broken",
        "A change that the target has does not hold, and the integration uses it.",
        Outcome.TELL,
        "what is broken is never hidden",
    ),
    Rule(
        "change-later",
        "The target does not have the change, and the site does not behave as before it.",
        Outcome.TELL,
        "what is broken is never hidden",
    ),
    Rule(
        "waiver-expired",
        "A waiver's last day has passed.",
        Outcome.TELL,
        "what is broken is never hidden",
    ),
    Rule("traffic-refused", "The target refuses a request that the integration was seen to send."),
    Rule(
        "no-evidence",
        "A case was never run on this site at the target version.",
        Outcome.UNKNOWN,
        _NO_EVIDENCE,
    ),
    Rule(
        "nothing-observed",
        "No documented change of the target was seen to hold.",
        Outcome.UNKNOWN,
        "the empty set is never ready",
    ),
    Rule(
        "site-is-another-version",
        "The site says that it is another version than the target.",
        Outcome.UNKNOWN,
        "what another version does is no evidence, and " + _NO_EVIDENCE,
    ),
    Rule("run-from-the-future", "A run begins after now: a clock is wrong.", Outcome.TELL, _HIDDEN),
    Rule(
        "run-not-complete",
        "A run did not end, or lost results, and nothing newer took its place.",
        Outcome.TELL,
        _HIDDEN,
    ),
    Rule("inconclusive", "A case ran and could not tell, and nothing recent stands for it.", Outcome.TELL, _HIDDEN),
    Rule("old-evidence", "What is known of a case is older than the greatest age.", Outcome.TELL, _HIDDEN),
    Rule("other-cases", "Results are of another text of the case file.", Outcome.TELL, _HIDDEN),
    Rule("other-schemas", "Results were got with other schemas.", Outcome.TELL, _HIDDEN),
    Rule(
        "change-not-observed",
        "No case of a change is applicable to the site, so that nothing of it was observed.",
        Outcome.TELL,
        _HIDDEN,
    ),
    Rule(
        "change-lost",
        "Today's version has a change that the target has not, and the integration uses it.",
        Outcome.TELL,
        _HIDDEN,
    ),
    Rule("traffic-unknown", "Whether a recorded request is concerned can not be told.", Outcome.TELL, _HIDDEN),
    Rule("traffic-changed", "The target answers a recorded request in another way."),
    Rule("traffic-lenient", "A recorded request works because the service is lenient."),
    Rule("waived", "A change does not hold, and somebody answers for that until a date.", Outcome.TELL, _HIDDEN),
    Rule("waiver-unneeded", "What a waiver is for holds."),
    Rule("waiver-unmatched", "A waiver is for no case that there is."),
    Rule("change-broken-unused", "A change does not hold, and the integration does not use it."),
    Rule("unknown-unused", "A change was not fully observed, and the integration does not use it."),
    Rule("older-result-stands", "The newest result of a case could not tell; an older one, recent enough, stands."),
    Rule("not-applicable", "Cases are not applicable to the site; others of the change were observed."),
    Rule("deviation", "Something that is only assumed does not hold."),
    Rule("flaky", "A case came to different ends without a cause that is known."),
    Rule("left-on-site", "The newest run left something on the site."),
    Rule("change-new", "A change that the integration uses is new with this upgrade."),
)

RULES: Mapping[str, Rule] = {rule.id: rule for rule in _ALL}
"""By id, in the order in which findings of one weight are told."""
