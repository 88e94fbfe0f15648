"""What a site that is stricter than the service refuses: departures and what is not valid, with the first of them."""

from __future__ import annotations

from collections.abc import Callable

from conformance.schema.catalog import SchemaCatalog
from conformance.schema.payload import judge_read
from conformance.versions import Version
from conformance.wire.departures import Strictness
from conformance.wire.request import Request


def gate(strictness: Strictness, catalog: SchemaCatalog, version: Version) -> Callable[[Request], str]:
    """Return what tells why a request is refused at ``version``; an empty text where it is not.

    Operations that the release does not know are not looked at: no schema says anything of them.
    """

    def why(request: Request) -> str:
        if request.operation is None or not catalog.at(version).knows(request.operation):
            return ""
        judged = judge_read(request, catalog, version, strictness)
        for note in judged.refused:
            return f"{note.id} at {note.path}: {note.note}"
        for finding in filter(judged.counts, judged.findings):
            return f"schema.{finding.rule} at {finding.path}: {finding.message}"
        return ""

    return why
