"""The site setting "Enable classic Event", and what 41.12.0 made of it."""

from __future__ import annotations

from conformance.mock.call import Call
from conformance.mock.refusal import classic_events_disabled

CHANGE = "41.12.0/classic-events-disabled"


def refuse_classic_events(call: Call) -> None:
    """Refuse a call for events where the site has them switched off, whatever it is about (assumed)."""
    if call.site.has(CHANGE) and not call.site.settings.classic_events_enabled:
        raise classic_events_disabled()
