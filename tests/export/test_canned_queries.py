"""Each canned query gives the known answer to its question, over six nights."""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.database import open_for_reading
from crawler.export.data_dictionary import read_queries
from crawler.items import FoundDate
from tests.support.archives.told_articles import LONG, NEVER_HAD, NEWS, SUM_AFTER, TOLD, crawl_told
from tests.support.build import BASE, Clock, Night, article, file_ref, image_ref, new_address, on_page


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    archive = tmp_path_factory.mktemp("queries") / "archive.db"
    crawl_told(archive)
    opened = open_for_reading(archive)
    yield opened
    opened.close()


def ask(connection: sqlite3.Connection, name: str, **parameters: str) -> list[dict[str, Any]]:
    given = defaultdict(str, parameters)
    return [dict(row) for row in connection.execute(read_queries()[name].sql, given)]


def test_without_a_month_the_changes_of_the_latest_one_are_listed(connection: sqlite3.Connection) -> None:
    found = ask(connection, "what_changed_in_a_month")
    assert {row["what"] for row in found} == {"revised", "removed"}
    assert found == ask(connection, "what_changed_in_a_month", month="2026-09")


def test_articles_a_month_count_inferred_dates_separately(connection: sqlite3.Connection) -> None:
    stated = Counter(told.day[:7] for told in TOLD.values() if told.day and told.found_in == "page")
    inferred = Counter(told.day[:7] for told in TOLD.values() if told.day and told.found_in == "file-name")
    found = ask(connection, "articles_a_month")
    assert {row["month"]: (row["with_stated_date"], row["with_inferred_date"], row["articles"]) for row in found} == {
        month: (stated[month], inferred[month], stated[month] + inferred[month]) for month in {*stated, *inferred}
    }
    assert [row["month"] for row in found] == sorted((row["month"] for row in found), reverse=True)
    assert ask(connection, "articles_a_month", portal="another") == []


def test_articles_per_month_and_category(connection: sqlite3.Connection) -> None:
    rows = ask(connection, "articles_per_month")
    found = {(row["month"], row["category"]): (row["articles"], row["of_these_inferred"]) for row in rows}
    assert found[("2026-07", "tin-tuc")] == (3, 1)
    assert found[("2024-03", "thong-bao")] == (1, 0)
    assert sum(articles for articles, _ in found.values()) == len(TOLD) - 1


def test_share_revised_by_category(connection: sqlite3.Connection) -> None:
    found = {row["category"]: row for row in ask(connection, "share_revised_by_category")}
    assert (found["tin-tuc"]["articles"], found["tin-tuc"]["revised"]) == (9, 2)
    assert found["tin-tuc"]["share_revised"] == round(2 / 9, 4)
    assert found["thong-bao"]["share_revised"] == 0


def test_share_removed_by_category_and_month(connection: sqlite3.Connection) -> None:
    found = {row["category"]: row["share_removed"] for row in ask(connection, "share_removed_by_category")}
    assert found == {"tin-tuc": round(1 / 9, 4), "thong-bao": 0}
    by_month = {row["month"]: row for row in ask(connection, "share_revised_by_month")}
    august = by_month["2026-08"]
    assert (august["articles"], august["revised"], august["removed"]) == (5, 1, 1)


def test_numbers_changed_give_both_values_and_the_interval(connection: sqlite3.Connection) -> None:
    (row,) = ask(connection, "numbers_changed")
    assert (row["article_id"], row["kind"], row["field"]) == (TOLD["sum"].article_id, "money", "body")
    assert (row["before"], row["after"]) == ("12.000.000 đồng", "15.000.000 đồng")
    assert (row["before_seen_at"], row["after_seen_at"]) == ("2026-09-01T18:30:00Z", "2026-09-02T18:30:00Z")
    assert ask(connection, "numbers_changed", kind="money") == [row]
    assert ask(connection, "numbers_changed", kind="date") == []


def test_what_was_edited_early_and_when_it_was_seen(connection: sqlite3.Connection) -> None:
    """Seen first on the 2nd: a sum changed on the 3rd, a file came on the 5th; the latest night is the 7th."""
    for days, edited in (("1", 1), ("3", 2), ("5", 2)):
        found = {row["category"]: row for row in ask(connection, "edited_within_days", days=days)}
        assert (found["tin-tuc"]["watched"], found["tin-tuc"]["edited"]) == (9, edited), days
        assert found["thong-bao"]["share_edited"] == 0
    assert ask(connection, "edited_within_days", days="6") == []
    rows = ask(connection, "until_an_edit_is_seen")
    assert [(row["article_id"], row["days_most"], row["days_after_first"]) for row in rows] == [
        (TOLD["plain"].article_id, 3, 3),
        (TOLD["sum"].article_id, 1, 1),
    ]


