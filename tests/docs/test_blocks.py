from __future__ import annotations

import re

import pytest

from tests.docs.blocks import Block, blocks, pages
from tests.docs.conftest import Hosts

RUN = [block for page in pages() for block in blocks(page, "python")]


@pytest.mark.parametrize("block", RUN, ids=str)
def test_every_block_runs_by_itself(block: Block, hosts: Hosts, capsys: pytest.CaptureFixture[str]) -> None:
    exec(block.code(), {"__name__": "__main__"})
    assert capsys.readouterr().err == ""


def test_the_first_waldur_example_of_the_readme_has_no_uuid_in_it() -> None:
    texts = [block.text for block in RUN if block.page.name == "README.md" and "Waldur(" in block.text]
    first = next(text for text in texts if "client.create(" in text)
    assert re.findall(r"[0-9a-fA-F-]{32,}", first) == []
    assert 'role="PROJECT.ADMIN", scope=Scope("project", "Apollo")' in first


def test_the_readme_has_a_sync_and_an_async_example_for_each_service() -> None:
    texts = [block.text for block in RUN if block.page.name == "README.md"]
    for service, connection in (
        ("waldur", "Waldur("),
        ("cloudtruth", "CloudTruth("),
        ("zenml", "ZenML("),
        ("enhance", "Enhance("),
    ):
        named = [text for text in texts if connection in text or f'from_env("{service}")' in text]
        assert [text for text in named if " InviteClient" in text], service
        assert [text for text in named if "AsyncInviteClient" in text], service
