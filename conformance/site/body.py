"""Bodies within bounds: how much is read, and what a content encoding may make of it."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable

from conformance.errors import ExchangeFault
from conformance.wire.limits import MAX_BODY, MAX_DECODED, MAX_RATIO
from conformance.wire.pretty import printable

EVIDENCE = 64 * 1024
"""Bytes of an incomplete body that a fault keeps."""

_PIECE = 64 * 1024


async def collect(stream: AsyncIterable[bytes], body: bytearray, announced: str) -> None:
    """Add what comes to ``body``; raise ExchangeFault ``too-large`` as soon as it is known to be.

    ``announced`` is the Content-Length, where there is one.
    """
    too_large = ExchangeFault("too-large", f"the body is larger than {MAX_BODY} bytes", breaks_contract=True)
    if announced.isdecimal() and int(announced[:20]) > MAX_BODY:
        raise too_large
    async for chunk in stream:
        if len(body) + len(chunk) > MAX_BODY:
            raise too_large
        body += chunk


def decoded(body: bytearray, encodings: str) -> bytes:
    """Undo a content encoding that we did not ask for.

    Raises ExchangeFault ``encoding``, ``decompression`` (both break the contract) or ``truncated``.
    """
    named = [name for part in encodings.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    if not named:
        return bytes(body)
    shown = printable(", ".join(named)[:80])
    if len(named) > 1:
        raise _broken("encoding", f"{len(named)} content encodings, one over the other: {shown}")
    if named[0] not in ("gzip", "x-gzip", "deflate"):
        raise _broken("encoding", f"content encoding '{shown}' was not asked for")
    limit = min(MAX_DECODED, max(len(body), 1) * MAX_RATIO)
    expander = zlib.decompressobj(wbits=47)  # gzip or zlib, told by their headers
    expanded, rest = bytearray(), bytes(body)
    try:
        while rest and not expander.eof and len(expanded) <= limit:
            # In pieces: what is expanded at once is twice in memory before anybody can stop it.
            expanded += expander.decompress(rest, _PIECE)
            rest = expander.unconsumed_tail
        if len(expanded) <= limit and not expander.eof:
            expanded += expander.flush(1)
    except zlib.error as error:
        raise _broken("encoding", f"the body is not {shown}: {error}") from error
    if len(expanded) > limit:
        told = f"decompression limit: {len(body)} bytes of {shown} expand beyond {limit}"
        raise _broken("decompression", f"{told} ({MAX_RATIO} times, or {MAX_DECODED})")
    if not expander.eof:
        detail = f"the {shown} stream of {len(body)} bytes has no end marker"
        raise ExchangeFault("truncated", detail, partial=bytes(expanded[:EVIDENCE]))
    if expander.unused_data:
        raise _broken("encoding", f"{len(expander.unused_data)} bytes follow the {shown} body")
    return bytes(expanded)


def _broken(kind: str, detail: str) -> ExchangeFault:
    return ExchangeFault(kind, detail, breaks_contract=True)
