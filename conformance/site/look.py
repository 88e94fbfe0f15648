"""The first look at a site: its version and its clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from conformance.errors import MalformedMessage
from conformance.site.seam import Exchange, SiteFacts
from conformance.wire.names import NAMESPACES, operation
from conformance.wire.request import build_request
from conformance.wire.response import read_response

_ALIGNED = timedelta(seconds=2)
"""Date headers count whole seconds; a smaller difference can not be told from none."""


async def look(send: Callable[[bytes], Awaitable[Exchange]], site_name: str, endpoint: str) -> SiteFacts:
    """Ask a site for its version and its time. GetAPIVersion needs no account (reference guide).

    Raises what ``send`` raises.
    """
    request = build_request(operation("GetAPIVersion"), {"siteName": site_name}, {})
    before = datetime.now(UTC)
    exchange = await send(request)
    middle = before + (datetime.now(UTC) - before) / 2
    offset = exchange.date - middle if exchange.date else timedelta()
    try:
        response = read_response(exchange.body)
    except MalformedMessage:
        version = ""
    else:
        # apiVersion stays at V11.0.0; the number that counts is in apiVer (guide).
        version = (response.root.findtext(f".//{{{NAMESPACES['ep']}}}apiVer") or "").strip()
    return SiteFacts(endpoint, version, offset if abs(offset) > _ALIGNED else timedelta())
