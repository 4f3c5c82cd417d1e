"""Writes llms.txt and llms-full.txt for language models: see https://llmstxt.org.

The first says what there is, with a link to each page; the second is all pages, in the order of the contents. Both are
of the sources of the site. The pages that the first links to lie beside it, as Markdown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Page:
    """A page as text."""

    name: str
    title: str
    text: str
    opening: str
    """Its first paragraph."""

    @property
    def summary(self) -> str:
        """Its first sentence."""
        return self.opening.replace("\n", " ").partition(". ")[0].rstrip(".:") + "."


def write(folder: Path, home: Page, sections: Mapping[str, Sequence[Page]]) -> None:
    """Writes both files and the pages into the folder of the built site.

    Args:
        folder: where the site is.
        home: the home page, whose first sentence says what the project is.
        sections: the other pages below the captions of the table of contents.
    """
    lines = [f"# {home.title}", "", f"> {home.summary}", "", "All of these pages are in [one file](llms-full.txt)."]
    for caption, pages in sections.items():
        lines += ["", f"## {caption}", ""]
        lines += [f"- [{page.title}]({page.name}.md): {page.summary}" for page in pages]
    every = [home, *(page for pages in sections.values() for page in pages)]
    for page in every:
        path = folder / f"{page.name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.text, encoding="utf-8")
    (folder / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    whole = "\n".join(f"<!-- {page.name}.md -->\n\n{page.text.strip()}\n" for page in every)
    (folder / "llms-full.txt").write_text(whole, encoding="utf-8")
