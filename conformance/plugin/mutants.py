"""A mutant of the mock as a site, so that the reports of a run that is red can be looked at: ``mutant:ID``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.site.seam import SiteProvider

_PREFIX = "mutant:"


def pytest_conformance_provider(config: pytest.Config, name: str) -> SiteProvider | None:
    """Return an embedded mock that has the defect of the mutant that is named; raise UserError where there is none."""
    if not name.startswith(_PREFIX):
        return None
    from conformance.errors import UserError
    from conformance.mutants.defects import defect
    from conformance.mutants.load import find_mutant
    from conformance.plugin.options import run_options
    from conformance.run.embedded import EmbeddedMock

    mutant = find_mutant(name.removeprefix(_PREFIX))
    options = run_options(config)
    if options.api_version != mutant.release:
        raise UserError(f"{mutant.id} is a site of {mutant.release}; add --api-version {mutant.release}")
    return EmbeddedMock(mutant.release, options.mock_clock).like(mutant.release, defect(mutant.entry.defect))
