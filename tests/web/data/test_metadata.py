"""The metadata beside the data: complete, true to the schema, and every canned query runs."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from crawler.archive.database import open_for_writing
from crawler.export.data_dictionary import read_metadata
from crawler.locale import describe_in_each
from tests.support.web_archive import NEW, SHA, Site, open_site

ROOT = Path(__file__).parents[3]
SHADOW = re.compile("articles_fts_(config|content|data|docsize|idx)|sqlite_.*")
ARCHIVE: dict[str, Any] = read_metadata()["databases"]["archive"]
EXPECTED = {
    "full_text_search": ({"q": "le dinh loi"}, 1),
    "articles_per_month": ({}, 5),
    "latest_revisions": ({}, 1),
    "removed_articles": ({}, 1),
    "articles_without_date": ({}, 1),
    "dates_by_source": ({}, 3),
    "conflicting_dates": ({}, 0),
    "crawls_and_what_they_missed": ({}, 1),
    "errors_by_kind": ({}, 1),
    "picture_reuse": ({}, 1),
    "bylines": ({}, 2),
    "units_of_bylines": ({}, 1),
    "captures_of_a_url": ({"url": NEW}, 0),
    "articles_a_month": ({}, 5),
    "share_revised_by_category": ({}, 2),
    "share_revised_by_month": ({}, 5),
    "share_removed_by_category": ({}, 2),
    "numbers_changed": ({"kind": "money"}, 0),
    "sums_above": ({"dong": "1"}, 0),
    "lives_before_removal": ({}, 1),
    "unlisted_but_answering": ({}, 0),
    "documents_cited_most": ({}, 1),
    "articles_citing_a_document": ({"number": "25-NQ/TW"}, 1),
    "hosts_linked_most": ({"period": "2024"}, 0),
    "doubtful_texts": ({}, 0),
    "bylines_by_year": ({"year": "2024"}, 2),
    "articles_with_a_picture": ({"sha256": SHA["png"].upper()}, 2),
    "pages_missed_by_night": ({"what": "listing"}, 1),
    "nights_and_outcomes": ({}, 1),
    "text_on_a_day": ({"address": f"{NEW}?fbclid=x", "day": "2026-08-30"}, 1),
    "articles_on_a_day": ({"day": "2026-08-30", "category": "tin-tuc"}, 40),
    "same_title_over_the_years": ({"title": "Thông báo số 7"}, 1),
    "titles_that_return": ({}, 0),
    "event_to_posting": ({}, 0),
    "posting_to_archive": ({}, 2),
    "vanished_and_returned": ({}, 0),
    "returns_and_put_backs": ({}, 0),
    "what_changed_in_a_month": ({"month": "2026-08"}, 1),
    "edited_within_days": ({"days": "0"}, 1),
    "until_an_edit_is_seen": ({}, 1),
    "sums_by_month": ({"dong": "1"}, 0),
    "listed_but_not_held": ({}, 0),
    "captures_by_status": ({"runs": "9"}, 1),
    "pictures_and_files_not_held": ({}, 2),
    "unread_attachments": ({}, 0),
    "words_by_year": ({}, 2),
    "share_returned": ({}, 0),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("metadata")) as opened:
        yield opened


def read_schema(connection: sqlite3.Connection) -> dict[str, list[str]]:
    names = [row[0] for row in connection.execute("select name from sqlite_master where type in ('table', 'view')")]
    return {
        name: [row[1] for row in connection.execute(f"pragma table_info([{name}])")]
        for name in names
        if not SHADOW.fullmatch(name)
    }


def test_every_table_view_and_column_is_described_and_no_other(tmp_path: Path) -> None:
    with closing(open_for_writing(tmp_path / "a.db")) as connection:
        schema = read_schema(connection)
    described = {name: list(table["columns"]) for name, table in ARCHIVE["tables"].items()}
    assert set(described) == set(schema)
    for name, columns in schema.items():
        assert set(described[name]) == set(columns), name
        assert ARCHIVE["tables"][name]["description"].strip()
        assert all(text.strip() for text in ARCHIVE["tables"][name]["columns"].values())


def test_every_description_is_in_both_languages_and_no_other_is() -> None:
    tables = ARCHIVE["tables"].values()
    english = {ARCHIVE["title"], ARCHIVE["description"], read_metadata()["title"], read_metadata()["description"]}
    english |= {read_metadata()["source"], read_metadata()["about"]}
    english |= {text for table in tables for text in (table["description"], *table["columns"].values())}
    known = json.loads((ROOT / "crawler/locale/vi/descriptions.json").read_text(encoding="utf-8"))
    assert (english - set(known), set(known) - english) == (set(), set())
    for query in ARCHIVE["queries"].values():
        for words in (query["title"], query["description"]):
            assert [language for language, _ in describe_in_each(words)] == ["vi", "en"]


def test_the_dashboard_names_each_question_in_the_language_of_the_page(site: Site) -> None:
    pages = {language: site.get(f"/dashboard?lang={language}").text for language in ("vi", "en")}
    for name, query in ARCHIVE["queries"].items():
        for language, title in describe_in_each(query["title"]):
            assert f'href="/archive/{name}">{title}</a>' in pages[language]


def test_a_table_page_describes_itself_in_both_languages(site: Site) -> None:
    page = site.get("/archive/articles").text
    for words in ('<span lang="vi">Mỗi bài một dòng', '<span lang="en">One row per article'):
        assert words in page
    described = page.partition('<dl class="column-descriptions">')[2].partition("</dl>")[0]
    assert '<span lang="vi">Số từ của nội dung' in described
    assert '<span lang="en">Words of body' in described
    assert 'data-column-description="Số từ của nội dung, tách theo khoảng trắng / Words of body' in page
    assert '<span lang="vi">Dòng tác giả như bài ghi' in site.get("/archive/bylines").text


def test_metadata_claims_no_licence_and_sets_no_units() -> None:
    metadata = read_metadata()
    assert "license" not in metadata
    assert metadata["source"]
    assert "no licence" in metadata["about"]
    assert '"units"' not in json.dumps(metadata)


def test_data_dictionary_says_the_same() -> None:
    text = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    for name, table in ARCHIVE["tables"].items():
        section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        assert table["description"] in section, name
        for column, description in table["columns"].items():
            assert f"| `{column}` | {description.replace('|', chr(92) + '|')} |" in section, (name, column)
    assert set(re.findall(r"^## (\w+)$", text, re.MULTILINE)) == set(ARCHIVE["tables"])
    for name, query in ARCHIVE["queries"].items():
        assert f"| `{name}` | {query['title']}. {query['description']} |" in text, name


def test_every_canned_query_is_described_and_expected() -> None:
    assert set(ARCHIVE["queries"]) == set(EXPECTED)
    for query in ARCHIVE["queries"].values():
        assert query["title"]
        assert query["description"]


@pytest.mark.parametrize("name", EXPECTED)
def test_canned_query_runs_and_finds(site: Site, name: str) -> None:
    parameters, least = EXPECTED[name]
    rows = site.get(f"/archive/{name}.json?{urlencode({**parameters, '_shape': 'array'})}")
    assert rows.status_code == 200, rows.text
    assert isinstance(rows.json(), list)
    assert len(rows.json()) >= least
    assert site.get(f"/archive/{name}?{urlencode(parameters)}").status_code == 200
    assert site.get(f"/archive/{name}").status_code == 200


def test_crawl_query_names_what_was_missed(site: Site) -> None:
    row = site.get("/archive/crawls_and_what_they_missed.json?_shape=array").json()[0]
    assert row["errors_by_kind"] == "http-404 × 1"
    assert row["listings_missed"].endswith("page 3")


def test_datasettes_own_search_finds_without_marks_and_only_matches(site: Site) -> None:
    for query in ("le dinh loi", "Lê Đình Lợi", "hoà giải"):
        rows = site.get(f"/archive/articles.json?{urlencode({'_search': query, '_shape': 'array'})}").json()
        assert [row["id"] for row in rows] == [1]
    assert site.get("/archive/articles.json?_search=xyzzy&_shape=array").json() == []


@pytest.mark.parametrize("query", ['"', "*", "AND", "25-NQ/TW", 'a" OR (', "\x00"])
def test_datasettes_own_search_takes_any_string(site: Site, query: str) -> None:
    assert site.get(f"/archive/articles?{urlencode({'_search': query})}").status_code == 200


def test_tables_are_sorted_hidden_and_labelled(site: Site) -> None:
    rows = site.get("/archive/articles.json?_shape=array&_size=2").json()
    assert rows[0]["sort_key"] > rows[1]["sort_key"]
    tables = {table["name"]: table["hidden"] for table in site.get("/archive.json?_show_hidden=1").json()["tables"]}
    assert {name for name, hidden in tables.items() if hidden} >= {"_sqlite_migrations", "search_meta", "articles_fts"}
    assert "articles_fts_data" not in tables
    assert not tables["frontier"]
    assert not tables["articles"]


@pytest.mark.parametrize("table", ARCHIVE["tables"])
def test_every_table_page_opens(site: Site, table: str) -> None:
    assert site.get(f"/archive/{table}").status_code == 200
    assert site.get(f"/archive/{table}.json?_size=1").status_code == 200


def test_every_query_may_use_the_sql_functions(site: Site) -> None:
    sql = "select fold('Lê Đình Lợi') as folded, fts_query(null) as matches_none"
    assert site.get(f"/archive.json?{urlencode({'sql': sql, '_shape': 'array'})}").json() == [
        {"folded": "le dinh loi", "matches_none": '""'}
    ]


def test_tables_lead_to_the_sites_pages(site: Site) -> None:
    assert 'href="/article/1"' in site.get("/archive/articles").text
    assert 'src="/thumbnail/' in site.get("/archive/images").text
    assert 'href="/capture/1"' in site.get("/archive/captures?_sort=id").text


@pytest.mark.parametrize(("what", "names"), [("picture", ["mat.png"]), ("attachment", ["mat.pdf"])])
def test_pictures_and_files_that_are_not_held_are_listed_by_their_address(
    site: Site, what: str, names: list[str]
) -> None:
    rows = site.get(f"/archive/pictures_and_files_not_held.json?what={what}&_shape=array").json()
    assert [(row["article_id"], row["url"].rpartition("/")[2]) for row in rows] == [(1, name) for name in names]
    assert {row["what"] for row in rows} == {what}
