"""Feeds the writers: header, results in order, footer; counts what passes through."""

from __future__ import annotations

import hashlib
import platform
import re
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version as installed
from pathlib import Path
from uuid import uuid4

from lxml import etree

from conformance import __version__
from conformance.report.stream import Catalogue, Footer, Header, Tally, Writer
from conformance.run.suite import RunOptions, settings_digest
from conformance.run.veil import masked
from conformance.run.verdicts import CaseResult
from conformance.run.waive import WaiverBook
from conformance.schema.catalog import SchemaSet
from conformance.site.seam import SiteFacts

_RUN_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[\d.]+")
_LIBRARIES = ("lxml", "xmlschema", "pytest", "httpcore2", "pydantic")


class Recorder:
    """The one source that all writers of a run read from."""

    def __init__(self, writers: Iterable[Writer], waivers: WaiverBook | None = None) -> None:
        self.writers: Sequence[Writer] = tuple(writers)
        self._waivers = waivers
        self._catalogue = Catalogue()
        self.tally = Tally()
        self._clock = time.perf_counter()
        self.header: Header | None = None

    def start(self, header: Header, catalogue: Catalogue) -> None:
        """Announce the run."""
        self.header, self._catalogue = header, catalogue
        self.tally.planned = header.planned
        for writer in self.writers:
            writer.started(header, catalogue)

    def case(self, result: CaseResult) -> None:
        """Pass one result on."""
        self.tally.add(result)
        if self._waivers:
            self._waivers.see(result)
        for writer in self.writers:
            writer.case(result)

    def finish(self, remarks: Sequence[str] = (), left: Sequence[str] | None = None) -> None:
        """End the run; does nothing for a run that never started. ``remarks`` and ``left`` are those of the site."""
        if self.header is None:
            return
        if self._waivers:
            self.tally.waivers = self._waivers.notes(self._catalogue.changes)
        footer = Footer(
            counts={verdict.value: count for verdict, count in self.tally.total.items()},
            exit_code=int(self.tally.exit_code),
            seconds=round(time.perf_counter() - self._clock, 3),
            leftovers=self.tally.leftovers,
            remarks=tuple(map(masked, remarks)),
            left=None if left is None else tuple(map(masked, left)),
            waivers=self.tally.waivers,
            ended=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        for writer in self.writers:
            writer.finished(footer)


def describe(
    options: RunOptions, schemas: SchemaSet, catalogue: Catalogue, facts: SiteFacts | None, folder: Path | None = None
) -> Header:
    """Return the header of a run. ``facts`` are None where other processes hold the site.

    ``folder`` is that of its reports: where it is named like a run, the run is named like it, so that who reads of
    the one finds the other.
    """
    now = datetime.now(UTC)
    digests = "".join(f"{change.id} {change.digest}\n" for change in catalogue.changes.values())
    return Header(
        run=folder.name if folder and _RUN_NAME.fullmatch(folder.name) else run_name(now, options),
        id=uuid4().hex,
        started=now.isoformat(timespec="seconds"),
        suite_version=__version__,
        site=options.site,
        endpoint=facts.endpoint if facts else "",
        api_version=str(options.api_version),
        told_version=facts.api_version if facts else "",
        mock_version=str(options.mock_release or ""),
        schema_release=str(schemas.release),
        schemas_digest=schemas.digest,
        cases_digest=hashlib.sha256(digests.encode()).hexdigest(),
        clock_offset_seconds=facts.clock_offset.total_seconds() if facts else 0.0,
        planned=len(catalogue.cases),
        libraries={
            "python": platform.python_version(),
            "libxml2": ".".join(map(str, etree.LIBXML_VERSION)),
            **{name: installed(name) for name in _LIBRARIES},
        },
        warnings=tuple(map(masked, facts.warnings)) if facts else (),
        settings_digest=settings_digest(options),
    )


def run_name(now: datetime, options: RunOptions) -> str:
    """Return the name of a run: when, and what the site was held to."""
    return f"{now:%Y-%m-%dT%H-%M-%SZ}-{options.api_version}"
