"""Hooks of the pytest plugin, for a ``conftest.py`` or another plugin."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conformance.report.stream import Writer
    from conformance.site.seam import SiteProvider
    from conformance.upgrade.model import Decision


@pytest.hookspec(firstresult=True)
def pytest_conformance_provider(config: pytest.Config, name: str) -> SiteProvider | None:
    """Return what stands behind the site of that name, or None for names that are not yours.

    ``name`` is what ``--conformance-site`` says. Example: a site of your own under the name ``lab``::

        def pytest_conformance_provider(config, name):
            return LabProvider() if name == "lab" else None
    """


@pytest.hookspec
def pytest_conformance_writers(config: pytest.Config) -> Sequence[Writer]:
    """Return writers that shall get the results of the run, beside the shipped ones.

    Example: count failures::

        def pytest_conformance_writers(config):
            return [FailureCounter()]
    """
    raise NotImplementedError


@pytest.hookspec
def pytest_conformance_decided(config: pytest.Config, decision: Decision | None, folder: Path, trouble: str) -> None:
    """Hear whether the version that the site was held to can be taken, after a run that wrote reports to ``folder``.

    ``trouble`` says why there is no decision, or why the history lacks the run; empty where nothing is wrong.
    Example: tell a chat::

        def pytest_conformance_decided(config, decision, folder, trouble):
            post(f"{decision.word} for {decision.to}" if decision else trouble)
    """
