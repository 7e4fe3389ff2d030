"""Crawls, backups, restores and losses in random orders: no id twice, and no snapshot of another history lost."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crawler.errors import PortalArchiveError
from crawler.operations.backup.restore import restore
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.one_article_nights import crawl
from tests.support.build import Clock, read_rows
from tests.support.operations import NOW, backup


@dataclass
class World:
    """Machines and targets, and what was promised: each id that was ever shown, and each snapshot that was made."""

    root: Path
    random: random.Random
    clock: Clock = field(default_factory=lambda: Clock(NOW))
    articles: dict[int, str] = field(default_factory=dict)
    captures: dict[int, str] = field(default_factory=dict)
    crawls: dict[int, str] = field(default_factory=dict)
    snapshots: dict[Path, tuple[str, str]] = field(default_factory=dict)
    number: int = 0
    said: list[str] = field(default_factory=list)

    def archive(self) -> Path:
        return self.root / self.random.choice("ab") / "archive.db"

    def target(self) -> Path:
        return self.root / self.random.choice(("t1", "t2"))

    def crawl(self) -> None:
        archive = self.archive()
        if self.number and not archive.parent.exists():
            return  # a second machine begins with a copy
        archive.parent.mkdir(exist_ok=True)
        self.number += 1
        try:
            crawl(archive, self.clock, self.number)
        except PortalArchiveError as error:
            self.said.append(f"crawl: {error}")
            # Rows that are gone with their files cannot be gone on with; a person starts with a restore.
            shutil.rmtree(archive.parent)

    def back_up(self) -> None:
        archive, target = self.archive(), self.target()
        beside = self.random.random() < 0.3
        self.clock.go_on(hours=25)
        try:
            made = backup(archive, target, now=self.clock(), beside=beside)
        except PortalArchiveError as error:
            self.said.append(f"backup: {error}")
            return
        (history,) = read_rows(archive, "select history from history order by id desc limit 1")[0]
        self.snapshots[target / "snapshots" / f"{made.snapshot}.json"] = (str(archive), history)

    def restore(self) -> None:
        archive, target = self.archive(), self.target()
        held = sorted(target.glob("snapshots/*.json"))
        named = self.random.choice([None, *(path.stem for path in held)])
        if archive.exists() and self.random.random() < 0.7:
            return
        shutil.rmtree(archive.parent, ignore_errors=True)
        try:
            restore(str(target), archive, named=named)
        except PortalArchiveError as error:
            self.said.append(f"restore: {error}")

    def lose_database(self) -> None:
        archive = self.archive()
        for suffix in ("", "-wal", "-shm"):
            archive.with_name(archive.name + suffix).unlink(missing_ok=True)
        if self.random.random() < 0.7:
            self.rebuild(archive)

    def lose_files(self) -> None:
        archive = self.archive()
        files = sorted((archive.parent / "warc").glob("*.warc.gz"))
        if self.random.random() < 0.5 or not files:
            shutil.rmtree(archive.parent / "warc", ignore_errors=True)
        else:
            files[-1].unlink()
            archive.unlink(missing_ok=True)
            self.rebuild(archive)

    def copy(self) -> None:
        one, other = self.random.sample("ab", 2)
        if (self.root / one / "archive.db").exists():
            shutil.rmtree(self.root / other, ignore_errors=True)
            shutil.copytree(self.root / one, self.root / other)

    def rebuild(self, archive: Path | None = None) -> None:
        archive = archive or self.archive()
        archive.unlink(missing_ok=True)
        try:
            rebuild(archive, archive)
        except PortalArchiveError as error:
            self.said.append(f"rebuild: {error}")

    def check(self) -> None:
        """Hold the promises."""
        for name in "ab":
            archive = self.root / name / "archive.db"
            if not archive.exists():
                continue
            for sql, known in (
                ("select id, url from articles", self.articles),
                ("select id, record_id from captures", self.captures),
                ("select id, started_at || portal from crawls", self.crawls),
            ):
                for number, what in read_rows(archive, sql):
                    assert known.setdefault(number, what) == what, (sql, number, self.said)


MOVES: tuple[tuple[Callable[[World], None], int], ...] = (
    (World.crawl, 6), (World.back_up, 6), (World.restore, 4), (World.lose_database, 1), (World.lose_files, 1),
    (World.copy, 1), (World.rebuild, 1),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_in_no_order_an_id_is_given_twice_or_a_foreign_snapshot_lost(seed: int, tmp_path: Path) -> None:
    world = World(tmp_path, random.Random(seed))
    moves, weights = zip(*MOVES, strict=True)
    for _ in range(22):
        move = world.random.choices(moves, weights)[0]
        before = {path: path.read_bytes() for path in tmp_path.glob("t?/**/*") if path.is_file()}
        move(world)
        world.check()
        gone = [path for path in before if not path.exists() or path.read_bytes() != before[path]]
        if move is not World.back_up:
            assert gone == []
            continue
        newest = max(tmp_path.glob("t?/snapshots/*.json"), key=lambda path: path.stat().st_mtime_ns, default=None)
        for path in gone:
            # Only the retention of one history takes its own.
            name = path.name.partition(".")[0]
            assert world.snapshots[path.with_name(f"{name}.json")][1] == world.snapshots[newest][1], world.said  # type: ignore[index]
    for path in sorted(tmp_path.glob("t?/snapshots/*.json"))[:6]:
        into = tmp_path / "last" / path.parent.parent.name / path.stem / "archive.db"
        restore(str(path.parent.parent), into, named=path.stem)
