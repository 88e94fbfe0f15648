"""summary.md: what the run came to in at most 20 lines, for a chat or a pull request."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from conformance.cases.waivers import WaiverState
from conformance.report.stream import Catalogue, Footer, Header, Tally, headline, left_on_site
from conformance.run.verdicts import CaseResult, Verdict
from conformance.wire.pretty import printable

MAX_LINES = 20

_CAUSES = 8
_REMARKS = 4
_TEXT = 240
_GLYPHS = {Verdict.SUITE_ERROR: "💥", Verdict.FAIL: "❌", Verdict.INCONCLUSIVE: "❓", Verdict.BLOCKED: "⛔"}
_MARKUP = re.compile(r"[\\`*_\[\](){}|~!$=^]")
# What programs make links, mentions and references of, wherever it stands.
_LINKED = re.compile(r"@|#|:(?=//)|(?<=www)(?=\.)|(?<=mailto):|(?<=xmpp):|(?<=gh)-(?=\d)", re.IGNORECASE)
_NOTHING = "\u200b"
"""A space without width: what it stands in is no word any more, and reads the same."""


def inert(text: str, most: int = _TEXT) -> str:
    """Return a text as it may stand in Markdown: in one line, not too long, and only ever shown, never acted on."""
    line = printable(" ".join(text.split()))
    cut = line if len(line) <= most else f"{line[:most]}…"
    escaped = _MARKUP.sub(r"\\\g<0>", _LINKED.sub(rf"\g<0>{_NOTHING}", cut))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Summary:
    """A writer for ``summary.md``. Until the run has ended, the file says that it has not."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tally = Tally()
        self._header: Header | None = None
        self._catalogue = Catalogue()
        self._reasons: Counter[tuple[Verdict, str]] = Counter()
        self._first: dict[tuple[Verdict, str], str] = {}
        self._leftovers: list[str] = []

    def started(self, header: Header, catalogue: Catalogue) -> None:
        """Take what the run is."""
        self._header, self._catalogue = header, catalogue
        self._tally.planned = header.planned
        self._write([f"## COULD NOT TELL: run {inert(header.run)} did not end, or has not yet"])

    def case(self, result: CaseResult) -> None:
        """Count a result."""
        self._tally.add(result)
        self._leftovers += result.leftovers
        if result.verdict in _GLYPHS and result.verdict is not Verdict.FAIL:
            # Names and times that differ only in numbers are one reason.
            key = result.verdict, re.sub(r"\d+", "0", result.reason)[:_TEXT]
            self._first.setdefault(key, result.reason[:_TEXT])
            self._reasons[key] += 1

    def finished(self, footer: Footer) -> None:
        """Write the file."""
        if self._header is None:
            return
        self._tally.waivers = footer.waivers
        causes = list(self._causes())
        more = [f"- and {len(causes) - _CAUSES} more"] if len(causes) > _CAUSES else []
        self._write([
            f"## {headline(self._tally)}",
            "",
            self._site(self._header),
            "",
            self._counts(self._header, footer),
            "",
            *causes[:_CAUSES],
            *more,
            *([""] if causes else []),
            *self._remarks(self._header, footer),
        ])  # fmt: skip

    def _write(self, lines: list[str]) -> None:
        self._path.write_text("\n".join(lines).rstrip("\n") + "\n", encoding="utf-8")

    def _site(self, header: Header) -> str:
        really = f", really {header.mock_version}" if header.mock_version not in ("", header.api_version) else ""
        says = f", says it is {header.told_version}" if header.told_version not in ("", header.api_version) else ""
        return inert(f"Site {header.site}, held to {header.api_version}{really}{says}; run {header.run}")

    def _counts(self, header: Header, footer: Footer) -> str:
        total = self._tally.total
        counts = ", ".join(f"{total[verdict]} {verdict}" for verdict in reversed(Verdict) if total[verdict])
        ran = f"{total.total()} of {header.planned} cases ran" if total.total() < header.planned else "all cases ran"
        return inert(f"{counts or 'nothing'}; {ran}, {footer.seconds:.1f} s")

    def _causes(self) -> Iterator[str]:
        """Yield a line a cause, heaviest first: a change that does not hold, a reason for what could not be told."""
        for (verdict, reason), count in self._ordered(Verdict.SUITE_ERROR):
            yield self._reason(verdict, reason, count)
        for id_, counts in self._tally.by_change.items():
            if counts[Verdict.FAIL]:
                yield self._broken(id_, counts)
        yield from (f"- {_GLYPHS[Verdict.FAIL]} {inert(str(note))}" for note in self._tally.waivers_to_change)
        for verdict in (Verdict.INCONCLUSIVE, Verdict.BLOCKED):
            for (_, reason), count in self._ordered(verdict):
                yield self._reason(verdict, reason, count)
        for note in self._tally.waivers:
            if note.state == WaiverState.APPLIED:
                who = f"waived by {note.owner} until {note.until}, {len(note.cases)} cases"
                yield f"- 🎫 {inert(note.id)}: {inert(who)}: {inert(note.reason)}"

    def _ordered(self, wanted: Verdict) -> list[tuple[tuple[Verdict, str], int]]:
        return [((wanted, self._first[key]), count) for key, count in self._reasons.most_common() if key[0] is wanted]

    def _reason(self, verdict: Verdict, reason: str, count: int) -> str:
        cases = f"{count} case{'s' * (count > 1)}"
        told = inert(reason or "no reason is given")
        return f"- {_GLYPHS[verdict]} {verdict.replace('_', ' ')}, {cases}: {told}"

    def _broken(self, id_: str, counts: Counter[Verdict]) -> str:
        told = f"{counts[Verdict.FAIL]} of {counts.total()} cases"
        change = self._catalogue.changes.get(id_)
        if change is None:
            return f"- {_GLYPHS[Verdict.FAIL]} **{inert(id_)}** ({told})"
        file = change.file
        name = f"**{inert(', '.join(file.released_in))} {inert(file.change)}** ({told})"
        early = ""
        if self._header is not None and id_ in self._tally.not_yet:
            early = "The site may have it already. "
        return f"- {_GLYPHS[Verdict.FAIL]} {name}: {early}{inert(file.impact)} → {inert(file.advice)}"

    def _remarks(self, header: Header, footer: Footer) -> Iterator[str]:
        """Yield what else must be known: at most ``_REMARKS`` lines, the last of them a count of the rest."""
        # What is left on the site somebody has to remove, so it is never among the rest.
        still_there = left_on_site(footer, self._leftovers)
        left = [f"⚠️ LEFT ON THE SITE: {inert(', '.join(still_there))}"] if still_there else []
        told = [*left, *(f"⚠️ {inert(text)}" for text in (*header.warnings, *footer.remarks))]
        if len(told) > _REMARKS:
            told[_REMARKS - 1 :] = [f"⚠️ and {len(told) - _REMARKS + 1} more remarks"]
        yield from (f"- {line}" for line in told)
