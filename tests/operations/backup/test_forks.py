"""Two machines, restores, losses and forks: no id twice, and nothing pushed out unseen."""

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.history.place import note_place
from crawler.archive.warc.reader import warc_files
from crawler.errors import BackupError, ForkError, PortalArchiveError, ServerAwayError, WrongUseError
from crawler.operations.backup import create
from crawler.operations.backup.forks import Fence
from crawler.operations.backup.restore import restore
from crawler.rebuild.rebuild import rebuild
from tests.support.build import Clock, Night, article_page, change, new_address, read_rows
from tests.support.operations import NOW, backup, names

WORDS = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản số"


def crawl(archive: Path, clock: Clock, number: int) -> int:
    """Run a night that finds one article; give its id."""
    clock.go_on(hours=25)
    with Night(archive, clock, with_adoption=True) as night:
        found = night.read(new_address(number).url, article_page(f"Tin {number}", f"{WORDS} {number}."))
    assert found is not None
    return found


def copy(archive: Path, name: str) -> Path:
    """Copy the folder of an archive, as a person would."""
    return Path(shutil.copytree(archive.parent, archive.parent.with_name(name))) / archive.name


def manifests(place: Path) -> set[str]:
    return {name for name in names(place) if name.endswith(".json")}


@pytest.fixture
def first(tmp_path: Path, clock: Clock) -> Path:
    archive = tmp_path / "a" / "archive.db"
    archive.parent.mkdir()
    crawl(archive, clock, 1)
    return archive


@pytest.fixture
def place(tmp_path: Path, first: Path) -> Path:
    """A target with a snapshot of the first machine."""
    backup(first, tmp_path / "target")
    return tmp_path / "target"


@pytest.fixture
def second(tmp_path: Path, place: Path) -> Path:
    """A second machine, restored from the backup of the first."""
    archive = tmp_path / "b" / "archive.db"
    assert restore(str(place), archive).differences == []
    return archive


def test_copies_that_did_not_go_on_share_a_target(first: Path, second: Path, place: Path) -> None:
    for day, archive in enumerate((second, first, second), start=1):
        assert backup(archive, place, now=NOW + timedelta(days=day)).problems == ()
    assert len(manifests(place)) == 4


@pytest.mark.parametrize("is_first_ahead", [True, False])
def test_who_goes_on_second_is_refused_and_nothing_is_lost(
    is_first_ahead: bool, first: Path, second: Path, place: Path, clock: Clock
) -> None:
    ahead, behind = (first, second) if is_first_ahead else (second, first)
    crawl(ahead, clock, 2)
    crawl(behind, clock, 3)
    backup(ahead, place, now=NOW + timedelta(days=1))
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    for day in (2, 3, 40):
        with pytest.raises(ForkError, match=r"holds another history of this archive: history \w{8}, snapshot .*beside"):
            backup(behind, place, now=NOW + timedelta(days=day))
    assert {path: path.read_bytes() for path in place.rglob("*") if path.is_file()} == before
    # Another place takes it, and so does this one if it is said.
    assert backup(behind, place.with_name("other"), now=NOW + timedelta(days=5)).problems == ()
    made = backup(behind, place, now=NOW + timedelta(days=6), beside=True)
    assert any("another history is kept there too" in note for note in made.notes)
    assert set(before) <= {path for path in place.rglob("*") if path.is_file()}
    # Later nights of both need no word.
    for number, archive in ((4, behind), (5, ahead), (6, behind)):
        crawl(archive, clock, number)
        assert backup(archive, place, now=NOW + timedelta(days=number + 3)).problems == ()


def test_retention_removes_snapshots_of_its_own_history_only(
    first: Path, second: Path, place: Path, clock: Clock
) -> None:
    crawl(first, clock, 2)
    crawl(second, clock, 3)
    backup(first, place, now=NOW + timedelta(days=1))
    others = manifests(place)
    for day in range(2, 40):
        backup(second, place, now=NOW + timedelta(days=day), beside=day == 2)
    assert others <= manifests(place)
    assert len(manifests(place)) < 20
    for name in others:
        wanted = name.removesuffix(".json")
        assert restore(str(place), place.parent / wanted / "archive.db", named=wanted).differences == []


