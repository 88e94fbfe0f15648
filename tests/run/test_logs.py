"""What is logged while cases run: masked by value, whoever logs; HTTP libraries say only what goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from conformance.run.logs import MaskedLogs
from conformance.run.veil import Veil

SECRET = "hunter2-and-more"


@pytest.fixture
def veil() -> Iterator[Veil]:
    """Be a case that knows a secret, while logs are masked."""
    factory, logs, veil = logging.getLogRecordFactory(), MaskedLogs(), Veil()
    veil.learn(SECRET)
    logs.start()
    logs.start()
    yield veil
    logs.stop()
    assert logging.getLogRecordFactory() is factory


def test_messages_and_their_arguments_are_masked(veil: Veil, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("anybody").warning("%s and %r, %d", SECRET, SECRET.encode(), 5)
    assert caplog.messages == ["****** and b'******', 5"]


def test_exceptions_and_stacks_are_masked(veil: Veil, caplog: pytest.LogCaptureFixture) -> None:
    try:
        int(SECRET)
    except ValueError:
        logging.getLogger("anybody").exception("it failed", stack_info=True)
    assert SECRET not in caplog.text
    assert "ValueError: invalid literal for int() with base 10: '******'" in caplog.text
    assert "Stack (most recent call last)" in caplog.text


def test_a_record_that_can_not_be_told_harms_nobody(veil: Veil, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("anybody").warning("%d " + SECRET, "five")
    assert caplog.messages == ["%d ******"]


@pytest.mark.parametrize("name", ["httpcore2", "httpcore2.http11", "httpx2", "urllib3"])
def test_http_libraries_are_kept_to_warnings(name: str, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger(name)
    before = logger.level
    caplog.set_level(logging.DEBUG)
    logger.setLevel(logging.DEBUG)
    logs = MaskedLogs()
    logs.start()
    logger.debug("a whole request")
    logger.warning("a warning")
    logs.stop()
    assert caplog.messages == ["a warning"]
    assert logger.level == logging.DEBUG
    logger.setLevel(before)


def test_when_the_run_is_over_nothing_is_masked(caplog: pytest.LogCaptureFixture) -> None:
    logs = MaskedLogs()
    logs.start()
    logs.stop()
    veil = Veil()
    veil.learn(SECRET)
    logging.getLogger("anybody").warning(SECRET)
    assert caplog.messages == [SECRET]
