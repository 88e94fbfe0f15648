"""What of a difference concerns one integration: who sends or reads the element, or must begin to."""

from __future__ import annotations

from conformance.cases.model import Trace
from conformance.schemadiff.compare import Path
from conformance.schemadiff.content import shown
from conformance.schemadiff.model import Finding
from conformance.schemadiff.operations import EVERY
from conformance.traffic.profile import Profile
from conformance.wire.names import prefixed


def used(finding: Finding, profile: Profile) -> str:
    """Return what an integration uses of a difference: ``CreateUser (412 calls), email``; empty where nothing.

    What the profile leaves open counts as used, and so does what can not be told.
    """
    names = profile.operations if EVERY in finding.elements else profile.operations.keys() & finding.elements
    return "; ".join(uses for name in sorted(names) if (uses := profile.uses(_trace(finding, name))))


def _trace(finding: Finding, operation: str) -> Trace:
    """Return what of an operation an integration must use to be concerned: one of its elements, or any call."""
    sends: list[str] = []
    reads: list[str] = []
    around = finding.rule.touches == "around"
    if finding.rule.touches != "all" and EVERY not in finding.elements:
        places = [_element(path) for path in finding.elements[operation]]
        if finding.rule.direction == "request":
            paths = ["/".join(map(shown, path[:-1] if around else path)) for path in places]
            sends = paths if all(paths) else []
        else:
            names = {path[-1] for path in places if path}
            names |= {name for name in finding.siblings if around and name[0] not in "@*"}
            told = [prefixed(name) for name in sorted(names)]
            # What has no prefix of ours, no profile can name: it may be read.
            reads = [f"//{name}" for name in told] if all(map(_has_prefix, told)) else []
    return Trace(operations=(operation,), says="", effect="changed", sends=tuple(sends), reads=tuple(reads))


def _has_prefix(name: str) -> bool:
    return ":" in name and not name.startswith("{")


def _element(path: Path) -> Path:
    """Return the path of an element; of an attribute or a wildcard, that of the element it stands in."""
    return path[:-1] if path and path[-1].startswith(("@", "*")) else path