def test_of_two_histories_a_restore_asks_which(first: Path, second: Path, place: Path, clock: Clock) -> None:
    crawl(first, clock, 2)
    crawl(second, clock, 3)
    backup(first, place, now=NOW + timedelta(days=1))
    backup(second, place, now=NOW + timedelta(days=2), beside=True)
    new = place.parent / "new" / "archive.db"
    with pytest.raises(ForkError, match=r"holds 2 histories: history .*; history .*--history"):
        restore(str(place), new)
    assert not new.parent.exists()
    for archive, number in ((first, 2), (second, 3)):
        (history,) = read_rows(archive, "select history from history order by id desc limit 1")[0]
        into = place.parent / f"new-{number}" / "archive.db"
        restored = restore(str(place), into, history=history[:8])
        assert restored.differences == []
        assert f"history {history[:8]}" in restored.notes[0]
        titles = read_rows(into, "select title from articles order by id")
        assert titles == [("Tin 1",), (f"Tin {number}",)]
    with pytest.raises(WrongUseError, match="has no history ffff00"):
        restore(str(place), new, history="ffff00")


def test_an_older_snapshot_is_said_to_be_one(first: Path, place: Path, clock: Clock) -> None:
    crawl(first, clock, 2)
    newest = backup(first, place, now=NOW + timedelta(days=1)).snapshot
    (old, _) = sorted(name.removesuffix(".json") for name in manifests(place))
    restored = restore(str(place), place.parent / "new.db", named=old)
    (note,) = restored.notes[1:]
    assert newest in note
    assert "not the newest there" in note


def test_a_disk_that_was_copied_is_seen_at_the_backup_and_its_ids_jump_then(
    first: Path, place: Path, clock: Clock
) -> None:
    twin = copy(first, "twin")
    # A copy of a whole disk keeps inodes and times: nothing can be noticed before the two meet.
    (head,) = read_rows(twin, "select record_id from history order by id desc limit 1")[0]
    note_place(twin, head, ids={})
    assert crawl(first, clock, 2) == crawl(twin, clock, 3) == 2
    backup(first, place, now=NOW + timedelta(days=1))
    for day in (2, 3):
        with pytest.raises(ForkError):
            backup(twin, place, now=NOW + timedelta(days=day))
    ids = [crawl(twin, clock, number) for number in (4, 5)]
    assert ids[0] > 1_000_000
    with pytest.raises(ForkError):
        backup(twin, place, now=NOW + timedelta(days=4))
    # Once is enough.
    assert [*ids, crawl(twin, clock, 6)] == [ids[0], ids[0] + 1, ids[0] + 2]


