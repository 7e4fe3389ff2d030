"""Facts for analysts: the same after a rebuild and a refill, plain SQL, and fast by their indexes."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.articles.derived import needs_refill, refill
from crawler.archive.database import open_for_reading, open_for_writing
from crawler.language.facts import find_event_day, make_byline_key, make_title_key
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import change
from tests.support.build import (
    BASE,
    Clock,
    Night,
    article,
    image_ref,
    make_archive,
    make_profile,
    new_address,
    old_address,
)

DERIVED = ("article_facts", "article_documents", "number_changes", "portals")
VIEWS = (
    "article_months", "date_sources", "posting_delays", "byline_years", "document_citations", "image_uses", "removals",
    "unlisted_articles", "changed_numbers", "revision_periods", "missed_pages", "nights", "recurring_titles",
)  # fmt: skip


def _derived(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = open_for_reading(archive)
    try:
        return {
            name: sorted((tuple(row) for row in connection.execute(f"select * from {name}")), key=repr)
            for name in (*DERIVED, *VIEWS)
        }
    finally:
        connection.close()


def _write_nights(archive: Path, clock: Clock) -> None:
    """Give an archive new, changed, retitled, merged and undated articles, night after night."""
    one, two, three = new_address(1, "mot"), new_address(2, "hai"), new_address(3, "ba")
    with Night(archive, clock) as night:
        night.put(article("Hỗ trợ 5 triệu đồng năm 2024", "Chi 5 triệu đồng theo 25-NQ/TW.", byline="Lê Hòa"), one)
        night.put(article("Hai", "Sáng 1/9, tại xã. Theo 12/KH-UBND.", summary="Ngày 1/9."), two)
        night.put(article("Ba", "Một nội dung.", images=(image_ref("a.png", "Ảnh theo 7/KH-UBND"),)), three)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put(article("Hỗ trợ 7 triệu đồng năm 2024", "Chi 7 triệu đồng theo 26-NQ/TW.", byline="Lê Hoà"), one)
        night.put(article("Hai", "Sáng 1/9, tại xã. Theo 13/KH-UBND, 12/KH-UBND.", summary="Ngày 2/9."), two)
        night.put(article("Ba", "Một nội dung.", images=(image_ref("a.png", "Ảnh theo 8/KH-UBND, 90 hộ"),)), three)
        night.put(article("Cũ", "Bài theo 1/QĐ-UBND."), old_address(5, "cu"))
        night.put(article("Cũ khác", "Bài theo 1/QĐ-UBND khác."), new_address(6, "cu"))


def test_facts_made_night_by_night_equal_a_refill(archive: Path, clock: Clock) -> None:
    _write_nights(archive, clock)
    before = _derived(archive)
    assert len(before["article_facts"]) == 5
    assert {row[4] for row in before["number_changes"]} == {"money", "document", "date", "number"}
    connection = open_for_writing(archive)
    refill(connection)
    connection.close()
    assert _derived(archive) == before


def test_the_class_of_a_change_agrees_with_its_numbers(archive: Path, clock: Clock) -> None:
    """Also of a row that an older version made, which told the words that moved."""
    one = new_address(1, "so")
    bridge, school = "Cầu được cấp 900 triệu đồng.", "Trường được hỗ trợ 12 triệu đồng."
    for body in (f"{bridge}\n\n{school}", f"{school}\n\n{bridge}", f"{school}\n\n{bridge.replace('900', '950')}"):
        with Night(archive, clock) as night:
            night.put(article("Số", body), one)
    told = [(2, '["text"]', 0), (3, '["number"]', 1)]
    assert _read_classes(archive) == told
    with sqlite3.connect(archive) as connection:
        connection.execute("""update revision_rows set classes = '["number", "text"]' where number > 1""")
        connection.execute("update search_meta set value = '10' where key = 'facts_version'")
    open_for_writing(archive).close()
    assert _read_classes(archive) == told


def _read_classes(archive: Path) -> list[tuple[Any, ...]]:
    sql = """select number, classes, (select count(*) from number_changes n
        where n.article_id = r.article_id and n.number = r.number) from revisions r where number > 1 order by number"""
    connection = open_for_reading(archive)
    try:
        return [tuple(row) for row in connection.execute(sql)]
    finally:
        connection.close()


def test_a_rebuild_makes_the_same_facts(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=3)
    rebuild(archive, tmp_path / "new.db")
    found = _derived(archive)
    assert found["article_facts"]
    assert found["portals"][0][-1] == "+07:00"
    assert _derived(tmp_path / "new.db") == found


def test_facts_of_another_version_are_made_again_at_opening(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    before = _derived(archive)
    change(archive, "update search_meta set value = '0' where key = 'facts_version'")
    change(archive, "update article_facts set title_key = 'x', byline_key = 'y'")
    connection = open_for_writing(archive)
    assert not needs_refill(connection)
    connection.close()
    assert _derived(archive) == before


def test_a_merge_deletes_the_facts_of_the_younger_article(archive: Path, clock: Clock) -> None:
    text = "Một nội dung dài theo 12/KH-UBND. " * 5
    first, second = new_address(1, "mot"), new_address(2, "mot", "thong-bao")
    with Night(archive, clock) as night:
        night.put(article("Một", text), first)
        night.put(article("Một", text), second)
        assert night.value("select articles from document_citations") == 2
        night.put(article("Một", text), first, second)
        assert night.value("select count(*) from articles") == 1
        assert night.value("select articles from document_citations") == 1
        assert night.value("select count(*) from article_facts") == 1


def test_the_views_need_no_function_of_ours(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=3)
    with closing(sqlite3.connect(archive)) as plain, closing(open_for_reading(archive)) as ours:
        for name in VIEWS:
            sql = f"select * from {name}"
            assert plain.execute(sql).fetchall() == [tuple(row) for row in ours.execute(sql)], name


@pytest.mark.parametrize(
    ("sql", "index"),
    [
        ("select * from article_months", "COVERING INDEX articles_analysis"),
        ("select * from date_sources", "COVERING INDEX articles_analysis"),
        ("select * from byline_years", "COVERING INDEX article_facts_byline"),
        ("select * from recurring_titles", "COVERING INDEX article_facts_title"),
        ("select * from document_citations", "COVERING INDEX article_documents_number"),
        ("select * from image_uses", "COVERING INDEX revision_images_image"),
        ("select * from removals", "articles_removed"),
    ],
)
def test_the_views_read_indexes_alone(night: Night, sql: str, index: str) -> None:
    plan = " / ".join(row[3] for row in night.rows(f"explain query plan {sql}"))
    assert index in plan, plan


def test_nights_are_dates_in_the_portals_zone(archive: Path, clock: Clock) -> None:
    profile = make_profile('timezone = "America/St_Johns"\n')
    with Night(archive, clock, profile) as night:
        night.put_failure(f"{BASE}/tin-tuc/a-1")
        assert night.value("select utc_offset from portals") == "-02:30"
        assert night.value("select night from nights") == "2026-09-01"


def test_keys_join_spellings_and_nothing_else() -> None:
    assert make_title_key("Kế hoạch năm học 2023-2024") == make_title_key("KẾ HOẠCH, 2025 – 2026")
    assert make_title_key("Kế hoạch số 12") != make_title_key("Kế hoạch số 13")
    assert make_byline_key("Thúy Hoà") == make_byline_key("THUÝ HÒA.")
    assert make_byline_key("Hòa") != make_byline_key("Hoa")


def test_a_day_in_an_announcement_or_of_a_document_is_no_event() -> None:
    from datetime import date

    on = date(2026, 6, 7)
    assert find_event_day("Ngày 20/6/2026 sẽ tổ chức", on) is None
    assert find_event_day("Thực hiện Kế hoạch số 15/KH-UBND ngày 1/6/2026 của UBND", on) is None
    assert find_event_day("Ngày 31/2, họp. Chiều ngày 2 tháng 6, họp lại", on) == date(2026, 6, 2)
    assert find_event_day("", on) is None
