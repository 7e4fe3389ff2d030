"""Hits: filters, orders, the field of a snippet, and the SQL that gives the same hits to anybody."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from crawler.archive.articles import search_index
from crawler.archive.articles.search_index import reindex_all
from crawler.archive.database import open_for_reading
from crawler.archive.withheld.requests import OperatorRequest, leave_request
from crawler.attachments.harvest import Bounds, harvest_texts
from crawler.items import FileRole
from crawler.language.query.simplify import list_marked_forms
from crawler.replica.content.documents import write_docx
from crawler.search import hits as hits_module
from crawler.search.hits import list_articles, search_articles
from crawler.search.sql import Filters, write_listing, write_source
from crawler.search.tiers import search_by_tier
from tests.support.build import BASE, STORE, Clock, Night, article, file_ref, image_ref, new_address, on_page, picture
from tests.support.search_index import open_index, put

PHOTO = f"{STORE}/lci/anh.png"


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """Read an archive: ids 1 to 6 from 1 to 6 June 2024, 3 changed, 4 removed, 5 with a picture, 6 with a file."""
    archive = tmp_path_factory.mktemp("hits") / "archive.db"
    clock = Clock()
    with Night(archive, clock) as night:
        night.put_file(PHOTO, picture())
        night.put_file(f"{STORE}/lci/bang.docx", write_docx(("Danh sách hộ nhận hỗ trợ bão",)), FileRole.ATTACHMENT)
        for number in range(1, 7):
            said = article(
                f"Tin bão số {number}", f"Bão đổ bộ lần {number}. " * number, dates=(on_page(f"2024-06-0{number}"),)
            )
            if number == 1:
                said = replace(said, title="Trời nắng", body="Trời nắng, có bão xa.", byline="Hồng Hải")
            if number == 2:
                said = replace(said, category_slug="thong-bao", summary="Tóm tắt: lũ quét.", byline="Hoàng Hoà")
            if number == 5:
                said = replace(said, images=(image_ref("anh.png", "Đồng chí Lê Đình Lợi"), image_ref("mat.png")))
            if number == 6:
                said = replace(said, attachments=(file_ref("bang.docx", "Danh sách"),))
            slug = "thong-bao" if number == 2 else "tin-tuc"
            night.put(said, new_address(number, f"tin-{number}", slug))
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        changed = article("Tin bão số 3", "Bão đổ bộ, đã sửa.", dates=(on_page("2024-06-03"),))
        night.put(changed, new_address(3, "tin-3"))
        night.put_gone(new_address(4, "tin-4").url)
        leave_request(archive, OperatorRequest("removed", "article", "4", "x", "y", "2026-09-05T00:00:00Z"))
    harvest_texts(archive, Bounds(None, lambda: False))
    with closing(open_for_reading(archive)) as connection:
        yield connection


def ids(connection: sqlite3.Connection, text: str, **filters: object) -> list[int]:
    return [hit.article_id for hit in search_articles(connection, text, filters=Filters(**filters)).hits]  # type: ignore[arg-type]


def test_each_filter_selects_what_it_names(reading: sqlite3.Connection) -> None:
    (category,) = reading.execute("select id from categories where slug = 'thong-bao'").fetchone()
    assert ids(reading, "bao") == [6, 5, 4, 3, 2, 1]
    assert ids(reading, "bao", is_changed=True) == [3]
    assert ids(reading, "bao", is_removed=True) == [4]
    assert ids(reading, "bao", has_pictures=True) == [5]
    assert ids(reading, "bao", categories=(category,)) == [2]
    assert ids(reading, "bao", categories=(category, 999)) == [2]
    assert ids(reading, "bao", categories=(999,)) == []
    assert ids(reading, "bao", portal="sapa", since=date(2024, 6, 5)) == [6, 5]
    assert ids(reading, "bao", until=date(2024, 6, 1)) == [1]


def test_a_byline_is_found_as_words_are(reading: sqlite3.Connection) -> None:
    assert ids(reading, "bão", byline="hong hai") == [1]
    assert ids(reading, "", byline="hoàng hòa") == [2]
    assert ids(reading, "bão OR xyzzy", byline="hải hồng") == []
    assert ids(reading, "OR bão", byline="Hồng") == [1]


@pytest.mark.parametrize(
    ("text", "article_id", "place", "snippet"),
    [
        ("le dinh loi", 5, "captions", "Đồng chí \1Lê\2 \1Đình\2 \1Lợi\2"),
        ("lũ quét", 2, "summary", "Tóm tắt: \1lũ\2 \1quét\2."),
        ("hồng hải", 1, "byline", "\1Hồng\2 \1Hải\2"),
        ("hỗ trợ bão", 6, "files", "Danh sách hộ nhận \1hỗ\2 \1trợ\2 \1bão\2"),
        ("title:nắng", 1, "title", "Trời nắng, có bão xa."),
        ("nắng", 1, "body", "Trời \1nắng\2, có bão xa."),
    ],
)
def test_a_snippet_is_cut_where_most_of_the_words_are(
    reading: sqlite3.Connection, text: str, article_id: int, place: str, snippet: str
) -> None:
    (hit,) = search_articles(reading, text).hits
    assert (hit.article_id, hit.place, hit.snippet) == (article_id, place, snippet)
    assert (hit.file is None) == (place != "files")


def test_articles_are_listed_by_filters_alone(reading: sqlite3.Connection) -> None:
    page = list_articles(reading, limit=4)
    assert [hit.article_id for hit in page.hits] == [6, 5, 4, 3]
    assert [hit.article_id for hit in list_articles(reading, before=page.next_before).hits] == [2, 1]
    assert [hit.article_id for hit in list_articles(reading, filters=Filters(is_removed=True)).hits] == [4]
    assert search_articles(reading, "").hits == ()


def test_the_sql_gives_the_same_hits_to_anybody_with_parameters_as_text(reading: sqlite3.Connection) -> None:
    filters = Filters(portal="sapa", categories=(1,), since=date(2024, 6, 2), until=date(2024, 6, 5))
    page = search_articles(reading, "bão", filters=filters, limit=2)
    source = write_source("bão", filters, before=page.next_before)
    as_text = {name: str(value) for name, value in source.parameters.items()}
    rows = reading.execute(f"select a.id from {source.sql} order by articles_fts.rowid desc", as_text).fetchall()
    following = search_articles(reading, "bão", filters=filters, before=page.next_before)
    assert [row[0] for row in rows] == [hit.article_id for hit in following.hits] != []
    listing = write_listing(filters)
    listed = reading.execute(f"select a.id from {listing.sql} order by a.sort_key desc", listing.parameters)
    assert [row[0] for row in listed] == [hit.article_id for hit in list_articles(reading, filters=filters).hits]


def test_filters_are_answered_from_an_index_and_hits_come_in_order_of_it(reading: sqlite3.Connection) -> None:
    for filters in (Filters(portal="sapa"), Filters(categories=(1,), is_changed=True), Filters(is_removed=True)):
        source = write_source("bão", filters)
        sql = f"select a.id from {source.sql} order by articles_fts.rowid desc limit 20"
        plan = " ".join(row["detail"] for row in reading.execute(f"explain query plan {sql}", source.parameters))
        assert "TEMP B-TREE" not in plan
        listing = write_listing(filters)
        sql = f"select a.id from {listing.sql} order by a.sort_key desc limit 20"
        plan = " ".join(row["detail"] for row in reading.execute(f"explain query plan {sql}", listing.parameters))
        assert "TEMP B-TREE" not in plan, plan


def test_addresses_of_hits_are_the_portals(reading: sqlite3.Connection, tmp_path: Path) -> None:
    assert all(hit.url.startswith(BASE) for hit in search_articles(reading, "bao").hits)


SPELLED = (
    ("Quản lý đất ở Sa Pa", "Công ty lí giải: quản lí 10 m² đất. Uỷ ban nhân dân xã và thửa đất."),
    ("quan ly dat", "Cong ty ly giai o Sapa; UBND xa, thua dat va 5m2. Thu hồi đất."),
    ("Thu hoi đất", "Thư hỏi, thu hồi; thuhoi đất. Hmông, H'Mông, xã, xa, và va."),
)


@pytest.mark.parametrize("is_paired", [False, True])
def test_only_the_forms_of_a_text_that_a_search_can_mark_are_marked(
    monkeypatch: pytest.MonkeyPatch, is_paired: bool
) -> None:
    """The hits are equal to those whose texts are marked in all forms."""
    forms = list[tuple[str, ...]]()

    def note(query: str) -> list[str]:
        forms.append(tuple(list_marked_forms(query)))
        return list(forms[-1])

    with closing(open_index()) as connection:
        for number, (title, body) in enumerate(SPELLED * 3, start=1):
            put(connection, number, body if number < 7 else f"{title}. {body} {title}", title=title)
        if is_paired:
            monkeypatch.setattr(search_index, "PAIRED_FROM", 1)
        reindex_all(connection)
        for text in (
            "quản lý", "quan ly", "ly", "lý", "lí", "xã", "xa", "và", "va", "đất", "dat", "thu hồi", "thu hồi đất",
            "thu hoi dat", "sapa", "sa pa", "ubnd xã", "uỷ ban", "m²", "10 m²", "5m2", "hmông", '"thửa đất"', "thu*",
            "title:thu", "quản ly", "xã -va", "lý OR dat", "công ty quản lý đất xã", "cong ty quan ly dat xa",
        ):  # fmt: skip
            found = []
            for read in (note, lambda _query: ["folded", "toned"]):
                monkeypatch.setattr(hits_module, "list_marked_forms", read)
                found.append((search_articles(connection, text).hits, search_by_tier(connection, text).hits))
            assert found[0] == found[1], text
    assert {("folded",), ("toned",)} < set(forms)
