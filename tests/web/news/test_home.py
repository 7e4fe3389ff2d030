"""The home page: what is new, what changed and what went away, how much there is, and how the last night went."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.language.dates import to_iso_utc
from crawler.web.data.bar_charts import MOST_LABELS, draw_months
from crawler.web.http_cache import Counted
from tests.support.build import FIRST_NIGHT, Clock, Night, article, make_archive, new_address, read_rows
from tests.support.past_archive import AWAY, EDITED, GONE, SUMS, open_past
from tests.support.web_archive import FILLERS, Site, open_site, words_of

CARD = re.compile(r'<h3 lang="vi"><a href="/article/(\d+)')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("home")) as opened:
        yield opened


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_past(tmp_path_factory.mktemp("past")) as opened:
        yield opened


def section(page: str, name: str) -> str:
    return page.partition(f'<h2 id="{name}">')[2].partition("</section>")[0]


def test_home_shows_search_box_latest_articles_counts_and_last_crawl(site: Site) -> None:
    page = site.get("/").text
    assert 'name="q"' in page
    assert len(CARD.findall(page)) == 12
    assert f"<b>{FILLERS + 4}</b> bài" in page
    assert "chưa đủ" in page
    assert "một trang &lt;b&gt;thiếu&lt;/b&gt;" in page


def test_home_leads_to_the_tools_before_its_lists(site: Site) -> None:
    top = site.get("/").text.partition('<h2 id="latest">')[0].partition("<main")[2]
    assert all(f'href="/{name}"' in top for name in ("draft", "sums", "authors"))


def test_home_orders_articles_by_date_newest_first(site: Site) -> None:
    # 3 has no date and was found by the first crawl, so it may have any age.
    latest = [int(number) for number in CARD.findall(site.get("/").text)]
    assert latest[:3] == [2, 1, 4]
    assert 3 not in latest


def test_home_leads_with_no_article_without_a_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_archive(tmp_path, nights=2)
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT + timedelta(days=2)))
    with closing(Site(archive)) as site:
        latest = [title_of(archive, number) for number in CARD.findall(site.get("/").text)]
    assert latest[:2] == ["Một", "Hai"]
    assert "Mới" in latest[2:]


def title_of(archive: Path, number: str) -> str:
    return str(read_rows(archive, "select title from articles where id = ?", int(number))[0][0])


def test_home_says_in_a_sentence_how_the_last_night_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT + timedelta(days=6, hours=8)))
    with open_past(tmp_path) as past:
        assert "Đêm 08/09/2026: thu thập đủ. 0 bài mới, 0 bài bị sửa, 0 bài bị gỡ" in words_of(past.get("/").text)
        assert (
            "The night of 8 Sep 2026: complete. 0 new, 0 changed, 0 removed; 0 addresses could not be fetched."
            in words_of(past.get("/?lang=en").text)
        )
        assert past.get("/health").json()["portals"][0]["verdict"] == "complete"


def test_home_counts_all_runs_of_the_last_night(tmp_path: Path) -> None:
    """Only the last run was counted: what an earlier one of the same night brought was told as nothing."""
    archive, clock = tmp_path / "archive.db", Clock()
    for texts in ((), ("một", "hai", "ba"), ("một", "hai đã sửa", "ba"), ("một", "hai đã sửa", "ba")):
        with Night(archive, clock) as night:
            for number, text in enumerate(texts):
                night.put(article("Tin", text), new_address(number + 1))
            night.walked()
        clock.go_on(hours=1 if texts else 24)
    site = Site(archive)
    try:
        assert "3 bài mới, 1 bài bị sửa, 0 bài bị gỡ" in words_of(site.get("/").text)
        (row,) = read_rows(archive, "select articles_new, articles_changed from nights where night = '2026-09-03'")
        assert row == (3, 1)
    finally:
        site.close()


def test_home_never_says_complete_beside_missed_nights(past: Site) -> None:
    # The last run was complete, and is months ago: `/health`, `status`, messages and this page say the same.
    said = words_of(past.get("/").text)
    assert "Lần cuối thu thập trọn vẹn là đêm 08/09/2026; từ đó có vấn đề." in said
    assert "thu thập đủ" not in said
    assert "complete" not in words_of(past.get("/?lang=en").text)
    health = past.get("/health").json()
    assert health["portals"][0]["verdict"] == "night-missed"
    assert health["problems"][0]["kind"] == "night-missed"


def test_home_names_what_changed_with_its_numbers_and_leads_to_the_comparison(past: Site) -> None:
    changed = section(past.get("/").text, "changed")
    assert changed.count("<li><a") == 1
    assert f'href="/article/{EDITED}/diff/2..3"' in changed
    assert SUMS[1] in changed
    assert 'href="/changes"' in changed


def test_home_names_what_went_away(past: Site) -> None:
    gone = section(past.get("/").text, "gone")
    assert f'href="/article/{GONE}"' in gone
    assert f'href="/article/{AWAY}"' not in gone
    assert 'href="/removed"' in gone


def test_home_names_what_is_missed_before_it_is_certain(tmp_path: Path) -> None:
    with open_past(tmp_path, nights=4) as early:
        gone = section(early.get("/").text, "gone")
        assert {f'href="/article/{number}"' in gone for number in (GONE, AWAY)} == {True}
        assert "Đang kiểm tra" in gone


def test_home_of_an_archive_without_articles_says_so(tmp_path: Path) -> None:
    with Night(tmp_path / "archive.db", Clock()):
        pass
    site = Site(tmp_path / "archive.db")
    try:
        page = site.get("/")
        assert page.status_code == 200
        assert "Kho chưa có bài nào." in page.text
    finally:
        site.close()


def test_months_lead_to_the_articles_of_that_month(site: Site) -> None:
    page = site.get("/").text
    assert 'href="/search?since=2024-05-01&amp;until=2024-05-31"' in page
    table = page.partition('<table class="months">')[2].partition("</table>")[0]
    assert "(5/2024)" in table
    # 31 of the fillers, one a day from 1 January 2022 on.
    assert '>31<span class="visually-hidden"> (1/2022)' in table
    assert "1 bài không rõ ngày đăng" in page


@pytest.mark.parametrize(
    ("language", "many", "one"),
    [("vi", "01/2022: 31 bài", "05/2024: 1 bài"), ("en", "Jan 2022: 31 articles", "May 2024: 1 article")],
)
def test_every_bar_says_its_month_and_its_count(site: Site, language: str, many: str, one: str) -> None:
    page = site.get(f"/?lang={language}").text
    said = re.findall(r'tabindex="-1"><title>([^<]*)</title>', page)
    assert many in said
    assert one in said
    assert not [title for title in said if "{" in title]


def test_chart_holds_every_month_between_the_first_and_the_last() -> None:
    chart = draw_months({"2024-11": 2, "2025-02": 8})
    assert chart is not None
    assert [(bar.month, bar.count) for bar in chart.bars] == [
        ("2024-11", 2), ("2024-12", 0), ("2025-01", 0), ("2025-02", 8),
    ]  # fmt: skip
    assert (chart.most.month, chart.earlier) == ("2025-02", 0)
    assert [(year.year, year.count) for year in chart.years] == [("2025", 8), ("2024", 2)]
    assert chart.bars[-1].height == 120
    assert (chart.bars[1].height, chart.bars[0].until) == (0, "2024-11-30")


def test_chart_of_a_long_time_counts_what_it_does_not_draw() -> None:
    chart = draw_months({"1990-01": 5, "2001-01": 1, "2026-01": 3, "nonsense": 9})
    assert chart is not None
    assert len(chart.bars) == MOST_LABELS
    assert chart.earlier == 6


def test_chart_of_nothing_is_none() -> None:
    assert draw_months({}) is None
    assert draw_months({"2024-13": 4}) is None


def test_figures_are_counted_anew_only_when_the_archive_changed_and_they_are_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "a.db"
    archive.write_bytes(b"1")
    counted: Counted[int] = Counted()
    counts = iter(range(10))
    assert counted.read(archive, lambda: next(counts)) == 0
    monkeypatch.setattr("crawler.web.http_cache.STALE_SECONDS", 0.0)
    assert counted.read(archive, lambda: next(counts)) == 0
    archive.write_bytes(b"12")
    assert counted.read(archive, lambda: next(counts)) == 1
    monkeypatch.setattr("crawler.web.http_cache.STALE_SECONDS", 3600.0)
    archive.write_bytes(b"123")
    assert counted.read(archive, lambda: next(counts)) == 1
