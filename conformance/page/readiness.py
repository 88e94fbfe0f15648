"""readiness.html: the answer to "can we take this version?" on one screen, and all evidence behind it.

The page is one file that fetches nothing. Every text in it is escaped, control characters are shown as their codes,
and a policy lets no script run but the page's own, without which everything is there too.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from conformance.page import looks
from conformance.page.coverage import coverage
from conformance.page.drilldown import Anchors, ChangeView, changes
from conformance.page.environment import rendered, resource
from conformance.page.fitting import Told, fit_changes, fit_moves, fit_reasons
from conformance.page.headline import headline
from conformance.page.model import PageData
from conformance.page.plots import latency_plots, strip_plot
from conformance.report.stream import left_on_site

FILE = "readiness.html"


def write_readiness(data: PageData, folder: Path) -> Path:
    """Write the page into a report folder; it is never seen half written. Raises OSError."""
    path = folder / FILE
    part = path.with_name(f"{FILE}.{os.getpid()}.part")
    try:
        part.write_text(render(data), encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def render(data: PageData) -> str:
    """Return the page."""
    anchors = Anchors()
    views = changes(data, anchors)
    told = fit_changes(views, data)
    places = Places(anchors, told, list(data.decision.policy))
    reasons = fit_reasons(data, places=places)
    moves = fit_moves(data, places=places)
    script = resource("readiness.js")
    failed = [text for result in data.results for text in result.leftovers]
    return str(
        rendered(
            "readiness.html",
            data=data,
            decision=data.decision,
            first=headline(data),
            told=told,
            places=places,
            reasons=reasons,
            more_reasons=len(data.decision.reasons) - len(reasons),
            moves=moves,
            more_moves=len(data.comparison.moves) - len(moves) if data.comparison else 0,
            plot=strip_plot(((_label(view), view.strip) for view in views), data.nights),
            latencies=latency_plots(data.latencies, data.nights),
            coverage=coverage(data),
            left=left_on_site(data.footer, failed),
            css=resource("readiness.css"),
            script=script,
            policy=policy(str(script)),
        )
    )


def policy(script: str) -> str:
    """Return the policy of a page with that one script."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


class Places:
    """Where things stand in the page. What there was no room for stands nowhere, and no link leads to it."""

    def __init__(self, anchors: Anchors, told: Sequence[Told], rules: Sequence[str]) -> None:
        self._anchors = anchors
        self._there = {("rule", rule) for rule in rules}
        for each in told:
            self._there.add(("change", each.view.id))
            self._there |= {("case", case) for case in each.shown}

    def __call__(self, kind: str, name: str) -> str:
        """Return the id of the place of a change, a case or a rule; empty where it has none."""
        return self._anchors(kind, name) if (kind, name) in self._there else ""


def _label(view: ChangeView) -> str:
    releases = f"{', '.join(view.change.file.released_in)}  " if view.change else ""
    title = view.change.file.change if view.change else view.state.title if view.state else view.id
    return looks.cut(f"{releases}{title}", 64)
