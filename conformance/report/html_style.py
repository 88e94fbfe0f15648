"""How the HTML report looks: markup that is safe by its making, what is said of each verdict, and the CSS.

Colour only decorates: each verdict has a glyph, a letter and a word of its own. All fonts are the system's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from markupsafe import Markup

from conformance.run.verdicts import ExitCode, Verdict
from conformance.wire.pretty import pretty, printable

_CELL = 2_000
_MESSAGE = 20_000


class Html(Markup):
    """Markup. What is put into it is escaped, and of control characters only their codes are left."""

    __slots__ = ()

    @classmethod
    def escape(cls, s: Any, /) -> Self:
        """Return ``s`` as it may enter a page."""
        return super().escape(s if hasattr(s, "__html__") else printable(str(s)))


EMPTY = Html("")


def join(parts: Iterable[str]) -> Html:
    """Return the parts one after the other."""
    return EMPTY.join(parts)


def cut(text: str, most: int = _CELL) -> str:
    """Return as much of a text as is shown of one."""
    return text if len(text) <= most else f"{text[:most]} … {len(text) - most} more characters"


def message(name: str, text: str, is_open: bool) -> Html:
    """Return a message laid out, to be unfolded.

    In such text, ``>`` and quotes may stay as they are; pytest-html escapes all of its page once more, which
    makes nine characters of an escaped quote.
    """
    if not text:
        return EMPTY
    shown = Html.escape(cut(pretty(text.encode("utf-8", "backslashreplace")), _MESSAGE))
    inert = Html(str(shown).replace("&gt;", ">").replace("&#34;", '"'))
    state = Html(" open") if is_open else ""
    return Html("<details{}><summary>{}</summary><pre>{}</pre></details>").format(state, name, inert)


def pairs(facts: Mapping[str, str]) -> Html:
    """Return a list of names and what there is to tell of each; where that is nothing, the name is left out."""
    told = (Html("<dt>{}<dd>{}").format(name, text) for name, text in facts.items() if text)
    return Html("<dl>{}</dl>").format(join(told))


def word(verdict: Verdict) -> str:
    """Return the name of a verdict as people write it."""
    return verdict.value.replace("_", " ")


def duration(seconds: float) -> str:
    """Return a time that was taken."""
    return f"{round(seconds * 1000)} ms" if seconds < 1 else f"{seconds:.1f} s"


def moment(iso: str) -> str:
    """Return a time as people write it."""
    return iso.replace("T", " ").replace("+00:00", " UTC")


@dataclass(frozen=True, slots=True)
class Look:
    """A verdict for people."""

    glyph: str
    letter: str
    of_change: str
    """What a change comes to whose heaviest verdict it is."""
    means: str
    look_first: str


LOOKS: Mapping[Verdict, Look] = {
    Verdict.PASS: Look("✓", "P", "holds", "The documented behaviour held.", "Nothing to do."),
    Verdict.FAIL: Look(
        "✗",
        "F",
        "does not hold",
        "The documented behaviour did not hold.",
        "Open the case and compare what was expected with what was observed; then read the response.",
    ),
    Verdict.WAIVED: Look(
        "◊",
        "W",
        "does not hold, waived",
        "The documented behaviour did not hold, and somebody answers for that until a date.",
        "Read who answers for it and until when; from the day after it is a failure again.",
    ),
    Verdict.DEVIATION: Look(
        "≈",
        "D",
        "holds, with deviations",
        "Something that the notes only recommend, or that we only assume, did not hold; it blocks nothing.",
        "Read the assumption: if the site is right, the case file should say so.",
    ),
    Verdict.INCONCLUSIVE: Look(
        "?",
        "?",
        "could not tell",
        "The site could not be observed: network, server error, rate limit, deadline or no mailbox.",
        "Look at the HTTP status and the exchange, then run the case again; this is never a pass.",
    ),
    Verdict.BLOCKED: Look(
        "■",
        "B",
        "could not tell",
        "A step before it failed, so the case was not looked at.",
        "Look at the first step that is not a pass; often one cause blocks many cases.",
    ),
    Verdict.NOT_APPLICABLE: Look(
        "–",
        "N",
        "not applicable",
        "The site is declared not to be what the case needs.",
        "Check the site's profile, if you think that the site is.",
    ),
    Verdict.SUITE_ERROR: Look(
        "!",
        "E",
        "suite error",
        "The suite itself is wrong; the run proves nothing.",
        "Do not judge the site by this run. Report the case, with what its first step shows.",
    ),
}


def legend() -> Html:
    """Return what the verdicts mean."""
    row = Html("<tr><th scope=row class='cf-v cf-{}'>{} {}<td>{}<td>{}")
    signs = {v: " ".join(dict.fromkeys((look.glyph, look.letter))) for v, look in LOOKS.items()}
    rows = (row.format(v, signs[v], word(v), look.means, look.look_first) for v, look in LOOKS.items())
    return Html(
        "<h2>What the verdicts mean</h2><table><thead><tr><th scope=col>Verdict<th scope=col>It means"
        "<th scope=col>What to check first</thead><tbody>{}</tbody></table>"
    ).format(join(rows))


def columns(mixed: bool) -> list[str]:
    """Return the heads of the list of cases; rows of other people's tests keep the order of pytest-html."""
    names = ("Verdict", "Change", "Case", "Duration")
    if mixed:
        names = ("Verdict", "Change / Test", "Case / Duration", "Duration / Links")
    return [
        f'<th scope="col" class="sortable col-{key}" data-column-type="{key}">{name}</th>'
        for key, name in zip(("result", "testId", "case", "duration"), names, strict=True)
    ]


