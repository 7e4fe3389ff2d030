"""The index over many archives: it equals what the archives say, follows them, and forgets what is withheld."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.articles.search_index import lacks_pairs, needs_reindex
from crawler.archive.attachment_texts import HeldText, TextReading, put_text
from crawler.archive.database import open_for_reading, open_for_writing
from crawler.profile import parse_profile
from crawler.search.hits import search_articles
from crawler.search.sql import Filters
from crawler.union import follow as follow_module
from crawler.union.follow import Member, follow
from crawler.union.ids import PUBLIC_KEY_BITS, make_public_id, split_public_id
from crawler.union.index import INDEX_NAME, delete_index, is_compacting, open_index, read_written
from tests.support.build import PROFILE_TOML, Clock, Night, article, new_address, small_portal
from tests.support.portals.many import LATER, make_small
from tests.support.withholding import act

FIRST, SECOND = "sapa", "bat-xat"
FIXTURE = Path(__file__).parents[1] / "fixtures" / "archive-0.1.0"


def make_member(folder: Path, name: str, *, number: int) -> Member:
    return Member(number, make_small(folder / name / "archive.db", name))


@pytest.fixture
def members(tmp_path: Path) -> dict[str, Member]:
    return {FIRST: make_member(tmp_path, FIRST, number=1), SECOND: make_member(tmp_path, SECOND, number=7)}


@pytest.fixture
def index(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_index(tmp_path / INDEX_NAME)) as connection:
        yield connection


def bring_up(index: sqlite3.Connection, members: dict[str, Member]) -> None:
    while follow(index, members, now=LATER):
        pass


def read_all(index: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Read every row of the index, and what its index of words finds."""
    tables = ("articles", "article_urls", "revision_images", "revision_attachments", "attachment_texts", "images",
              "categories", "portals", "union_rows", "revision_sums", "attachment_facts")  # fmt: skip
    rows = {name: [tuple(row) for row in index.execute(f"select * from {name} order by 1, 2")] for name in tables}
    rows["words"] = [
        tuple(row) for row in index.execute("select rowid from articles_fts where articles_fts match 'phong trao'")
    ]
    index.execute("insert into articles_fts (articles_fts, rank) values ('integrity-check', 0)")
    return rows


def test_every_article_of_every_archive_is_found_under_its_public_id(
    index: sqlite3.Connection, members: dict[str, Member]
) -> None:
    bring_up(index, members)
    found = {hit.article_id for hit in search_articles(index, "phong trao trong cay").hits}
    expected = set()
    for member in members.values():
        with closing(open_for_reading(member.archive)) as archive:
            expected |= {make_public_id(member.number, row[0]) for row in archive.execute("select id from articles")}
    assert found == expected
    assert {split_public_id(one)[0] for one in found} == {1, 7}
    assert index.execute("select count(*) from union_archives where problem is null").fetchone()[0] == 2


def test_new_changed_and_vanished_articles_follow_and_equal_an_index_made_anew(
    index: sqlite3.Connection, members: dict[str, Member], tmp_path: Path
) -> None:
    bring_up(index, members)
    clock = Clock()
    clock.go_on(days=1)
    for edition in (2, 3):
        with Night(members[FIRST].archive, clock, parse_profile(PROFILE_TOML)) as night:
            small_portal(night, edition=edition)
        clock.go_on(days=1)
        bring_up(index, members)
    act(members[FIRST].archive, "withhold", "article:2", at=LATER)
    bring_up(index, members)
    followed = read_all(index)
    with closing(open_index(tmp_path / "anew" / INDEX_NAME)) as anew:
        bring_up(anew, members)
        assert read_all(anew) == followed
    assert make_public_id(1, 2) not in [row[0] for row in followed["articles"]]


def test_a_change_of_state_without_a_capture_follows(index: sqlite3.Connection, members: dict[str, Member]) -> None:
    bring_up(index, members)
    with closing(sqlite3.connect(members[SECOND].archive)) as archive, archive:
        archive.execute("update articles set state = 'suspect', listed = 0 where id = 1")
    bring_up(index, members)
    row = index.execute("select state, listed from articles where id = ?", (make_public_id(7, 1),)).fetchone()
    assert tuple(row) == ("suspect", 0)


def test_an_archive_that_leaves_the_folder_leaves_the_index(
    index: sqlite3.Connection, members: dict[str, Member], tmp_path: Path
) -> None:
    bring_up(index, members)
    del members[SECOND]
    bring_up(index, members)
    with closing(open_index(tmp_path / "anew" / INDEX_NAME)) as anew:
        bring_up(anew, members)
        assert read_all(anew) == read_all(index)


