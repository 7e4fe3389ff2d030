"""The sums of money that revisions say: stored, rebuilt, verified, withheld and made again."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.articles.derived import VERSION_KEY
from crawler.archive.database import open_for_writing
from crawler.archive.fixity import verify
from crawler.rebuild.rebuild import rebuild
from tests.support.build import Clock, Night, article_page, new_address, read_rows
from tests.support.withholding import act, leaks

SUMS = "select * from revision_sums order by 1, 2, 3"
BODY = (
    "Dự án có tổng mức 4.821 tỷ đồng.\n\nMỗi người được 500.000 đồng/người/tháng, vay 20.000 USD hoặc 1,500 tỷ đồng."
    "\n\nHết 4.821 tỷ đồng."
)


@pytest.fixture
def written(archive: Path, clock: Clock) -> Path:
    """An archive of an article in two revisions, and of one without a sum."""
    for body in (BODY, BODY.replace("4.821", "4.900")):
        with Night(archive, clock) as night:
            night.read(new_address(1, "cau").url, article_page("Xây cầu 30 tỷ đồng", body))
            night.read(new_address(2, "tin").url, article_page("Tin", "Có 35 hộ và 8 tỷ người."))
        clock.go_on(days=1)
    return archive


def test_every_place_of_every_revision_is_stored_with_value_and_words(written: Path) -> None:
    rows = read_rows(written, "select number, place, offset, dong, value, per, said, around from revision_sums")
    first = [row[1:] for row in rows if row[0] == 1]
    assert first == [
        ("title", 8, 30 * 10**9, "30000000000 VND", None, "30 tỷ đồng", "Xây cầu 30 tỷ đồng"),
        ("body", 18, 4821 * 10**9, "4821000000000 VND", None, "4.821 tỷ đồng", "Dự án có tổng mức 4.821 tỷ đồng."),
        ("body", 49, 500_000, "500000 VND", "người/tháng", "500.000 đồng", first[2][6]),
        ("body", 79, None, "20000 USD", None, "20.000 USD", first[3][6]),
        ("body", 95, None, None, None, "1,500 tỷ đồng", first[4][6]),
        ("body", 115, 4821 * 10**9, "4821000000000 VND", None, "4.821 tỷ đồng", "Hết 4.821 tỷ đồng."),
    ]
    assert first[2][6].startswith("Mỗi người được 500.000 đồng/người/tháng, vay")
    assert next(row[3] for row in rows if row[0] == 2 and row[1] == "body") == 4900 * 10**9
    assert read_rows(written, "select count(*) from sums where dong >= 1000000000000") == [(4,)]
    places = "select count(*) from revision_sums s join revisions r using (article_id, number)"
    assert read_rows(written, f"{places} where place = 'body' and substr(body, offset + 1, length(said)) <> said") == [
        (0,)
    ]
    assert verify(written).differences == []


def test_a_rebuild_and_a_newer_version_give_equal_rows(written: Path, tmp_path: Path) -> None:
    rows = read_rows(written, SUMS)
    rebuild(written, tmp_path / "new.db")
    assert read_rows(tmp_path / "new.db", SUMS) == rows
    with closing(sqlite3.connect(written)) as connection:
        connection.execute("delete from revision_sums")
        connection.execute("update search_meta set value = '2' where key = ?", (VERSION_KEY,))
        connection.commit()
    assert verify(written).differences == []
    open_for_writing(written).close()
    assert read_rows(written, SUMS) == rows


TABLE = (
    "<p>Ủy ban nhân dân xã công khai phương án phân bổ vốn đầu tư cho các thôn bản trong năm, như bảng dưới đây.</p>"
    "<p>Đơn vị tính: triệu đồng</p><table><tr><td><p>TT</p></td><td><p>Nội dung</p></td><td>Kinh phí</td>"
    "<td>Số hộ</td></tr><tr><td>1</td><td>Xây cầu treo</td><td>{}</td><td>45</td></tr>"
    "<tr><td>2</td><td>Làm đường</td><td>1.200</td><td>1.300</td></tr></table>"
)


def test_a_replaced_table_of_sums_is_compared_in_dong(archive: Path, clock: Clock, tmp_path: Path) -> None:
    for value in ("900", "1.500"):
        with Night(archive, clock) as night:
            page = article_page("Phân bổ vốn", "BODY").replace("<p>BODY</p>", TABLE.format(value))
            night.read(new_address(1, "phan-bo-von").url, page)
        clock.go_on(days=1)
    rows = read_rows(archive, "select number, dong, said, around from revision_sums order by number, position")
    assert rows == [
        (1, 900_000_000, "900", "1 Xây cầu treo 900 45"),
        (1, 1_200_000_000, "1.200", "2 Làm đường 1.200 1.300"),
        (2, 1_500_000_000, "1.500", "1 Xây cầu treo 1.500 45"),
        (2, 1_200_000_000, "1.200", "2 Làm đường 1.200 1.300"),
    ]
    places = "select count(*) from revision_sums s join revisions r using (article_id, number)"
    assert read_rows(archive, f"{places} where substr(body, offset + 1, length(said)) = said") == [(4,)]
    changes = "select kind, before, after from number_changes"
    assert read_rows(archive, changes) == [("money", "900 triệu đồng", "1.500 triệu đồng")]
    assert verify(archive).differences == []
    rebuild(archive, tmp_path / "new.db")
    assert read_rows(tmp_path / "new.db", SUMS) == read_rows(archive, SUMS)
    with closing(sqlite3.connect(archive)) as connection:  # as an older version left it
        connection.execute("delete from revision_sums")
        connection.execute("update number_changes set kind = 'number', before = '900', after = '1.500'")
        connection.execute("update search_meta set value = '5' where key = ?", (VERSION_KEY,))
        connection.commit()
    open_for_writing(archive).close()
    assert read_rows(archive, changes) == [("money", "900 triệu đồng", "1.500 triệu đồng")]
    assert read_rows(archive, SUMS) == read_rows(tmp_path / "new.db", SUMS)


@pytest.mark.parametrize("sql", [
    "delete from revision_sums where number = 1 and position = 0",
    "update revision_sums set dong = 9 where number = 1 and position = 0",
    "update revision_sums set around = 'x' where number = 1 and position = 0",
    "insert into revision_sums values (2, 1, 0, 'body', 0, 9, '9 VND', null, '9 đồng', '9 đồng')",
    "insert into revision_sums values (77, 1, 0, 'body', 0, 9, '9 VND', null, '9 đồng', '9 đồng')",
])  # fmt: skip
def test_verify_names_sums_that_are_not_those_of_the_revision(sql: str, written: Path) -> None:
    with closing(sqlite3.connect(written)) as connection:
        assert connection.execute(sql).rowcount == 1
        connection.commit()
    (difference,) = verify(written).differences
    assert difference.startswith("revision_sums: ")


def test_the_sums_of_a_withheld_article_are_withheld_and_come_back(written: Path, clock: Clock) -> None:
    rows = read_rows(written, SUMS)
    act(written, "withhold", "1", at=clock())
    assert read_rows(written, SUMS) == read_rows(written, "select * from sums") == []
    assert leaks(written, ("4821000000000", "4.821 tỷ")) == []
    assert verify(written).differences == []
    act(written, "release", "1", at=clock())
    assert read_rows(written, SUMS) == rows
    assert verify(written).differences == []


def test_a_release_finds_the_sums_that_an_older_version_did_not(written: Path, clock: Clock) -> None:
    rows = read_rows(written, SUMS)
    with closing(sqlite3.connect(written)) as connection:
        connection.execute("delete from revision_sums")
        connection.commit()
    act(written, "withhold", "1", at=clock())
    assert verify(written).differences == []
    act(written, "release", "1", at=clock())
    assert read_rows(written, SUMS) == rows