BANDS: Mapping[ExitCode, tuple[str, str]] = {
    ExitCode.AS_DOCUMENTED: ("good", "✓"),
    ExitCode.FINDINGS: ("bad", "✗"),
    ExitCode.COULD_NOT_TELL: ("open", "?"),
    ExitCode.SUITE_ERROR: ("void", "!"),
    ExitCode.USAGE: ("open", "?"),
}
"""The class and the glyph of the headline."""

_COLOURS = """
:root { color-scheme: light dark; --bg: #fff; --fg: #1f2328; --dim: #59636e; --line: #d5dae0; --soft: #f5f7f9;
  --link: #0a5bb5; --good: #136f30; --good-bg: #eaf6ed; --bad: #b3211a; --bad-bg: #fdefee; --open: #7d5200;
  --open-bg: #fdf5e1; --void: #7131a8; --void-bg: #f6effc }
@media screen and (prefers-color-scheme: dark) {
  :root { --bg: #14181d; --fg: #dfe4ea; --dim: #98a3af; --line: #343c46; --soft: #1c2229; --link: #7db7f5;
    --good: #63c981; --good-bg: #14291b; --bad: #ff8f86; --bad-bg: #34191a; --open: #e3b341; --open-bg: #2e2510;
    --void: #c99bf2; --void-bg: #291b38 } }
"""

# The page of pytest-html: our fonts and colours, what says nothing here out of the way. Its environment table
# is shown when its header is clicked, below all else.
_PAGE = """
body { display: flex; flex-direction: column; box-sizing: border-box; max-width: 1320px; margin: 0 auto;
  padding: 20px 28px 48px; background: var(--bg); color: var(--fg);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif }
p, h1, h2, h3, #results-table { color: inherit }
a { color: var(--link) }
h1 { font-size: 20px; line-height: 1.3; margin: 0 }
h1 + p { margin: 2px 0 12px; font-size: 12px }
h1 + p, h1 + p a, .run-count, .filter { color: var(--dim) }
.summary__data > h2, .summary__reload, .summary__spacer { display: none }
.run-count, .filter { margin: 0 }
.controls { margin: 6px 0 10px; flex-wrap: wrap; gap: 4px 20px; color: var(--dim) }
.filters { flex-wrap: wrap }
.filters span { margin-right: 10px; color: var(--fg) }
.filters input:disabled, .filters input:disabled + span { display: none }
.collapse button { color: var(--link); font: inherit }
#environment-header { order: 3; margin-top: 28px }
#environment-header h2 { font-size: 14px; color: var(--dim); cursor: pointer; margin: 0 }
#environment-header h2::before { content: "▸ " }
#environment-header.collapsed h2::before { content: "▾ " }
#environment-header h2:hover::after { content: "" }
#environment { order: 4; display: none; width: fit-content; margin-top: 8px; font-size: 12px }
#environment.hidden { display: table }
#environment td, #environment tr:nth-child(odd) { border-color: var(--line); background: none }
#results-table { border: 0; font-size: 13px; table-layout: auto }
#results-table th, #results-table td { border: 0; border-bottom: 1px solid var(--line); padding: 6px 10px }
#results-table th { background: var(--soft); color: var(--dim); font-weight: 600; white-space: nowrap }
#results-table td { vertical-align: top; overflow-wrap: anywhere }
#results-table td.extra { padding: 0 }
#results-table .col-duration { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.sortable.asc::after, .sortable.desc::after { border: 0; bottom: 0; color: var(--dim) }
.sortable.asc::after { content: "▴" }
.sortable.desc::after { content: "▾" }
#results-table .collapsible:hover td { background: var(--soft) }
.col-result + .cf-v { white-space: nowrap; width: 1% }
.col-result + .cf-v::before { content: "▾ "; color: var(--dim) }
.col-result.collapsed + .cf-v::before { content: "▸ " }
#results-table tbody:target .extras-row { display: table-row }
#results-table tbody:target .collapsible td { background: var(--soft) }
.logwrapper { background: var(--soft) }
.logwrapper .log { color: var(--fg); border-color: var(--line) }
.logwrapper .logexpander { background: var(--bg); color: var(--dim) }
.logwrapper:has(.cf-case) { max-height: none; overflow: visible; background: none }
.logwrapper:has(.cf-case) .logexpander { display: none }
.logwrapper .log:has(.cf-case) { position: static; height: auto; padding: 0; border: 0; font: inherit;
  white-space: normal }
"""

