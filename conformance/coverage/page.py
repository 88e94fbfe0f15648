"""What was observed of the API as a page: one file that fetches nothing and runs no script."""

from __future__ import annotations

from itertools import groupby

from conformance.coverage.summary import Coverage
from conformance.page.environment import rendered, resource


def render(coverage: Coverage) -> str:
    """Return the page."""
    services = [(name, list(each)) for name, each in groupby(coverage.operations, key=lambda one: one.service)]
    return str(rendered("coverage.html", coverage=coverage, services=services, css=resource("readiness.css")))
