from __future__ import annotations

import re
from xml.etree import ElementTree

from tests.docs import ROOT
from tests.docs.picture import PICTURE, SESSION, recorded


def test_the_picture_is_what_a_terminal_shows_today() -> None:
    """Where it is not, `scripts/picture` draws it anew."""
    assert PICTURE.read_text(encoding="utf-8") == recorded()


def test_the_picture_shows_every_line_of_the_session_and_asks_no_other_host() -> None:
    drawn = PICTURE.read_text(encoding="utf-8")
    shown = "".join(ElementTree.fromstring(drawn).itertext()).replace("\N{NO-BREAK SPACE}", " ")
    assert [line for line in SESSION.strip().splitlines() if line not in shown] == []
    assert re.findall(r"\w+://\S+", drawn) == ['http://www.w3.org/2000/svg">']


def test_the_readme_shows_the_picture() -> None:
    assert "](docs/terminal.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
