"""Thirty nights that draw from every kind of fault: the archive never says more than it knows, and hides nothing."""

from pathlib import Path

import pytest

from crawler.replica import FAULT_KINDS
from tests.support.crawling import command, tables
from tests.support.wild.nights import Wild, deal, wild

SEEDS = [
    pytest.param((1, 45), marks=pytest.mark.slow),
    *(pytest.param((seed, 120), marks=pytest.mark.trial) for seed in (2, 3, 4, 7)),
]
# All that the nights can find wrong (tests/support/wild/nights.py).
PROMISES = (
    "false removal", "false unlisting", "false revision", "stored twice", "read what says nothing",
    "another text than the page's", "unread and readable", "complete with an article unread",
    "partial although all can be read", "removal not seen", "lost", "state at the end", "another file",
    "what is no file", "traceback",
)  # fmt: skip


def test_every_kind_is_dealt_and_a_seed_deals_the_same_again() -> None:
    for seed in (1, 2, 3, 4):
        dealt = deal(seed)
        assert {kind for kinds in dealt.values() for kind in kinds} == set(FAULT_KINDS)
        assert min(len(kinds) for kinds in dealt.values()) >= 5
        assert deal(seed) == dealt
    assert deal(1) != deal(2)


@pytest.fixture(scope="module", params=SEEDS)
def nights(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Wild:
    seed, articles = request.param
    return wild(seed, tmp_path_factory.mktemp("wild"), articles=articles)


def test_every_kind_was_put_on_the_portal(nights: Wild) -> None:
    drawn = [one for kinds in nights.drawn.values() for one in kinds]
    assert {one.kind for one in drawn} == set(FAULT_KINDS)
    assert {one.where for one in drawn} == {"article", "listing", "pager", "file"}


@pytest.mark.parametrize("promise", PROMISES)
def test_no_promise_is_broken(nights: Wild, promise: str) -> None:
    assert set(nights.broken) <= set(PROMISES)
    assert nights.broken.get(promise, []) == []


def test_verify_finds_nothing_and_a_rebuild_gives_equal_rows(nights: Wild, tmp_path: Path) -> None:
    verified = command("verify", "--archive", nights.archive)
    assert verified.code == 0, verified.out
    rebuilt = command("rebuild", "--archive", nights.archive, "--into", tmp_path / "new.db")
    assert rebuilt.code == 0, rebuilt.err
    assert tables(nights.archive) == tables(tmp_path / "new.db")