_SUMMARY = """
.cf h2 { font-size: 16px; margin: 26px 0 8px }
.cf h3 { font-size: 14px; margin: 0 0 6px }
.cf p { margin: 4px 0 }
.cf-dim { color: var(--dim); font-size: 12px }
.cf code, .cf-case code { font: 12px/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace;
  overflow-wrap: anywhere }
.cf-band { display: flex; gap: 16px; align-items: center; padding: 14px 18px; border-radius: 8px;
  border: 1px solid; border-left-width: 8px }
.cf-band strong { display: block; font-size: 19px; line-height: 1.3 }
.cf-band p, .cf-band p code { color: var(--fg); margin: 3px 0 0 }
.cf-band > span { font-size: 30px; line-height: 1; font-weight: 700; min-width: 28px; text-align: center }
.cf-good { color: var(--good); background: var(--good-bg) }
.cf-bad { color: var(--bad); background: var(--bad-bg) }
.cf-open { color: var(--open); background: var(--open-bg) }
.cf-void { color: var(--void); background: var(--void-bg) }
.cf-know { margin: 8px 0 0; padding: 8px 18px; border: 1px solid var(--line); border-left: 6px solid var(--is);
  border-radius: 8px; overflow-wrap: anywhere }
.cf-know strong { color: var(--is) }
.cf-index, .cf ul, .cf-case ul { margin: 0; padding: 0; list-style: none }
.cf .cf-index { margin: 8px 0 0 }
.cf-index a, .cf h3 a { display: grid; grid-template-columns: 136px 1fr max-content; gap: 12px; color: var(--fg);
  text-decoration: none }
.cf-index a { padding: 4px 18px 4px 22px; border-bottom: 1px solid var(--line) }
.cf-index a:hover { background: var(--soft) }
.cf-index a b, .cf h3 b { color: var(--is) }
.cf-change { border: 1px solid var(--line); border-left: 4px solid var(--is); border-radius: 6px;
  padding: 10px 14px; margin: 10px 0; break-inside: avoid }
.cf dl, .cf-case dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 16px; margin: 0 }
.cf dt, .cf-case dt { color: var(--dim) }
.cf dd, .cf-case dd { margin: 0; overflow-wrap: anywhere; min-width: 0 }
.cf-assumed { color: var(--open) }
.cf-assumed::before { content: "≈ " }
.cf .cf-id { column-count: 2; column-gap: 32px; display: block }
.cf .cf-id div { display: grid; grid-template-columns: 170px 1fr; gap: 16px; break-inside: avoid; padding: 2px 0 }
.cf table, .cf-case table { border-collapse: collapse; width: 100%; font-size: 13px }
.cf th, .cf td, .cf-case th, .cf-case td { padding: 5px 8px; border: 0; border-bottom: 1px solid var(--line);
  text-align: left; vertical-align: top; font-weight: normal; overflow-wrap: break-word }
.cf-case td { overflow-wrap: anywhere }
.cf thead th, .cf-case thead th { color: var(--dim); background: var(--soft); font-weight: 600; font-size: 12px;
  overflow-wrap: normal }
.cf small { color: var(--dim); font-size: 12px }
.cf tbody th small { display: block }
.cf .cf-change dl { grid-template-columns: 136px 1fr; gap: 3px 12px }
.cf-change li > small { overflow-wrap: anywhere }
.cf .cf-n { text-align: right; font-variant-numeric: tabular-nums; padding: 5px 7px; white-space: nowrap;
  color: var(--dim) }
.cf-nb { white-space: nowrap }
.cf td.cf-n b { font-weight: 700; color: var(--fg) }
.cf .cf-word { white-space: nowrap; padding-left: 16px }
.cf tr { break-inside: avoid }
.cf-PASS { --is: var(--good); --is-bg: var(--good-bg) }
.cf-FAIL { --is: var(--bad); --is-bg: var(--bad-bg) }
.cf-WAIVED, .cf-DEVIATION, .cf-INCONCLUSIVE, .cf-BLOCKED { --is: var(--open); --is-bg: var(--open-bg) }
.cf-NOT_APPLICABLE { --is: var(--dim); --is-bg: var(--soft) }
.cf-SUITE_ERROR { --is: var(--void); --is-bg: var(--void-bg) }
.cf-v { color: var(--is); font-weight: 600; white-space: nowrap }
"""

