"""The tutorial about the fakes, and the tests of the README and the quick start: what these define passes."""

from __future__ import annotations

import re

import pytest

from tests.docs import ROOT
from tests.docs.blocks import blocks

pytest_plugins = ["pytester"]

PAGE = ROOT / "docs" / "testing.md"
BLOCKS = blocks(PAGE, "python")
OTHERS = [
    next(block for block in blocks(ROOT / page, "python") if "\ndef test_" in block.text)
    for page in ("README.md", "docs/quickstart.md")
]


def test_every_block_is_a_test_file_that_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:cacheprovider\nfilterwarnings = error")
    for block in BLOCKS + OTHERS:
        assert "\ndef test_" in block.text
        (pytester.path / f"test_{block.page.stem}_{block.line}.py").write_text(block.text, encoding="utf-8")
    # As its readers have it: respx and our plugin.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    result = pytester.runpytest_subprocess("-p", "invite_sdk", "-p", "respx")

    result.assert_outcomes(passed=26)


def test_the_shown_message_is_the_one_that_comes(pytester: pytest.Pytester) -> None:
    shown = re.findall(r"^```\n(FakeWaldur got.*?)\n```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)[
        0
    ]
    pytester.makepyfile(
        """
        import httpx

        def test_it(invite_waldur):
            with httpx.Client(transport=invite_waldur.transport(), base_url=invite_waldur.base_url) as client:
                client.post("/api/user-invitation/", json={"email": "ana@example.com"})
        """
    )

    result = pytester.runpytest("-p", "no:cacheprovider")

    assert shown in "\n".join(result.outlines)