def test_two_archives_of_one_portal_are_named_and_not_mixed(
    index: sqlite3.Connection, members: dict[str, Member], tmp_path: Path
) -> None:
    double = make_member(tmp_path / "copy", FIRST, number=9)
    bring_up(index, {**members, "copy": double})
    (problem,) = index.execute("select problem from union_archives where name = 'copy'").fetchone()
    assert problem == "twice"
    assert index.execute("select count(*) from articles where id >= ?", (make_public_id(9, 0),)).fetchone()[0] == 0


@pytest.mark.parametrize(
    "ill",
    [
        "insert into portals select 'bat-xat', title, {rest} from portals",
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm9', '')",
        "drop table revision_sums",
    ],
)
def test_what_is_withheld_leaves_also_where_the_rest_of_its_archive_cannot_be_read(
    index: sqlite3.Connection, members: dict[str, Member], ill: str
) -> None:
    bring_up(index, members)
    act(members[FIRST].archive, "withhold", "article:2", at=LATER)
    with closing(sqlite3.connect(members[FIRST].archive)) as archive, archive:
        rest = [row[1] for row in archive.execute("pragma table_info(portals)")][2:]
        archive.execute("pragma foreign_keys = off")
        archive.execute(ill.format(rest=", ".join(rest)))
    bring_up(index, members)
    assert index.execute("select problem from union_archives where name = ?", (FIRST,)).fetchone()[0] is not None
    left = {row[0] for row in index.execute("select id from articles where id < ?", (make_public_id(2, 0),))}
    assert left == {make_public_id(1, 1), make_public_id(1, 3)}


def test_a_text_of_a_file_that_is_withheld_leaves_where_its_archive_cannot_be_read(
    index: sqlite3.Connection, members: dict[str, Member]
) -> None:
    archive = members[FIRST].archive
    with closing(open_for_writing(archive)) as connection:
        sql = "select article_id, attachment_sha256 from revision_attachments where attachment_sha256 is not null"
        own_id, sha256 = connection.execute(sql).fetchone()
        put_text(connection, archive, sha256=sha256, held=HeldText(TextReading("Mật.", "pdf"), 2))
    bring_up(index, members)
    assert index.execute("select count(*) from attachment_texts").fetchone()[0] == 1
    act(archive, "withhold", f"attachment:{sha256}", at=LATER)
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("drop table revision_sums")
    bring_up(index, members)
    assert index.execute("select count(*) from attachment_texts").fetchone()[0] == 0
    left = index.execute("select count(*) from articles where id = ?", (make_public_id(1, own_id),))
    assert left.fetchone()[0] == 0