_CASE = """
.cf-case { padding: 14px 18px 18px; border-left: 4px solid var(--is); background: var(--bg); cursor: auto }
.cf-case > p { margin: 0 0 8px; font-size: 15px; font-weight: 600 }
.cf-case .cf-why { margin-bottom: 8px; color: var(--is); background: var(--is-bg); font-weight: 600;
  font-size: 14px; padding: 6px 10px; border-radius: 4px; overflow-wrap: anywhere }
.cf-case dd code { display: inline-block; background: var(--soft); border: 1px solid var(--line);
  border-radius: 4px; padding: 1px 8px; user-select: all }
.cf-case small { color: var(--dim); font-size: 12px; font-weight: normal }
.cf-step { margin-top: 10px; border: 1px solid var(--line); border-radius: 6px; break-inside: auto }
.cf-step > summary { padding: 6px 12px; background: var(--soft); border-radius: 6px; cursor: pointer }
.cf-step > summary small { margin-left: 6px }
.cf-step > :not(summary) { margin: 8px 12px }
.cf-step th { width: 22% }
.cf-step th:first-child { width: 1% }
.cf-step table { width: calc(100% - 24px) }
.cf-step td:nth-child(2), .cf-step td:nth-child(3), .cf-step td:nth-child(4) {
  font: 12px/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace }
.cf-step td:first-child { color: var(--is); font-weight: 600; white-space: nowrap }
.cf-step tbody tr:not(.cf-PASS) td { background: var(--is-bg) }
.cf-step tbody tr:not(.cf-PASS) td:first-child { border-left: 3px solid var(--is) }
.cf-step tbody tr:not(.cf-PASS) td:nth-child(3), .cf-step tbody tr:not(.cf-PASS) td:nth-child(4) { font-weight: 700 }
.cf-step details > summary { cursor: pointer; color: var(--link); width: fit-content }
.cf-case pre { margin: 6px 0; padding: 8px 12px; max-height: 480px; overflow: auto; background: var(--soft);
  border: 1px solid var(--line); border-radius: 4px; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 2;
  font: 12px/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "Liberation Mono", monospace }
.cf-case .cf-v::before, .cf-step td:first-child::before { content: var(--glyph) }
"""
_GLYPHS = "".join(f'.cf-{verdict} {{ --glyph: "{look.glyph} " }}\n' for verdict, look in LOOKS.items())

# On paper: no controls; of the cases that failed what was looked at, and of those that were opened everything.
_PAPER = """
@media print {
  body { max-width: none; padding: 0; font-size: 11px; min-width: 0 }
  .run-count, .filter, .controls, #environment-header, #environment, .media { display: none !important }
  #results-table tbody.failed .extras-row, #results-table tbody.error .extras-row { display: table-row !important }
  .extras-row.hidden .cf-step details { display: none }
  .cf-case pre { max-height: none; overflow: visible }
  .cf-band, .cf-case .cf-why, .cf-step tbody td { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  .cf h2, .cf h3 { break-after: avoid }
  .cf-change { break-inside: auto }
  .cf table, .cf-case table, #results-table { font-size: 10px }
  .cf small, .cf code, .cf-case small, .cf-case code, .cf-case pre { font-size: 10px }
  .cf-nb { white-space: normal }
  .cf .cf-n { padding: 5px 4px }
  #results-table th { padding: 4px 8px }
}
"""

CSS = _COLOURS + _PAGE + _SUMMARY + _CASE + _GLYPHS + _PAPER