def test_a_machine_that_backs_up_meanwhile_is_noticed_before_the_manifest(
    first: Path, second: Path, place: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(first, clock, 2)
    crawl(second, clock, 3)
    real = create.copy_files

    def copy_slowly(*args: object, **named: object) -> object:
        monkeypatch.setattr(create, "copy_files", real)
        backup(first, place, now=NOW + timedelta(days=1))
        return real(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(create, "copy_files", copy_slowly)
    with pytest.raises(ForkError):
        backup(second, place, now=NOW + timedelta(days=1, seconds=1))
    assert len(manifests(place)) == 2
    assert {name.partition(".")[0] for name in names(place)} == {name.partition(".")[0] for name in manifests(place)}


@dataclass
class Registry:
    """What a fleet's server says of a portal: its epoch, or that it is away. `asked` is called before each answer."""

    epoch: int = 1
    is_away: bool = False
    asked: list[Callable[[], None]] = field(default_factory=list)

    def fence(self, epoch: int) -> Fence:
        def find() -> str | None:
            if self.asked:
                self.asked.pop(0)()
            if self.is_away:
                raise ServerAwayError("the server does not answer")
            return None if epoch == self.epoch else f"this disk has epoch {epoch}, not {self.epoch}"

        return Fence(epoch, find)

    def move(self) -> None:
        self.epoch += 1


def ship(archive: Path, place: Path, day: int, fence: Fence) -> create.MadeBackup:
    return create.make_backup(archive, str(place), now=NOW + timedelta(days=day), append_only=False, fence=fence)


@pytest.mark.parametrize("when", ["at its end", "after the manifest", "and the server is away"])
def test_a_machine_that_loses_a_portal_while_it_ships_leaves_no_snapshot(
    first: Path, second: Path, place: Path, clock: Clock, when: str
) -> None:
    registry, before = Registry(), names(place)
    crawl(first, clock, 2)
    if when == "and the server is away":
        registry.is_away = True
    else:
        registry.asked = [registry.move] if when == "at its end" else [lambda: None, registry.move]
    with pytest.raises((BackupError, ServerAwayError), match=r"this disk has epoch 1, not 2|does not answer"):
        ship(first, place, 1, registry.fence(1))
    assert {name for name in names(place) if name.startswith("archive-")} == {
        name for name in before if name.startswith("archive-")
    }
    registry = Registry(epoch=2)
    crawl(second, clock, 3)
    assert ship(second, place, 2, registry.fence(2)).problems == ()


@pytest.mark.parametrize("is_late", [False, True])
def test_what_a_former_home_shipped_all_the_same_hides_nothing(
    first: Path, second: Path, place: Path, clock: Clock, is_late: bool
) -> None:
    registry = Registry()
    ship(first, place, 1, registry.fence(1))
    crawl(first, clock, 2)
    crawl(second, clock, 3)
    days = {"first": 3, "second": 2} if is_late else {"first": 2, "second": 3}
    for name in sorted(days, key=days.__getitem__):
        # The former home stood still after the last question, and was cut off when it went on.
        registry.epoch, archive = (1, first) if name == "first" else (2, second)
        if is_late and name == "first":
            with pytest.raises(ForkError):
                ship(first, place, days[name], registry.fence(1))
            create.make_backup(
                first, str(place), now=NOW + timedelta(days=3), append_only=False, beside=True, fence=registry.fence(1)
            )
            continue
        assert ship(archive, place, days[name], registry.fence(registry.epoch)).problems == ()
    registry.epoch = 2
    crawl(second, clock, 4)
    assert ship(second, place, 4, registry.fence(2)).problems == ()
    new = place.parent / "new" / "archive.db"
    restored = restore(str(place), new)
    assert read_rows(new, "select title from articles order by id") == [("Tin 1",), ("Tin 3",), ("Tin 4",)]
    assert any("another history is kept there too" in note for note in restored.notes)
    # In one epoch nothing outranks: a disk that was restored from an older copy is refused as everywhere.
    twin = copy(second, "twin")
    (head,) = read_rows(twin, "select record_id from history order by id desc limit 1")[0]
    note_place(twin, head, ids={})
    crawl(second, clock, 5)
    crawl(twin, clock, 6)
    ship(second, place, 5, registry.fence(2))
    with pytest.raises(ForkError):
        ship(twin, place, 6, registry.fence(2))


def test_files_of_one_name_in_two_histories_are_both_kept(first: Path, place: Path, clock: Clock) -> None:
    twin = copy(first, "twin")
    crawl(first, clock, 2)
    crawl(twin, clock, 3)
    path, other = (warc_files(archive.parent / "warc")[-1] for archive in (first, twin))
    # As if the clocks agreed to the millisecond, and the serials too.
    other.rename(other.with_name(path.name))
    change(twin, "update captures set warc_file = ? where warc_file = ?", path.name, other.name)
    change(twin, "update warc_files set name = ? where name = ?", path.name, other.name)
    backup(first, place, now=NOW + timedelta(days=1))
    assert backup(twin, place, now=NOW + timedelta(days=2), beside=True).problems == ()
    for archive, into in ((first, "x"), (twin, "y")):
        (history,) = read_rows(archive, "select history from history order by id desc limit 1")[0]
        new = place.parent / into / "archive.db"
        restore(str(place), new, history=history)
        assert (new.parent / "warc" / path.name).read_bytes() == (archive.parent / "warc" / path.name).read_bytes()


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
