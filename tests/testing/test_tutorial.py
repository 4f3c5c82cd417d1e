"""The tutorial about the fakes, and the test on the README: what these blocks define are tests, and they pass."""

from __future__ import annotations

import re

import pytest

from tests.docs import ROOT
from tests.docs.blocks import blocks

pytest_plugins = ["pytester"]

BLOCKS = blocks(ROOT / "docs" / "testing.md", "python")


def test_every_block_is_a_test_file_that_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:cacheprovider\nfilterwarnings = error")
    [of_the_readme] = [block for block in blocks(ROOT / "README.md", "python") if "\ndef test_" in block.text]
    for block in [*BLOCKS, of_the_readme]:
        assert "\ndef test_" in block.text
        (pytester.path / f"test_{block.page.stem}_{block.line}.py").write_text(block.text, encoding="utf-8")
    # As its readers have it: respx and our plugin.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    result = pytester.runpytest_subprocess("-p", "invite_sdk", "-p", "respx")

    result.assert_outcomes(passed=22)


def test_the_shown_message_is_the_one_that_comes(pytester: pytest.Pytester) -> None:
    page = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
    shown = re.findall(r"^```\n(FakeWaldur got.*?)\n```$", page, re.MULTILINE | re.DOTALL)[0]
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
