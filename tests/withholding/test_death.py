"""Killed at any step, a withholding, a release or a night leaves an article wholly public or wholly withheld."""

import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from crawler.archive.fixity import verify
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import copy_archive
from tests.support.build import Clock, Night
from tests.support.crawling import run
from tests.support.withholding import SECRET, act, differing, leaks, make_nights, night_of_secret

# Of several hundred steps each; the last ones, where the commits are, all.
EARLY_DEATHS, LAST_STEPS = 12, 30


def die(archive: Path, do: str, at: int) -> str:
    return run([sys.executable, "-m", "tests.support.withholding", str(archive.parent), do, str(at)]).out


def copy(archive: Path, into: Path) -> Path:
    copied = copy_archive(archive, into)
    for suffix in ("", "-wal"):
        source = archive.with_name(f"withheld.db{suffix}")
        if source.exists():
            shutil.copy(source, into / source.name)
    return copied


def is_withheld(archive: Path) -> bool:
    """Whether the article is withheld. Fails if it is withheld in some respects only."""
    connection = sqlite3.connect(archive)
    try:
        withheld = connection.execute("select count(*) from withholdings where released_at is null").fetchone()[0]
        held = connection.execute("select count(*) from article_urls where url = ?", (SECRET.url,)).fetchone()[0]
        found = connection.execute("select count(*) from articles_fts where articles_fts match 'vang sau'").fetchone()[
            0
        ]
        assert [row[0] for row in connection.execute("pragma integrity_check")] == ["ok"]
        assert connection.execute("pragma foreign_key_check").fetchall() == []
    finally:
        connection.close()
    tables = [leak for leak in leaks(archive) if "." in leak.split(":")[0] and not leak.startswith("archive.db")]
    assert (bool(held), bool(found), bool(tables)) == ((False,) * 3 if withheld else (True,) * 3)
    return bool(withheld)


@pytest.mark.slow
@pytest.mark.parametrize("do", ["withhold", "release", "night"])
def test_a_death_at_any_step_leaves_one_or_the_other(do: str, tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive" / "archive.db", Clock()
    archive.parent.mkdir()
    make_nights(archive, clock, first=1, last=2)
    if do != "withhold":
        act(archive, "withhold", SECRET.url, at=clock())
    steps = int(die(copy(archive, tmp_path / "count"), do, 10**9))
    chosen = sorted({*range(50, steps, steps // EARLY_DEATHS), *range(steps - LAST_STEPS, steps + 1)})
    ended = set()
    for number in chosen:
        dead = copy(archive, tmp_path / f"dead-{number}")
        assert die(dead, do, number) == "", "it was to die"
        ended.add(is_withheld(dead))
        if number % 3 == 0:
            before = is_withheld(dead)
            later = Clock()
            later.go_on(days=7)
            with Night(dead, later, with_adoption=True) as night:
                night_of_secret(night, 5)
            assert verify(dead).differences == []
            assert do == "withhold" or do == "release" or is_withheld(dead) == before
            rebuild(dead, dead.with_name("new.db"))
            assert differing(dead, dead.with_name("new.db")) == []
        shutil.rmtree(dead.parent)
    assert ended == ({True} if do == "night" else {True, False})
