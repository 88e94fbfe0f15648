"""What the trends look like: places and lines of inline SVG, with the same in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.history.model import Latency, RunRecord
from conformance.page.looks import count, day, duration
from conformance.page.strips import Strip

_CELL, _ROW = 15, 22
_LABEL = 430
_WIDTH, _HEIGHT = 260, 30
_OPERATIONS = 60


@dataclass(frozen=True, slots=True)
class Block:
    """Nights in a row with the same letter: a box, and where its letters stand in it."""

    kind: str
    x: int
    width: int
    letters: str
    places: str
    title: str


@dataclass(frozen=True, slots=True)
class StripRow:
    """One change over the nights."""

    label: str
    y: int
    blocks: Sequence[Block]
    told: str


@dataclass(frozen=True, slots=True)
class StripPlot:
    """All changes over the nights, and the dates below them."""

    width: int
    height: int
    label_width: int
    rows: Sequence[StripRow]
    ticks: Sequence[tuple[int, str]]
    versions: Sequence[tuple[int, str]]
    """Above the first night of each: what the site was held to."""
    moves: str
    """The same in words: when the site came to be held to each version."""


def strip_plot(strips: Iterable[tuple[str, Strip]], nights: Sequence[RunRecord]) -> StripPlot:
    """Return a row for each label and strip."""
    rows = [
        StripRow(label, _ROW + number * _ROW, list(_blocks(strip)), strip.told)
        for number, (label, strip) in enumerate(strips)
    ]
    moved = [
        (at, night) for at, night in enumerate(nights) if not at or night.api_version != nights[at - 1].api_version
    ]
    every = max(1, -(-len(nights) // 5))
    ticks = [(_LABEL + at * _CELL, day(nights[at].started)) for at in range(0, len(nights), every)]
    return StripPlot(
        width=_LABEL + max(len(nights), 8) * _CELL + 60,
        height=_ROW + len(rows) * _ROW + 22,
        label_width=_LABEL,
        rows=rows,
        ticks=ticks,
        versions=[(_LABEL + at * _CELL, str(night.api_version)) for at, night in moved],
        moves=", ".join(f"{night.api_version} from {day(night.started)}" for _, night in moved),
    )


def _blocks(strip: Strip) -> Iterable[Block]:
    at = 0
    for piece in strip.pieces:
        length = len(piece.letters)
        middles = " ".join(str(_LABEL + (at + n) * _CELL + _CELL // 2) for n in range(length))
        yield Block(piece.look.kind, _LABEL + at * _CELL, length * _CELL - 1, piece.letters, middles, piece.title)
        at += length


@dataclass(frozen=True, slots=True)
class LatencyPlot:
    """How long the calls of an operation took, over the nights; each operation on a scale of its own."""

    operation: str
    p50: str
    """The line of the median, as an SVG path."""
    p95: str
    calls: int
    """Those of the last night in which there were some; likewise the two times."""
    last_p50: str
    last_p95: str
    top: str
    """What the upper edge stands for."""
    told: str


def latency_plots(latencies: Iterable[Latency], nights: Sequence[RunRecord]) -> list[LatencyPlot]:
    """Return a plot for each operation, the slowest of its last night first; at most sixty."""
    order = {night.id: place for place, night in enumerate(nights)}
    by_operation: dict[str, dict[int, Latency]] = {}
    for latency in latencies:
        if latency.run in order:
            by_operation.setdefault(latency.operation, {})[order[latency.run]] = latency
    slowest = sorted(by_operation, key=lambda name: (-by_operation[name][max(by_operation[name])].p95, name))
    return [_latency_plot(name, by_operation[name], nights) for name in slowest[:_OPERATIONS]]


def _latency_plot(operation: str, nights: Mapping[int, Latency], all_: Sequence[RunRecord]) -> LatencyPlot:
    last = nights[max(nights)]
    top = max(latency.p95 for latency in nights.values()) or 1.0
    low = min(latency.p95 for latency in nights.values())
    step = _WIDTH / max(1, len(all_) - 1)
    return LatencyPlot(
        operation=operation,
        p50=_path({place: latency.p50 / top for place, latency in nights.items()}, step),
        p95=_path({place: latency.p95 / top for place, latency in nights.items()}, step),
        calls=last.calls,
        last_p50=duration(last.p50),
        last_p95=duration(last.p95),
        top=duration(top),
        told=f"p95 from {duration(low)} to {duration(top)} in {count(len(nights), 'run')}",
    )


def _path(shares: Mapping[int, float], step: float) -> str:
    """Return a line through the nights, with a gap where there is none; one night alone is a short stroke."""
    parts = []
    for place in sorted(shares):
        x, y = place * step, (1 - min(shares[place], 1.0)) * (_HEIGHT - 4) + 2
        start = "L" if place - 1 in shares else "M"
        parts.append(f"{start}{x:.1f} {y:.1f}")
        if start == "M" and place + 1 not in shares:
            parts.append("h1.5")
    return "".join(parts)