def test_sums_of_articles_as_they_are_now_by_month_and_year(connection: sqlite3.Connection) -> None:
    found = ask(connection, "sums_by_month", dong="1000000")
    assert [(row["year"], row["month"], row["articles"], row["sums"], row["dong"]) for row in found] == [
        ("2026", "2026-08", 1, 1, 15_000_000),
        ("2026", None, 1, 1, 15_000_000),
    ]
    assert ask(connection, "sums_by_month", dong="15000001") == []


@pytest.mark.parametrize(("typed", "found"), [("15.000.000", 1), ("15 000 000", 1), ("", 0), ("1 tỷ", 0), ("-1", 0)])
@pytest.mark.parametrize("name", ["sums_above", "sums_by_month"])
def test_size_of_sums_is_read_as_a_whole_number_or_not_at_all(
    connection: sqlite3.Connection, name: str, typed: str, found: int
) -> None:
    """A form that was just opened asks for a billion; "1 tỷ" was taken for one đồng, and gave all sums."""
    rows = ask(connection, name, dong=typed) if name == "sums_by_month" else ask(connection, name, dong=typed, rates="")
    assert len({row["dong"] for row in rows}) == found


def test_queries_that_were_just_opened_ask_for_a_week_and_for_ten_runs(connection: sqlite3.Connection) -> None:
    """Without a number they said that no article was edited, and that there is no capture."""
    assert ask(connection, "edited_within_days", days="") == ask(connection, "edited_within_days", days="7")
    assert ask(connection, "captures_by_status", runs="") == ask(connection, "captures_by_status", runs="10") != []


def test_what_is_listed_and_not_held_and_what_came_back(connection: sqlite3.Connection) -> None:
    assert [row["url"] for row in ask(connection, "listed_but_not_held")] == [NEVER_HAD.url]
    (row,) = ask(connection, "share_returned")
    assert (row["absent"], row["returned"], row["removed_now"], row["share_returned"]) == (2, 1, 1, 0.5)


def test_captures_by_status_and_words_by_year_count_all(connection: sqlite3.Connection) -> None:
    captures = {row["status"]: row["captures"] for row in ask(connection, "captures_by_status", runs="99")}
    assert captures == dict(connection.execute("select status, count(*) from captures group by 1").fetchall())
    assert {404, 410} < set(captures)
    years = {row["year"]: row["articles"] for row in ask(connection, "words_by_year")}
    assert years == {"2023": 1, "2024": 1, "2025": 1, "2026": 8, None: 1}
    assert ask(connection, "words_by_year", portal="another") == []


def test_life_before_removal_has_a_lower_and_an_upper_bound(connection: sqlite3.Connection) -> None:
    (row,) = ask(connection, "lives_before_removal")
    posted, seen, missed = date(2026, 8, 25), date(2026, 9, 2), date(2026, 9, 3)
    assert row["article_id"] == TOLD["gone"].article_id
    assert (row["life_days_least"], row["life_days_most"]) == ((seen - posted).days, (missed - posted).days)
    assert (row["watched_days_least"], row["watched_days_most"]) == (0, 1)
    assert (row["last_seen_on"], row["missed_on"]) == (seen.isoformat(), missed.isoformat())


def test_articles_that_left_their_category_but_still_answer(connection: sqlite3.Connection) -> None:
    (row,) = ask(connection, "unlisted_but_answering")
    assert (row["article_id"], row["listing"]) == (TOLD["left"].article_id, NEWS)
    assert (row["unlisted_on"], row["last_answered_on"]) == ("2026-09-03", "2026-09-03")


def test_documents_cited_most_count_each_article_once(connection: sqlite3.Connection) -> None:
    found = {row["number"]: row["articles"] for row in ask(connection, "documents_cited_most")}
    assert found == {"25-NQ/TW": 2, "12/QĐ-UBND": 1, "10/TB-UBND": 1, "11/TB-UBND": 1, "12/TB-UBND": 1}
    assert ask(connection, "documents_cited_most")[0]["number"] == "25-NQ/TW"
    citing = {row["article_id"] for row in ask(connection, "articles_citing_a_document", number=" 25-NQ/TW ")}
    assert citing == {TOLD["other"].article_id, TOLD["inferred"].article_id}


