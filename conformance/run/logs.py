"""Logs while a run is under way: of nobody's records may more be seen than of ours.

HTTP libraries log whole headers and bodies at DEBUG, before anybody can know what is secret in them, so they are
kept to warnings. All other records are masked by value as they are made, before any handler gets them.
"""

from __future__ import annotations

import logging
import traceback
from typing import Any

from conformance.run.veil import masked

_LOUD = ("httpcore2", "httpcore", "httpx2", "httpx", "h11", "urllib3")


class MaskedLogs:
    """Masks what is logged, by whomever, from ``start`` to ``stop``."""

    def __init__(self) -> None:
        self._made: Any = None
        self._levels: dict[str, int] = {}

    def start(self) -> None:
        """Begin; can be called again."""
        if self._made is not None:
            return
        known = [name for name in logging.root.manager.loggerDict if name.startswith(tuple(f"{n}." for n in _LOUD))]
        for name in (*_LOUD, *known):
            logger = logging.getLogger(name)
            self._levels[name] = logger.level
            logger.setLevel(max(logger.level, logging.WARNING))
        self._made = logging.getLogRecordFactory()
        logging.setLogRecordFactory(self._record)

    def stop(self) -> None:
        """End; leaves the factory of whoever came after us."""
        if logging.getLogRecordFactory() == self._record:
            logging.setLogRecordFactory(self._made)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
        self._levels = {}

    def _record(self, *arguments: Any, **more: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._made(*arguments, **more)
        try:
            told = record.getMessage()
        except Exception:  # noqa: BLE001 - whose record can not be told, says so where it is written
            told, record.args = str(record.msg), ()
        record.msg, record.args = masked(told), ()
        if record.exc_info and record.exc_info[1] is not None:
            # Formatters take the text where there is one, and make their own only of the exception.
            record.exc_text = masked("".join(traceback.format_exception(record.exc_info[1])).rstrip("\n"))
            record.exc_info = None
        if record.stack_info:
            record.stack_info = masked(record.stack_info)
        return record
