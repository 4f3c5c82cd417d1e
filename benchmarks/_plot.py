"""Draws docs/performance.svg from the results: bars of ratios, without any library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from benchmarks._report import Report

_WIDTH, _LABEL, _BAR, _ROW, _TOP = 760, 260, 400, 24, 34
_OURS, _OTHERS, _FLOOR, _INK = "#0b7285", "#adb5bd", "#74c0fc", "#343a40"

Bar = tuple[str, float]


def draw(reports: Iterable[Report]) -> str:
    """The picture: a page through each SDK, and importing each, as ratios to the bare libraries."""
    found = {report.name: report for report in reports}
    panels = [
        (
            "A page of 100 rows, every field read: time, to the bare HTTP library with json.loads = 1",
            _bars((found["list_page"], found["peer_pages"]), skip=("native fields too", "async")),
        ),
        (
            "Importing: time net of a bare interpreter, to httpx and pydantic together = 1",
            _bars((found["imports"],), skip=("import invite_sdk", "async", "one pydantic model")),
        ),
    ]
    parts: list[str] = []
    top = 0
    for title, bars in panels:
        parts.extend(_panel(title, bars, top))
        top += _TOP + _ROW * len(bars) + 28
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" '
        f'font-family="system-ui, sans-serif" font-size="13" fill="{_INK}">\n'
        f'<rect width="{_WIDTH}" height="{top}" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _bars(reports: Sequence[Report], skip: Sequence[str]) -> list[Bar]:
    bars = [
        (side.side, side.ratio)
        for report in reports
        for side in report.sides
        if side.ratio is not None and not any(word in side.side for word in skip)
    ]
    return sorted(bars, key=lambda bar: bar[1])


def _panel(title: str, bars: Sequence[Bar], top: int) -> Iterable[str]:
    largest = max(value for _, value in bars)
    scale = _BAR / largest
    bottom = top + _TOP + _ROW * len(bars)
    yield f'<text x="16" y="{top + 22}" font-weight="600">{escape(title)}</text>'
    for index, (name, value) in enumerate(bars):
        y = top + _TOP + index * _ROW
        color = _OURS if name.startswith("invite-sdk") else _FLOOR if "pydantic" in name else _OTHERS
        label = escape(name.removesuffix(", Waldur client made"))
        yield f'<text x="{_LABEL - 10}" y="{y + 16}" text-anchor="end">{label}</text>'
        yield f'<rect x="{_LABEL}" y="{y + 3}" width="{value * scale:.1f}" height="{_ROW - 7}" rx="2" fill="{color}"/>'
        yield f'<text x="{_LABEL + value * scale + 6:.1f}" y="{y + 16}">{value:.2f}</text>'
    one = _LABEL + scale
    yield f'<path d="M{one:.1f} {top + _TOP}V{bottom}" stroke="{_INK}" stroke-dasharray="3 3"/>'
