from __future__ import annotations

import re

import pytest

from tests.docs import ROOT
from tests.docs.blocks import Block, blocks, pages
from tests.docs.conftest import Hosts

RUN = [block for page in pages() for block in blocks(page, "python")]


@pytest.mark.parametrize("block", RUN, ids=str)
def test_every_block_runs_by_itself(block: Block, hosts: Hosts, capsys: pytest.CaptureFixture[str]) -> None:
    exec(block.code(), {"__name__": "__main__"})
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("page", "call"), [("README.md", "client.ensure("), ("docs/services/waldur.md", "client.create(")]
)
def test_the_first_waldur_example_has_no_uuid_in_it(page: str, call: str) -> None:
    texts = [block.text for block in RUN if block.page == ROOT / page and "Waldur(" in block.text]
    first = next(text for text in texts if call in text)
    assert re.findall(r"[0-9a-fA-F-]{32,}", first) == []
    assert 'role="PROJECT.ADMIN", scope=Scope("project", "Apollo")' in first


def test_the_page_of_each_service_has_a_sync_and_an_async_example() -> None:
    for service, connection in (
        ("waldur", "Waldur("),
        ("cloudtruth", "CloudTruth("),
        ("zenml", "ZenML("),
        ("enhance", "Enhance("),
    ):
        texts = [block.text for block in RUN if block.page == ROOT / "docs" / "services" / f"{service}.md"]
        named = [text for text in texts if connection in text or f'from_env("{service}")' in text]
        assert [text for text in named if " InviteClient" in text], service
        assert [text for text in named if "AsyncInviteClient" in text], service
