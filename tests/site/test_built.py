"""The site as it is built."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

from tests.site.conftest import ROOT


class Found(HTMLParser):
    """What a page loads, where its links lead, and what can be linked to."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a":
            self.links.append(values.get("href", ""))
        else:
            self.loaded += [values[name] for name in ("src", "srcset", "href", "data", "poster") if name in values]


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Found]:
    return {page: Found(page) for page in sorted(site.rglob("*.html")) if "_static" not in page.parts}


DOCS = ROOT / "docs"
SOURCES = [page.relative_to(DOCS).with_suffix("") for kind in ("md", "rst") for page in DOCS.rglob(f"*.{kind}")]


def test_every_source_is_a_page(site: Path) -> None:
    assert [page for page in SOURCES if not (site / page).with_suffix(".html").exists()] == []


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Found]) -> None:
    loaded = [each for found in pages.values() for each in found.loaded]
    assert [each for each in loaded if re.match(r"(\w+:)?//", each)] == []
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert re.findall(r"url\(\s*[\"']?(?:\w+:)?//[^)]*|@import[^;]*//[^;]*", text) == [], style


def test_every_link_within_the_site_leads_somewhere(pages: dict[Path, Found]) -> None:
    dead = []
    for page, found in pages.items():
        for link in found.links:
            path, anchor = urldefrag(link)
            if "://" in path:
                continue
            target = (page.parent / unquote(path)).resolve() if path else page
            if not target.exists() or (anchor and target.suffix == ".html" and anchor not in pages[target].ids | {""}):
                dead.append((page.name, link))
    assert dead == []


def test_every_link_of_a_page_as_markdown_leads_somewhere(site: Path) -> None:
    pages = [page for page in site.rglob("*.md") if "examples" not in page.parts]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))]
    local = [(page, link) for page, link in links if "://" not in link]

    assert (site / "notebooks.md", "examples/notebooks/first_look.ipynb") in local
    assert [(page.name, link) for page, link in local if not (page.parent / link).resolve().is_file()] == []
    assert [link for page, link in local if not (page.parent / link).resolve().is_relative_to(site)] == []


def test_an_address_in_an_example_is_none_to_write_to(pages: dict[Path, Found]) -> None:
    assert [link for found in pages.values() for link in found.links if link.startswith("mailto:")] == []


def test_each_error_has_an_anchor(site: Path, pages: dict[Path, Found]) -> None:
    import invite_sdk

    errors = {name.lower() for name in invite_sdk.__all__ if name.endswith("Error") and name != "InviteError"}
    assert errors <= pages[site / "errors.html"].ids


def test_one_can_search_and_have_it_dark(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    assert "theme-switch-button" in home
    assert "search-button" in home
    assert "roster" in (site / "searchindex.js").read_text(encoding="utf-8")


LINE = re.compile(r"- \[(?P<title>.+)\]\((?P<page>[\w./-]+\.md)\): (?P<summary>.+\.)")


def test_llms_txt_names_every_page_with_a_sentence(site: Path) -> None:
    title, empty, summary, _, whole, *rest = (site / "llms.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in rest if line and not line.startswith("## ")]
    found = [LINE.fullmatch(line) for line in lines]

    assert (title, empty, summary[:2]) == ("# invite-sdk", "", "> ")
    assert "](llms-full.txt)" in whole
    assert [line for line, match in zip(lines, found, strict=True) if match is None] == []
    named = [match["page"] for match in found if match]
    assert len(named) == len(set(named))
    assert set(named) == {f"{page}.md" for page in SOURCES} - {"index.md"}
    assert [name for name in named if not (site / name).exists()] == []


def test_llms_full_txt_is_all_pages_in_the_order_of_the_contents(site: Path) -> None:
    whole = (site / "llms-full.txt").read_text(encoding="utf-8")
    named = re.findall(r"\]\(([\w./-]+\.md)\): ", (site / "llms.txt").read_text(encoding="utf-8"))

    assert re.findall(r"^<!-- ([\w./-]+\.md) -->$", whole, re.MULTILINE) == ["index.md", *named]
    for name in named:
        assert (site / name).read_text(encoding="utf-8").strip() in whole
    # Also what stands in docstrings, and in files outside of docs/.
    assert "Nobody is invited or mailed twice by a repetition" in whole
    assert "Safe to share between" in whole
    assert "## [Unreleased]" in whole
