"""A comparison as a page: one file that fetches nothing and runs no script."""

from __future__ import annotations

from conformance.page.environment import rendered, resource
from conformance.page.looks import Look
from conformance.schemadiff import telling
from conformance.schemadiff.model import SchemaDiff
from conformance.schemadiff.rules import Severity

LOOKS = {
    Severity.BREAKING: Look("bad", "✗", "B", "breaking", "What was right is not any more."),
    Severity.RISKY: Look("open", "!", "R", "risky", "Works as long as the client or the service is lenient."),
    Severity.COMPATIBLE: Look("dim", "·", "C", "compatible", "Nothing that a client did or read is concerned."),
}


def render(diff: SchemaDiff) -> str:
    """Return the page."""
    heaviest = next((severity for severity in Severity if diff.of(severity)), None)
    return str(
        rendered(
            "schema_diff.html",
            diff=diff,
            told=telling,
            severities=LOOKS,
            kind=LOOKS[heaviest].kind if heaviest in (Severity.BREAKING, Severity.RISKY) else "good",
            glyph=LOOKS[heaviest].glyph if heaviest in (Severity.BREAKING, Severity.RISKY) else "✓",
            css=resource("readiness.css"),
        )
    )
