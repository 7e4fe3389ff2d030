"""The text of a current revision is stored once, and `revisions` shows every revision whole."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive import schema
from crawler.archive.database import open_for_writing
from crawler.archive.fixity import verify
from crawler.archive.withheld.open_whole import open_whole
from crawler.archive.withheld.withheld_db import WithheldDatabase, read_state, withheld_path
from crawler.errors import ArchiveUnusableError
from crawler.items import FileRole
from tests.support.archives.rows import change
from tests.support.build import (
    STORE,
    Clock,
    Night,
    article,
    image_ref,
    link,
    listing,
    new_address,
    on_page,
    picture,
    read_rows,
)
from tests.support.withholding import SECRET, act, differing, leaks, make_nights
from tests.support.write_schema import SCHEMAS

AT = new_address(1)
TEXTS = ("title", "summary", "body", "body_html", "byline", "source", "published_on")
ROOT = SCHEMAS.parents[1]
OLD = SCHEMAS / "m0033_pairs.sql"


def own_texts(night: Night) -> list[tuple[int, str | None]]:
    """Give the number of every revision, and the body that stands in its own row."""
    return night.rows("select number, body from revision_rows where article_id = 1 order by number")


def test_only_revisions_that_were_replaced_have_a_text_of_their_own(night: Night, clock: Clock) -> None:
    for body in ("A.", "B.", "A."):
        night.put(article(body=body, byline="Lò Thị Mai", dates=(on_page("2026-01-05"),)), AT)
        clock.go_on(days=1)
    assert own_texts(night) == [(1, "A."), (2, "B."), (3, None)]
    whole = night.rows("select number, title, body, byline, published_on from revisions order by number")
    assert whole == [(n, "Tin", body, "Lò Thị Mai", "2026-01-05") for n, body in ((1, "A."), (2, "B."), (3, "A."))]


def test_a_revision_of_other_bytes_keeps_the_text_before_it(night: Night, clock: Clock) -> None:
    night.put_file(f"{STORE}/lci/a.png", picture("red"))
    night.put(article(body="A.", images=(image_ref("a.png", "Một"),)), AT)
    clock.go_on(days=1)
    night.put_file(f"{STORE}/lci/a.png", picture("blue"), FileRole.IMAGE)
    assert own_texts(night) == [(1, "A."), (2, None)]
    assert night.rows("select body from revisions order by number") == [("A.",), ("A.",)]


def test_a_date_or_summary_learnt_later_completes_the_current_revision_only(night: Night, clock: Clock) -> None:
    for body in ("A.", "B."):
        night.put(article(body=body), AT)
        clock.go_on(days=1)
    night.put_listing(listing(link(AT, "Tin", day="2026-01-05", summary="Tóm tắt.")))
    rows = night.rows("select number, summary, published_on from revisions order by number")
    assert rows == [(1, None, None), (2, "Tóm tắt.", "2026-01-05")]
    assert own_texts(night) == [(1, "A."), (2, None)]


def test_no_statement_of_ours_makes_a_copy_of_the_view(night: Night) -> None:
    night.put(article(), AT)
    sql = "select r.number from captures c left join {} r on r.capture_id = c.id where c.id = 1"
    plans = [
        [row[3] for row in night.rows(f"explain query plan {sql.format(name)}")]
        for name in ("revisions", "revision_rows")
    ]
    assert ["MATERIALIZE revisions" in plan for plan in plans] == [True, False]
    code = [*(ROOT / "crawler").rglob("*.py"), ROOT / "datasette-metadata.json"]
    assert [path.name for path in code if "left join revisions " in path.read_text(encoding="utf-8")] == []


def load(archive: Path, *changes: str) -> None:
    """Make the database of the schema before this one, changed by statements."""
    connection = sqlite3.connect(archive, isolation_level=None)
    connection.executescript(OLD.read_text(encoding="utf-8"))
    for sql in changes:
        assert connection.execute(sql).rowcount > 0
    connection.close()


def all_revisions(archive: Path, columns: Sequence[str]) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(archive)) as connection:
        return connection.execute(f"select {', '.join(columns)} from revisions order by article_id, number").fetchall()


def columns_of(archive: Path) -> list[str]:
    with closing(sqlite3.connect(archive)) as connection:
        return [row[1] for row in connection.execute("pragma table_info(revisions)")]


@pytest.mark.parametrize("column", ["title", "body_html", "published_on"])
def test_a_migration_changes_no_value_of_revisions_that_differ_from_their_articles(tmp_path: Path, column: str) -> None:
    archive = tmp_path / "archive.db"
    load(
        archive,
        f"update articles set {column} = '2020-02-02' where id = 1",
        f"update revisions set {column} = '2021-01-01' where article_id = 2",
        "update articles set revision = 7 where id = 3",
    )
    columns = columns_of(archive)
    before = all_revisions(archive, columns)
    open_for_writing(archive).close()
    assert columns_of(archive) == columns
    assert all_revisions(archive, columns) == before
    assert read_rows(archive, "select count(*) from revision_rows where title is null")[0][0] > 0
    assert read_rows(archive, "select count(*) from revision_rows where title is not null and article_id = 3") == [(1,)]


def test_a_migration_that_dies_anywhere_leaves_the_archive_as_it_was(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    load(archive)
    columns = columns_of(archive)
    before = all_revisions(archive, columns)
    for steps in (200, 3000, 7000, 11000, 16000):
        connection = sqlite3.connect(archive, isolation_level=None)
        connection.execute("pragma foreign_keys = on")
        looks = iter([0] * steps)
        connection.set_progress_handler(lambda looks=looks: next(looks, 1), 10)
        with pytest.raises((sqlite3.OperationalError, ArchiveUnusableError), match="interrupted"):
            schema.migrate(connection)
        connection.close()
        assert all_revisions(archive, columns) == before
    open_for_writing(archive).close()
    assert all_revisions(archive, columns) == before


def test_a_migrated_archive_gives_the_space_to_the_next_articles(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    load(archive, "update articles set body = replace(hex(zeroblob(50000)), '0', 'chữ ')")
    change_all = "update revisions set body = (select body from articles where id = article_id and revision = number)"
    change(archive, f"{change_all} where number = (select revision from articles where id = article_id)")
    open_for_writing(archive).close()
    assert read_rows(archive, "pragma freelist_count")[0][0] * 4096 > 4 * 400_000
    assert read_rows(archive, "select length(body) from revision_rows where length(body) > 999") == []


def test_withheld_rows_of_an_older_version_come_back_without_a_second_text(tmp_path: Path, clock: Clock) -> None:
    archive, twin = tmp_path / "one" / "archive.db", tmp_path / "twin" / "archive.db"
    for path in (archive, twin):
        path.parent.mkdir()
        nights = Clock(clock())
        make_nights(path, nights, first=1, last=2)
    act(archive, "withhold", SECRET.url, at=nights())
    before = all_revisions(twin, ["article_id", "number", *TEXTS])
    _as_older_version(archive)
    with closing(open_whole(archive)) as whole:
        seen = whole.execute(f"select article_id, number, {', '.join(TEXTS)} from revisions order by 1, 2").fetchall()
        assert [tuple(row) for row in seen] == before
        own = whole.execute(
            """select count(*) from revision_rows r join articles a on a.id = r.article_id and a.revision = r.number
               where r.body is not null"""
        )
        assert own.fetchone()[0] == 0
    assert verify(archive).differences == []
    assert leaks(archive) == []
    act(archive, "release", SECRET.url, at=nights())
    assert differing(archive, twin) == []


def _as_older_version(archive: Path) -> None:
    """Put the texts of withheld current revisions into their own withheld rows too, as versions before m0034 did."""
    texts = ", ".join(f"{name} = a.{name}" for name in TEXTS)
    change(
        withheld_path(archive),
        f"update revisions set {texts} from articles a where a._key = article_id and a.revision = number",
    )
    with closing(sqlite3.connect(archive)) as connection:
        WithheldDatabase(withheld_path(archive), read_state(connection), {}).close()  # which seals it