def test_bylines_a_year_join_spellings_but_not_names(connection: sqlite3.Connection) -> None:
    found = [(row["year"], row["articles"], row["byline"]) for row in ask(connection, "bylines_by_year", year="2026")]
    assert [(year, articles) for year, articles, _ in found] == [("2026", 3), ("2026", 1)]
    assert found[0][2] in ("Lê Hòa", "LÊ HOÀ")
    assert found[1][2] == "Lê Hoa"
    assert {row["articles"] for row in ask(connection, "bylines")} == {3, 1}


def test_pictures_reused_most(connection: sqlite3.Connection) -> None:
    (row,) = ask(connection, "picture_reuse")
    ids = sorted(TOLD[name].article_id for name in ("plain", "spelt", "undated"))
    assert (row["articles"], row["article_ids"]) == (3, ",".join(map(str, ids)))
    found = ask(connection, "articles_with_a_picture", sha256=row["image_sha256"].upper())
    assert {(one["article_id"], one["caption"]) for one in found} == {
        (TOLD["plain"].article_id, "Ảnh một"),
        (TOLD["spelt"].article_id, "Ảnh khác"),
        (TOLD["undated"].article_id, None),
    }


def test_dates_by_source_and_articles_without_a_date(connection: sqlite3.Connection) -> None:
    found = {row["published_from"]: row["articles"] for row in ask(connection, "dates_by_source")}
    assert found == {"page": len(TOLD) - 2, "file-name": 1, "none": 1}


def test_which_night_missed_which_pages(connection: sqlite3.Connection) -> None:
    found = ask(connection, "pages_missed_by_night")
    assert {(row["night"], row["what"], row["url"]) for row in found if row["what"] != "gone"} == {
        ("2026-09-04", "listing", NEWS),
        ("2026-09-04", "article", NEVER_HAD.url),
        ("2026-09-05", "file", image_ref("dead.png").url),
    }
    gone = {(row["night"], row["url"]) for row in found if row["what"] == "gone"}
    assert ("2026-09-05", TOLD["gone"].place.url) in gone
    assert len(gone) == 5
    assert len(ask(connection, "pages_missed_by_night", night="2026-09-04", what="listing")) == 1


def test_nights_without_a_run_are_named(connection: sqlite3.Connection) -> None:
    found = {row["night"]: row["runs"] for row in ask(connection, "nights_and_outcomes")}
    assert found == {f"2026-09-0{day}": int(day != 6) for day in range(2, 8)}


@pytest.mark.parametrize(
    ("name", "day", "standing"),
    [
        ("sum", "2026-09-02", "confirmed"),
        ("sum", "2026-09-05", "confirmed"),
        ("sum", "2026-10-01", "since-unseen"),
        ("plain", "2026-09-04", "between"),
        ("gone", "2026-09-02", "confirmed"),
        ("gone", "2026-09-03", "absent"),
        ("back", "2026-09-04", "absent"),
        ("back", "2026-09-05", "confirmed"),
    ],
)
def test_text_on_a_day(connection: sqlite3.Connection, name: str, day: str, standing: str) -> None:
    told = TOLD[name]
    for address in (str(told.article_id), told.place.url, f" {told.place.url}?fbclid=abc"):
        (row,) = ask(connection, "text_on_a_day", address=address, day=day)
        assert (row["article_id"], row["standing"]) == (told.article_id, standing)
    if name == "sum":
        assert row["body"] == (told.read().body if day == "2026-09-02" else SUM_AFTER)


def test_text_on_a_day_before_the_first_sight_is_unknown(connection: sqlite3.Connection) -> None:
    assert ask(connection, "text_on_a_day", address=TOLD["sum"].place.url, day="2026-09-01") == []
    assert ask(connection, "text_on_a_day", address="no such article", day="2026-09-05") == []


def test_articles_on_a_day(connection: sqlite3.Connection) -> None:
    found = {row["article_id"] for row in ask(connection, "articles_on_a_day", day="2026-09-03", category="tin-tuc")}
    news = {told.article_id for told in TOLD.values() if told.category == "tin-tuc"}
    assert found == news - {TOLD["gone"].article_id, TOLD["back"].article_id}
    early = ask(connection, "articles_on_a_day", day="2024-12-31")
    assert {(row["article_id"], row["evidence"]) for row in early} == {
        (TOLD["y2023"].article_id, "dated"),
        (TOLD["y2024"].article_id, "dated"),
    }


