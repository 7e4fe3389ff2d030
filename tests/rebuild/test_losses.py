"""A rebuild of altered WARC files: all that can be read is brought in, and what is lost is named."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.fixity import verify
from crawler.errors import ArchiveUnusableError
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import TABLES, all_rows, copy_archive
from tests.support.build import Clock, Night, make_archive, read_rows, small_portal
from tests.support.damage.alteration_lists import HARMLESS, LOSSY, OF_LISTS_AND_FOLDER
from tests.support.damage.alterations import flip

# Where records stand elsewhere than before; all other columns of a harmless alteration are equal.
POSITIONS = ("warc_file", "warc_offset", "warc_length")
# The file is not as its record list says, or has no name of its own, which `verify` goes on to say.
NOT_AS_LISTED = {
    "exchanges swapped", "all records twice", "one record twice", "names swapped", "names swapped with the lists",
    "appended to another", "split into a new file", "split into a file of a later name", "turned round", "shuffled",
    "renamed as if open",
}  # fmt: skip
# Bytes that never were a record.
NOTHING_LOST = {
    "bytes between records", "bytes behind the end", "zeros behind the end", "a foreign file",
    "a file with the name of a WARC", "a bit of a file's first record",
}  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("template"), nights=2)


@pytest.fixture
def alone(template: Path, tmp_path: Path) -> Path:
    """A copy of the WARC files, without the database."""
    archive = copy_archive(template, tmp_path / "copy")
    archive.unlink()
    return archive


def rows_without_positions(archive: Path) -> dict[str, Any]:
    rows: dict[str, Any] = dict(all_rows(archive))
    columns = [row[1] for row in read_rows(archive, "pragma table_info(captures)")]
    places = [columns.index(name) + 1 for name in POSITIONS]  # behind the rowid
    rows["captures"] = [tuple(v for n, v in enumerate(row) if n not in places) for row in rows["captures"]]
    return rows


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", HARMLESS)
def test_a_harmless_alteration_gives_the_rows_that_were_crawled(template: Path, alone: Path, name: str) -> None:
    HARMLESS[name](alone.parent / "warc")
    before = contents(alone.parent / "warc")
    into = alone.with_name("new.db")
    made = rebuild(alone, into)
    assert (made.losses, made.otherwise) == ((), ())
    after = contents(alone.parent / "warc")
    assert {path: after[path] for path in before} == before, "a file was changed"
    rows, crawled = rows_without_positions(into), rows_without_positions(template)
    for table in TABLES:
        assert rows[table] == crawled[table], table
    found = verify(into)
    if name in NOT_AS_LISTED:
        (line,) = found.differences
        assert "list" in line or "ends in .open" in line
    else:
        assert found.differences == []
    assert not [note for note in found.notes if "loss" in note]


@pytest.mark.parametrize("name", ["one member for all", "not packed", "in a folder", "merged", "split", "twice"])
def test_a_second_rebuild_makes_no_more_files_and_the_same_rows(alone: Path, name: str) -> None:
    HARMLESS[name](alone.parent / "warc")
    first, second = alone.with_name("first.db"), alone.with_name("second.db")
    rebuild(alone, first)
    before = contents(alone.parent / "warc")
    assert rebuild(alone, second).copied == ()
    assert contents(alone.parent / "warc") == before
    assert all_rows(second) == all_rows(first)


@pytest.mark.parametrize("name", sorted(OF_LISTS_AND_FOLDER.keys() - {"another file with its list", "no file at all"}))
def test_an_altered_list_changes_no_row_and_is_one_line(template: Path, alone: Path, name: str) -> None:
    OF_LISTS_AND_FOLDER[name](alone.parent / "warc")
    into = alone.with_name("new.db")
    made = rebuild(alone, into)
    assert (made.losses != ()) == (name == "an empty file of a later name")
    assert rows_without_positions(into) == rows_without_positions(template)
    assert len(verify(into).differences) == (name != "an empty file of a later name")


def test_a_file_without_a_list_that_was_turned_round_is_read_from_its_end(template: Path, alone: Path) -> None:
    HARMLESS["turned round"](alone.parent / "warc")
    for path in (alone.parent / "warc").glob("*.sha256"):
        path.unlink()
    into = alone.with_name("new.db")
    assert rebuild(alone, into).losses == ()
    assert rows_without_positions(into) == rows_without_positions(template)


def test_a_file_that_was_moved_with_its_list_is_placed_with_it(alone: Path) -> None:
    folder = alone.parent / "warc"
    (first, *_) = sorted(folder.glob("*.sha256"))
    content = first.read_bytes()
    HARMLESS["in a folder with its list"](folder)
    assert rebuild(alone, alone.with_name("new.db")).copied
    assert first.read_bytes() == content


@pytest.mark.parametrize("name", LOSSY)
def test_what_an_alteration_loses_is_named_stored_and_known_to_a_verification(
    template: Path, alone: Path, name: str
) -> None:
    LOSSY[name](alone.parent / "warc")
    into = alone.with_name("new.db")
    made = rebuild(alone, into)
    assert made.losses
    assert read_rows(into, "select kind, warc_file, warc_offset, what from losses order by id") == [
        (one.kind, one.warc_file, one.offset, one.what) for one in made.losses
    ]
    assert all(one.warc_file is None or one.warc_file in one.line() for one in made.losses)
    found = verify(into)
    assert found.differences == []
    assert [note for note in found.notes if note.startswith("known losses of a rebuild")]
    if name in NOTHING_LOST:
        assert rows_without_positions(into) == rows_without_positions(template)


@pytest.mark.parametrize("with_list", [True, False])
@pytest.mark.parametrize("with_rows", [True, False])
def test_a_last_file_that_is_missing_is_named_by_its_list_or_by_the_rows(
    template: Path, tmp_path: Path, with_list: bool, with_rows: bool
) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    *_, last = sorted((archive.parent / "warc").glob("*.warc.gz"))
    last.unlink()
    if not with_list:
        last.with_name(last.name + ".sha256").unlink()
    if not with_rows:
        archive.unlink()
    made = rebuild(archive, archive.with_name("new.db"))
    assert [last.name in one.line() for one in made.losses] == ([True] if with_list or with_rows else [])


def test_a_file_that_holds_another_s_records_now_is_a_loss(template: Path, alone: Path) -> None:
    first, last = sorted((alone.parent / "warc").glob("*.warc.gz"))
    first.write_bytes(last.read_bytes())
    lost = [one.line() for one in rebuild(alone, alone.with_name("new.db")).losses]
    assert [line for line in lost if "missing" in line and first.name in line]
    list_of_first = first.with_name(first.name + ".sha256")
    list_of_first.unlink()
    lost = [one.line() for one in rebuild(alone, alone.with_name("other.db")).losses]
    assert "the file with the serial 1 is missing in warc/" in lost


@pytest.mark.parametrize("name", ["a bit of an article's page", "a bit in the trailer of a response", "half of a file"])
def test_a_whole_copy_beside_a_damaged_file_loses_nothing(template: Path, alone: Path, name: str) -> None:
    folder = alone.parent / "warc"
    kept = folder / "backup"
    kept.mkdir()
    for path in sorted(folder.glob("*.warc.gz")):
        shutil.copy(path, kept / f"copy of {path.name}")
    LOSSY[name](folder)
    into = alone.with_name("new.db")
    assert rebuild(alone, into).losses == ()
    assert rows_without_positions(into) == rows_without_positions(template)
    assert verify(into).differences == []


@pytest.mark.parametrize(
    "name",
    [
        "a bit of a response", "a bit of the record of a run's beginning", "zeros over the beginning",
        "the first file deleted", "a foreign file", "packed in blocks", "merged in the wrong order", "split",
    ],
)  # fmt: skip
def test_a_crawl_goes_on_with_the_rebuilt_archive_and_rebuilds_again(alone: Path, name: str, clock: Clock) -> None:
    (LOSSY | HARMLESS)[name](alone.parent / "warc")
    made = rebuild(alone, alone)
    clock.go_on(days=5)
    with Night(alone, clock, with_adoption=True) as night:
        assert night.adopted is not None
        assert (night.adopted.captures, night.adopted.losses) == (0, ())
        small_portal(night, edition=3)
    assert verify(alone).differences == []
    again = rebuild(alone, alone.with_name("again.db"))
    assert again.captures == made.captures + 12 if made.captures > 20 else again.captures > made.captures
    # A run without an end is closed by the next one.
    assert {one.kind for one in again.losses} | {"run-without-beginning"} == {one.kind for one in made.losses} | {
        "run-without-beginning"
    } or not made.losses


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b""), lambda path: path.write_bytes(bytes(9999))])
def test_nothing_readable_is_a_failure_with_words_and_without_a_database(alone: Path, damage: Any) -> None:
    for path in (alone.parent / "warc").glob("*.warc.gz"):
        damage(path)
    into = alone.with_name("new.db")
    with pytest.raises(ArchiveUnusableError, match="holds no record that can be read"):
        rebuild(alone, into)
    assert not into.exists()


def test_a_flipped_bit_costs_the_rows_of_its_record_alone(template: Path, alone: Path) -> None:
    flip("response", nth=6, share=0.99)(alone.parent / "warc")
    into = alone.with_name("new.db")
    made = rebuild(alone, into)
    assert made.captures == len(read_rows(template, "select id from captures")) - 1
    (damaged, entry) = made.losses
    assert (damaged.kind, entry.kind) == ("damaged-record", "unusable-entry")
    assert "response https://sapa.example.vn/tin-tuc/mot-101" in damaged.line()
    assert "page-read https://sapa.example.vn/tin-tuc/mot-101" in entry.line()
    assert "https" not in damaged.what + entry.what, "a stored loss may name what is withheld"


def test_a_file_that_is_known_to_be_missing_with_its_list_is_no_difference(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=3)
    gone = sorted((tmp_path / "warc").glob("*.warc.gz"))[1]
    gone.unlink()
    gone.with_name(f"{gone.name}.sha256").unlink()
    into = tmp_path / "new.db"
    assert "the file with the serial 2 is missing" in rebuild(archive, into).losses[0].line()
    assert verify(into).differences == []


def test_a_file_of_a_run_that_died_before_its_first_record_is_no_loss(tmp_path: Path, clock: Clock) -> None:
    archive = make_archive(tmp_path, nights=1)
    (tmp_path / "warc" / "sapa-20260902000000000-00002.warc.gz.open").touch()
    clock.go_on(days=2)
    with Night(archive, clock, with_adoption=True) as night:
        small_portal(night, edition=2)
    empty = tmp_path / "warc" / "sapa-20260902000000000-00002.warc.gz"
    assert empty.stat().st_size == 0
    made = rebuild(archive, tmp_path / "new.db")
    assert made.losses == ()
    assert all_rows(tmp_path / "new.db", TABLES) == all_rows(archive, TABLES)
    whole = next(path for path in sorted((tmp_path / "warc").glob("*.warc.gz")) if path != empty)
    whole.write_bytes(b"")
    lost = [loss.line() for loss in rebuild(archive, tmp_path / "newer.db").losses]
    assert any(whole.name in line for line in lost), lost


def test_serials_that_a_history_jumped_over_are_no_loss(tmp_path: Path, clock: Clock) -> None:
    archive = make_archive(tmp_path, nights=1)
    shutil.rmtree(tmp_path / ".history")  # as in a copy of the folder
    clock.go_on(days=2)
    with Night(archive, clock) as night:
        small_portal(night, edition=2)
    assert read_rows(archive, "select max(serial) > 100000 from warc_files") == [(1,)]
    assert rebuild(archive, tmp_path / "new.db").losses == ()