def test_an_archive_that_cannot_be_read_is_named_and_the_others_are_there(
    index: sqlite3.Connection, members: dict[str, Member], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database" * 100)
    bring_up(index, {**members, "broken": Member(3, broken)})
    problems = dict(index.execute("select name, problem from union_archives").fetchall())
    assert problems["broken"] == "damaged"
    assert not problems[FIRST]
    assert len(search_articles(index, "phong trao").hits) > 2


def test_a_look_without_time_leaves_the_rest_for_the_next(
    index: sqlite3.Connection, members: dict[str, Member]
) -> None:
    assert follow(index, members, now=LATER, seconds=-1)
    assert index.execute("select count(*) from articles").fetchone()[0] == 0
    assert not follow(index, members, now=LATER)
    assert not follow(index, members, now=LATER)


@pytest.mark.parametrize(("key", "older"), [("union_version", "0"), ("facts_version", "1")])
def test_an_index_of_another_version_is_made_anew(
    tmp_path: Path, members: dict[str, Member], key: str, older: str
) -> None:
    path = tmp_path / INDEX_NAME
    with closing(open_index(path)) as index:
        bring_up(index, members)
        before = read_all(index)
        assert index.execute("update search_meta set value = ? where key = ?", (older, key)).rowcount == 1
        index.execute("update articles set title = 'false'")
    with closing(open_index(path)) as index:
        assert index.execute("select count(*) from articles").fetchone()[0] == 0
        bring_up(index, members)
        assert read_all(index) == before
    delete_index(path)
    assert not path.exists()


def test_an_index_is_never_filled_again_when_it_is_opened(tmp_path: Path, members: dict[str, Member]) -> None:
    path = tmp_path / INDEX_NAME
    with closing(open_index(path)) as index:
        bring_up(index, members)
        paired = index.execute("""select count(*) from articles_fts where articles_fts match '"ǁphongǁtrao"'""")
        meta = dict(index.execute("select key, value from search_meta").fetchall())
        assert paired.fetchone()[0] == 6
        assert not lacks_pairs(index)
    with closing(open_index(path)) as index:
        assert dict(index.execute("select key, value from search_meta").fetchall()) == meta
        assert not needs_reindex(index)


def test_an_id_of_more_than_24_bits_is_a_problem_of_its_archive(
    index: sqlite3.Connection, members: dict[str, Member]
) -> None:
    with closing(sqlite3.connect(members[FIRST].archive)) as archive, archive:
        archive.execute("update articles set id = 16777216 where id = 1")
    bring_up(index, members)
    problems = dict(index.execute("select name, problem from union_archives").fetchall())
    assert problems[FIRST] == "ids"
    assert problems[SECOND] is None


def test_a_text_withheld_from_one_archive_stays_findable_in_the_other(
    index: sqlite3.Connection, tmp_path: Path
) -> None:
    members = {}
    for name, number in ((FIRST, 1), (SECOND, 2)):
        archive = tmp_path / name / "archive.db"
        archive.parent.mkdir()
        with Night(archive, Clock(), parse_profile(PROFILE_TOML.replace('"sapa"', f'"{name}"'))) as night:
            night.put(article("Tin", "Nguyễn Văn Kín dự họp."), new_address(1))
            night.put(article("Khác", "Chuyện khác."), new_address(2))
        members[name] = Member(number, archive)
    bring_up(index, members)
    assert len(search_articles(index, "Nguyễn Văn Kín").hits) == 2
    act(members[FIRST].archive, "withhold", "article:1", at=LATER)
    bring_up(index, members)
    assert [hit.article_id for hit in search_articles(index, "Nguyễn Văn Kín").hits] == [make_public_id(2, 1)]


def test_a_size_of_sums_is_asked_over_all_archives(index: sqlite3.Connection, tmp_path: Path) -> None:
    archive = tmp_path / "a" / "archive.db"
    archive.parent.mkdir()
    with Night(archive, Clock(), parse_profile(PROFILE_TOML)) as night:
        night.put(article("Cầu", "Tỉnh cấp 900 triệu đồng xây cầu."), new_address(1))
        night.put(article("Trường", "Tỉnh cấp 12 triệu đồng cho trường."), new_address(2))
    bring_up(index, {"a": Member(5, archive)})
    asked = Filters(least_sum=100_000_000, key_bits=PUBLIC_KEY_BITS)
    assert [hit.article_id for hit in search_articles(index, "tinh cap", filters=asked).hits] == [make_public_id(5, 1)]


def test_an_archive_of_an_older_version_is_migrated_and_found(index: sqlite3.Connection, tmp_path: Path) -> None:
    shutil.copytree(FIXTURE, tmp_path / "old")
    bring_up(index, {"old": Member(5, tmp_path / "old" / "archive.db")})
    assert index.execute("select problem from union_archives").fetchone()[0] is None
    with closing(open_for_reading(tmp_path / "old" / "archive.db")) as archive:
        held = archive.execute("select count(*) from articles").fetchone()[0]
    assert index.execute("select count(*) from articles").fetchone()[0] == held > 0


def test_an_index_is_compacted_once_much_was_written(
    index: sqlite3.Connection, members: dict[str, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_module, "_WORTH_COMPACTING", 4)
    assert not follow(index, {FIRST: members[FIRST]}, now=LATER)
    assert read_written(index) == 3  # too few
    assert not follow(index, members, now=LATER)
    assert read_written(index) == 0
    (segments,) = index.execute("select count(distinct segid) from articles_fts_idx").fetchone()
    assert segments <= 1
    assert not follow(index, members, now=LATER)
    assert read_written(index) == 0


def test_an_index_is_compacted_in_steps_and_what_is_withheld_leaves_in_between(
    index: sqlite3.Connection, members: dict[str, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_module, "_WORTH_COMPACTING", 4)
    monkeypatch.setattr(follow_module, "_compact_on", lambda *_, **__: False)
    bring_up(index, members)
    monkeypatch.undo()
    monkeypatch.setattr(follow_module, "_WORTH_COMPACTING", 4)
    assert follow(index, members, now=LATER, seconds=0)  # it begins, and has no time
    assert is_compacting(index)
    act(members[FIRST].archive, "withhold", "article:1", at=LATER)
    assert follow(index, members, now=LATER, seconds=0)
    gone = make_public_id(members[FIRST].number, 1)
    assert index.execute("select count(*) from articles where id = ?", (gone,)).fetchone()[0] == 0
    while follow(index, members, now=LATER):
        pass
    assert not is_compacting(index)
    (segments,) = index.execute("select count(distinct segid) from articles_fts_idx").fetchone()
    assert segments <= 2  # what left in between is a piece of its own


def test_a_night_that_did_not_come_is_seen_without_a_write(
    index: sqlite3.Connection, members: dict[str, Member]
) -> None:
    began = Clock().now + timedelta(hours=1)
    for now, expected in ((began, "complete"), (began + timedelta(days=5), "night-missed")):
        while follow(index, members, now=now):
            pass
        (status,) = index.execute("select status from union_archives where name = ?", (FIRST,)).fetchone()
        assert json.loads(status)["verdict"] == expected