def test_how_one_title_differs_from_year_to_year(connection: sqlite3.Connection) -> None:
    rows = ask(connection, "same_title_over_the_years", title="thong bao tuyen dung")
    assert [row["year"] for row in rows] == ["2023", "2024", "2025"]
    first, second, third = rows
    assert (first["new_paragraphs"], first["documents"]) == (None, "10/TB-UBND")
    assert second["new_paragraphs"] == "Tuyển 5 viên chức.\n\nTheo 11/TB-UBND."
    assert second["dropped_paragraphs"] == "Tuyển 3 viên chức.\n\nTheo 10/TB-UBND."
    assert (third["paragraphs_kept"], third["new_paragraphs"]) == (2, "Theo 12/TB-UBND.")
    assert ask(connection, "same_title_over_the_years", title="") == []
    (series,) = ask(connection, "titles_that_return")
    assert (series["years"], series["articles"], series["first_year"], series["last_year"]) == (3, 3, "2023", "2025")


def test_days_from_an_event_to_its_posting(connection: sqlite3.Connection) -> None:
    (row,) = ask(connection, "event_to_posting")
    assert (row["articles"], row["median_days"], row["mean_days"]) == (1, 4, 4.0)
    days = [told.day for told in TOLD.values() if told.day and told.category == "tin-tuc"]
    delays = [(date(2026, 9, 2) - date.fromisoformat(day)).days for day in days]
    (row,) = [row for row in ask(connection, "posting_to_archive") if row["category"] == "tin-tuc"]
    assert (row["articles"], row["least_days"], row["most_days"]) == (len(delays), min(delays), max(delays))
    assert row["median_days"] == sorted(delays)[(len(delays) - 1) // 2]


def test_vanished_and_returned_with_the_days_between(connection: sqlite3.Connection) -> None:
    (row,) = ask(connection, "vanished_and_returned")
    assert row["article_id"] == TOLD["back"].article_id
    assert (row["first_missed_on"], row["last_missed_on"]) == ("2026-09-03", "2026-09-04")
    assert row["returned_on"] == "2026-09-05"
    assert (row["days_least"], row["days_most"]) == (1, 3)


def test_hosts_outside_the_portal_are_counted_by_article_and_by_link(archive: Path, clock: Clock) -> None:
    links = {
        1: (f"{BASE}/gioi-thieu", "https://Chinhphu.vn/a?b=1", "http://chinhphu.vn", "https://baolaocai.vn:443/tin"),
        2: ("https://chinhphu.vn/x#y", file_ref("ke-hoach.pdf").url, "mailto:a@b.vn"),
        3: ("https://khac.vn/",),
    }
    with Night(archive, clock) as night:
        for number, targets in links.items():
            html = "".join(f'<p><a href="{target}">đây</a></p>' for target in targets)
            day = FoundDate(date(2026, 7 if number < 3 else 6, number), "page")
            files = (file_ref("ke-hoach.pdf"),) if number == 2 else ()
            said = article(f"Tin {number}", LONG, body_html=html, dates=(day,), attachments=files)
            night.put(said, new_address(number, "bai"))
    with closing(open_for_reading(archive)) as connection:
        for period in ("2026-07", ""):
            rows = ask(connection, "hosts_linked_most", period=period)
            found = [(row["host"], row["articles"], row["links"]) for row in rows]
            assert found == [("chinhphu.vn", 2, 3), ("baolaocai.vn", 1, 1)]
        assert len(ask(connection, "hosts_linked_most", period="2026")) == 3


def test_a_date_learnt_later_moves_an_article_to_its_year(archive: Path, clock: Clock) -> None:
    place = new_address(1, "bai")
    with Night(archive, clock) as night:
        night.put(article("Tin", LONG, byline="A B"), place)
        assert night.value("select year from byline_years") is None
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put(article("Tin", LONG, byline="A B", dates=(on_page("2026-09-02"),)), place)
        assert night.value("select year from byline_years") == "2026"


def test_days_are_compared_before_articles_are_read(connection: sqlite3.Connection) -> None:
    plan = [row[3] for row in connection.execute(f"explain query plan {read_queries()['conflicting_dates'].sql}")]
    assert plan[0] == "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)"
