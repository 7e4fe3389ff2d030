"""The kept inputs of the fuzzer, each read without it."""

import time
from pathlib import Path

import pytest

from fuzz.__main__ import KEPT, NAMES
from fuzz.run import MOST_SECONDS, replay
from fuzz.targets import TARGETS

FILES = sorted(KEPT.glob("*/*"))


def test_every_target_has_kept_inputs_that_are_short_texts() -> None:
    assert set(NAMES) == set(TARGETS) == {file.parent.name for file in FILES}
    for file in FILES:
        assert len(file.read_text(encoding="utf-8")) < 4_000


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}-{file.stem}" for file in FILES])
def test_a_kept_input_is_read_in_time(file: Path) -> None:
    assert replay(file.parent.name, file) == 0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", [b"", b"\0", b"\xff" * 500, b"<" * 4_000, b"\\" * 4_000, bytes(range(256)) * 20])
def test_bytes_without_sense_are_read_too(name: str, data: bytes) -> None:
    begun = time.process_time()
    for first in (b"", *(bytes([number]) for number in range(9))):
        TARGETS[name](first + data)
    assert time.process_time() - begun < 10 * MOST_SECONDS


def test_a_row_of_twenty_thousand_cells_is_read_in_time() -> None:
    page = '0<div class="ArticleDetailControl"><div class="ArticleHeader">A</div><div class="ArticleContent"><table>'
    begun = time.process_time()
    TARGETS["page"]((page + "<td>x" * 20_000).encode())
    assert time.process_time() - begun < 10 * MOST_SECONDS
