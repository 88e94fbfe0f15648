"""What a run keeps to itself beyond its cases: what is logged, and the key of its pseudonyms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conformance.wire.pseudonyms import Key

_KEY: pytest.StashKey[Key] = pytest.StashKey()
_SENT = "conformance_key"


def mask_logs(config: pytest.Config) -> None:
    """Mask all that is logged until this pytest ends."""
    from conformance.run.logs import MaskedLogs

    logs = MaskedLogs()
    logs.start()
    config.add_cleanup(logs.stop)


def pseudonyms(config: pytest.Config) -> Key | None:
    """Return the key of the pseudonyms of this run; None where people keep their names."""
    if not config.getoption("--conformance-pseudonymise"):
        return None
    if _KEY not in config.stash:
        from conformance.wire.pseudonyms import Key

        sent = getattr(config, "workerinput", {}).get(_SENT)
        config.stash[_KEY] = Key(bytes.fromhex(sent) if sent else None)
    return config.stash[_KEY]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Let the workers of xdist share the key, so that a person has one pseudonym in all of them."""
    if key := pseudonyms(node.config):
        node.workerinput[_SENT] = key.key.hex()
