"""What a person sees while cases run: with a terminal a moving line, without one plain lines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import IO, Any

from conformance.report.stream import Catalogue, Footer, Header, Tally
from conformance.report.text import (
    Unobserved,
    closing,
    explain_case,
    how_to_repeat,
    result_line,
    summarise,
    waiver_lines,
)
from conformance.run.verdicts import CaseResult, Verdict

_COLOURS = {
    Verdict.PASS: "green",
    Verdict.DEVIATION: "cyan",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.WAIVED: "cyan",
    Verdict.BLOCKED: "yellow",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.FAIL: "red",
    Verdict.SUITE_ERROR: "magenta",
}


_EXPLAINED = 20
"""Cases with their requests and responses; of more failures there is a line each, and the rest in the report."""


class Progress:
    """A writer for the terminal."""

    def __init__(self, out: IO[str], report: Path | None) -> None:
        self._out = out
        self._report = report
        self._tally = Tally()
        self._bar: Any = None
        self._header: Header | None = None
        self._catalogue = Catalogue()
        self._unobserved = Unobserved()
        self._leftovers: list[str] = []
        self._failed = 0

    def started(self, header: Header, catalogue: Catalogue) -> None:
        """Say what is tested, held to what."""
        self._header, self._catalogue = header, catalogue
        self._tally.planned = header.planned
        mock = f" (really {header.mock_version})" if header.mock_version not in ("", header.api_version) else ""
        offset = f", clock {header.clock_offset_seconds:+.0f} s" if header.clock_offset_seconds else ""
        self._print(f"{header.planned} cases, site {header.site}{mock} held to {header.api_version}{offset}")
        if self._out.isatty():
            self._start_bar(header.planned)

    def case(self, result: CaseResult) -> None:
        """Show one result; what is not as documented is explained as it happens."""
        self._tally.add(result)
        self._leftovers += [f"{result.id}: {text}" for text in result.leftovers]
        told_before = self._unobserved.add(result)
        if self._bar is not None:
            self._move_bar()
        if result.verdict in (Verdict.FAIL, Verdict.SUITE_ERROR) and self._header is not None:
            self._failed += 1
            explained = self._report is None or self._failed <= _EXPLAINED
            self._print(explain_case(result) if explained else result_line(result), result.verdict)
            self._print(how_to_repeat(result, self._header))
        elif self._bar is None and not told_before:
            self._print(result_line(result))

    def finished(self, footer: Footer) -> None:
        """Say what the run came to and where the reports are."""
        if self._bar is None:
            for line in self._unobserved.folded():
                self._print(line)
        self.close()
        self._tally.waivers = footer.waivers
        self._print("")
        for line in summarise(self._tally, self._catalogue, self._unobserved):
            self._print(line)
        self._print("")
        self._print(f"{_counts(self._tally.total)} in {footer.seconds:.1f} s")
        for line in waiver_lines(footer.waivers):
            self._print(line)
        for line in closing(self._header, footer, self._leftovers):
            self._print(line)
        if self._report is not None:
            more = self._failed - _EXPLAINED
            only = f", which explains the {more} cases that are only named here" if more > 0 else ""
            self._print(f"report: {self._report / 'report.html'}{only}")

    def close(self) -> None:
        """Take the moving line away, if there is one."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _start_bar(self, planned: int) -> None:
        # rich takes longer to import than the cases of a small run take.
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        console = Console(file=self._out, highlight=False)
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._bar = Bar(*columns, console=console, transient=True)
        self._bar.add_task("", total=planned)
        self._bar.start()

    def _move_bar(self) -> None:
        told = "  ".join(f"[{_COLOURS[v]}]{count} {v}[/]" for v, count in sorted(self._tally.total.items()))
        self._bar.update(self._bar.task_ids[0], advance=1, description=told)

    def _print(self, text: str, verdict: Verdict | None = None) -> None:
        if self._bar is not None:
            from rich.text import Text

            self._bar.console.print(Text(text, style=_COLOURS[verdict] if verdict else ""))
        else:
            print(text, file=self._out, flush=True)


def _counts(total: Counter[Verdict]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in total.most_common()) or "no case ran"
