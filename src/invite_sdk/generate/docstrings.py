"""Docstrings of generated code, wrapped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from openapi_python_client.strings import safe_for_docstring

LINE = 120


def docstring(paragraphs: Iterable[str], sections: dict[str, list[str]], indent: int) -> str:
    """A docstring with its quotes, wrapped for a place `indent` columns in."""
    width = LINE - indent
    lines: list[str] = []
    for paragraph in (one.strip() for one in paragraphs if one.strip()):
        lines += [*([""] if lines else []), *textwrap.wrap(_safe(paragraph), width - (0 if lines else 3))]
    for title, entries in sections.items():
        if entries:
            lines += [*([""] if lines else []), f"{title}:"]
            for entry in entries:
                lines += textwrap.wrap(_safe(entry), width, initial_indent="    ", subsequent_indent="        ")
    if len(lines) == 1 and len(lines[0]) + 6 <= width:
        return f'"""{lines[0]}"""'
    margin = " " * indent
    return "\n".join([f'"""{lines[0]}', *(margin + line if line else "" for line in lines[1:]), f'{margin}"""'])


def _safe(text: str) -> str:
    text = safe_for_docstring(" ".join(text.split()))
    return f"{text} " if text.endswith('"') else text


def lowered(text: str) -> str:
    """A sentence as it goes on after a colon."""
    text = text.strip()
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text
