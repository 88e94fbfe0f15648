"""The pytest plugin: case files as items, the engine behind them, the writers after them.

It collects YAML files below a folder with a ``conformance.yaml`` and touches nothing else. What is not
needed in a pytest run without such files is not imported in one. pytest finds its hooks in this module.
"""

from conformance.plugin.conclusion import pytest_sessionstart
from conformance.plugin.items import pytest_collect_file, pytest_runtest_protocol
from conformance.plugin.mutants import pytest_conformance_provider
from conformance.plugin.options import pytest_addhooks, pytest_addoption, pytest_configure
from conformance.plugin.privacy import pytest_configure_node
from conformance.plugin.processes import (
    pytest_report_from_serializable,
    pytest_report_to_serializable,
    pytest_testnodedown,
    pytest_xdist_node_collection_finished,
)
from conformance.plugin.session import (
    pytest_collection_modifyitems,
    pytest_report_teststatus,
    pytest_runtestloop,
    pytest_sessionfinish,
)
from conformance.plugin.waivers import pytest_terminal_summary

__all__ = [
    "pytest_addhooks",
    "pytest_addoption",
    "pytest_collect_file",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_configure_node",
    "pytest_conformance_provider",
    "pytest_report_from_serializable",
    "pytest_report_teststatus",
    "pytest_report_to_serializable",
    "pytest_runtest_protocol",
    "pytest_runtestloop",
    "pytest_sessionfinish",
    "pytest_sessionstart",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "pytest_xdist_node_collection_finished",
]
