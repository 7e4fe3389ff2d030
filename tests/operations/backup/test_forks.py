"""Two machines, restores, losses and forks: no id twice, and nothing pushed out unseen."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.history.place import note_place
from crawler.archive.warc.reader import warc_files
from crawler.errors import BackupError, ForkError, ServerAwayError, WrongUseError
from crawler.operations.backup import create
from crawler.operations.backup.forks import Fence
from crawler.operations.backup.restore import restore
from tests.support.archives.one_article_nights import crawl
from tests.support.archives.rows import change
from tests.support.build import Clock, read_rows
from tests.support.operations import NOW, backup, names


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
