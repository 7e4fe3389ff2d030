"""The dashboard: its charts are drawn from the SQL that it shows, with figures in a table."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from crawler.export.data_dictionary import read_queries
from crawler.web.data.bar_charts import COLUMNS_HEIGHT, BarChart, draw_columns, draw_months, list_months
from crawler.web.data.dashboard import read_charts
from crawler.web.data.query_groups import GROUPS
from tests.support.build import BASE, Clock, Night, article_page
from tests.support.web_archive import Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("dashboard")) as opened:
        yield opened


@pytest.mark.parametrize(
    "path", ["/dashboard", "/dashboard?lang=en", "/dashboard?portal=huyen", "/dashboard?portal=%22%3E"]
)
def test_the_dashboard_shows_charts_and_runs_no_script(site: Site, path: str) -> None:
    page = site.get(path)
    assert page.status_code == 200
    assert page.text.count("<svg") >= 2
    assert "<script" not in page.text
    assert page.text.count("<table") == page.text.count("<svg")


def test_months_and_nights_are_written_as_the_language_does(site: Site) -> None:
    assert '<th scope="row">05/2024</th>' in site.get("/dashboard").text
    assert '<th scope="row">May 2024</th>' in site.get("/dashboard?lang=en").text
    for path in ("/dashboard", "/dashboard?lang=en"):
        assert re.search(r'y="198">\d{4}-\d\d', site.get(path).text) is None


def test_the_ready_made_questions_are_led_to_before_the_charts(site: Site) -> None:
    page = site.get("/dashboard").text
    assert '<a href="#queries">Các câu hỏi có sẵn</a>' in page.partition("<h2")[0]
    assert '<h2 id="queries">' in page


def test_the_ready_made_questions_are_grouped_by_what_they_answer(site: Site) -> None:
    named = [name for names in GROUPS.values() for name in names]
    assert sorted(named) == sorted(read_queries())
    for path, heading in (("/dashboard", "Bài bị sửa"), ("/dashboard?lang=en", "Edits")):
        part = site.get(path).text.partition(f">{heading}</h3>")[2].partition("<h3")[0]
        assert tuple(re.findall(r'href="/archive/(\w+)"', part)) == GROUPS["edits"]


def test_every_chart_leads_to_its_sql_which_runs(site: Site) -> None:
    links = re.findall(r'href="(/archive(?:\.csv)?\?sql=[^"]+)"', site.get("/dashboard?portal=huyen").text)
    assert len(links) == 10
    for link in links:
        assert site.get(unescape(link)).status_code == 200


def test_stacked_bars_are_as_high_as_their_values() -> None:
    figure = draw_columns(
        {"2024-01": {"a": 3, "b": 1}, "2024-02": {"b": 4}}, ("a", "b", "c"), labels=["2024-01", "2024-02"]
    )
    assert figure is not None
    assert figure.series == ("a", "b")
    assert figure.totals == (3, 5)
    first, second = figure.groups
    assert [round(bar.height / COLUMNS_HEIGHT, 3) for bar in first.bars] == [0.6, 0.2]
    assert first.bars[1].y + first.bars[1].height == pytest.approx(first.bars[0].y)
    assert second.bars[0].height == pytest.approx(COLUMNS_HEIGHT * 0.8)
    assert draw_columns({}, ("a",), labels=[]) is None


def test_a_first_year_that_is_cut_short_gives_its_place_to_the_next() -> None:
    labels = list_months("2020-10", "2026-11")
    figure = draw_columns({label: {"a": 1} for label in labels}, ("a",), labels=labels)
    assert figure is not None
    assert [year for _, year in figure.ticks] == ["2021", "2022", "2023", "2024", "2025", "2026"]
    months = draw_months(dict.fromkeys(labels, 1))
    assert months is not None
    assert [year for _, year in months.ticks] == ["2021", "2022", "2023", "2024", "2025", "2026"]


@pytest.mark.parametrize(
    "path", ["/", "/search", "/article/1", "/changes", "/archive", "/archive/articles", "/khong-co"]
)
def test_charts_and_downloads_are_led_to_from_every_page(site: Site, path: str) -> None:
    page = site.get(path).text
    for target in ("/dashboard", "/downloads"):
        assert f'href="{target}"' in page


def test_changes_count_in_the_portals_month_and_removals_also_when_the_article_returned(tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive.db", Clock(datetime(2026, 8, 27, 18, 30, tzinfo=UTC))
    url = f"{BASE}/tin-tuc/hop-dan-1001"
    for body in ("Sáng nay họp dân.", None, None, None, "Chiều nay họp dân.", "Chiều nay họp dân ở xã."):
        with Night(archive, clock) as night:
            night.read(url, article_page("Họp dân", body)) if body else night.put_gone(url)
        clock.go_on(days=1)
    with closing(sqlite3.connect(archive)) as connection:
        edits = next(chart for chart in read_charts(connection, "") if chart.name == "edits")
    # Removed on 30 August, changed on 31 August at 18:30 UTC: in Vietnam that is 1 September.
    assert edits.figure is not None
    counted = {group.label: dict(zip(edits.figure.series, group.values, strict=True)) for group in edits.figure.groups}
    assert counted == {"2026-08": {"revised": 0, "removed": 1}, "2026-09": {"revised": 2, "removed": 0}}


def test_a_chart_reads_no_rows_of_articles_and_sorts_none(tmp_path: Path) -> None:
    archive = _written(tmp_path)
    with closing(sqlite3.connect(archive)) as connection:
        for chart in read_charts(connection, ""):
            plan = connection.execute(f"explain query plan {chart.sql}", {"portal": ""}).fetchall()
            reads = {row[1]: row[3] for row in plan if re.match(r"(SCAN|SEARCH) (articles|revision_rows|r)\b", row[3])}
            assert all("USING COVERING INDEX" in line for line in reads.values()), chart.name
            sorts = {row[1] for row in plan if row[3].startswith("USE TEMP B-TREE FOR GROUP BY")}
            # Changes are few, and are sorted by the month of their portal.
            assert chart.name == "edits" or not sorts & reads.keys(), chart.name
            aliases = [row[3] for row in plan if re.match(r"(SCAN|SEARCH) [af]\b", row[3])]
            assert chart.name != "delay" or all("USING COVERING INDEX" in line for line in aliases)


def _written(folder: Path) -> Path:
    """An archive of six nights at 01:30 of the portal, over the end of a month: changes, a removal, a return."""
    archive, clock = folder / "archive.db", Clock(datetime(2026, 8, 27, 18, 30, tzinfo=UTC))
    one, two = f"{BASE}/tin-tuc/hop-dan-1001", f"{BASE}/du-lich/hoi-xuan-1002"
    for place, body in enumerate(("Sáng nay họp dân.", None, None, None, "Chiều họp dân.", "Chiều họp dân ở xã.")):
        with Night(archive, clock) as night:
            night.read(one, article_page("Họp dân", body, day="27/08/2026")) if body else night.put_gone(one)
            night.read(two, article_page("Hội xuân", f"Chiều 30/7, hội xuân có {place // 2} đội.", day="02/08/2026"))
        clock.go_on(days=1)
    return archive


def _number_at(site: Site, link: str) -> float:
    """Return the number at the place that a link leads to."""
    if link.startswith("/search"):
        page = site.get(link).text
        return float(re.search(r'<h2 id="hits"[^>]*>\s*(\d+)', page)[1]) if 'class="count"' in page else 0  # type: ignore[index]
    rows = site.get(f"{link.replace('?', '.json?', 1)}&_shape=array").json()
    return float(sum(row["requests"] for row in rows) if link.startswith("/archive/nights") else len(rows))


def test_each_number_of_a_chart_stands_again_where_its_link_leads(tmp_path: Path) -> None:
    site = Site(_written(tmp_path))
    try:
        page = site.get("/dashboard").text
        cells = re.findall(r'<td class="number"><a href="([^"]+)">([\d.,]+)<', page)
        assert {unescape(link).partition("?")[0] for link, _ in cells} == {
            "/archive/articles", "/archive/what_changed_in_a_month", "/archive/posting_delays", "/archive/nights",
        }  # fmt: skip
        for link, number in cells:
            assert _number_at(site, unescape(link)) == float(number.replace(".", "")), link
        shares = re.findall(r'href="(/search[^"]+changed=1)".*?\((\d+)/(\d+)\)', page)
        assert sorted(shares_of[1:] for shares_of in shares) == [("1", "1"), ("1", "1")]
        for link, revised, _ in shares:
            assert _number_at(site, unescape(link)) == float(revised)
        bars = re.findall(r'<a href="(/search\?since=[^"]+)" tabindex="-1"><title>08/2026: [^<]*?(\d+)</title>', page)
        assert [_number_at(site, unescape(link)) for link, _ in bars] == [2]
        for said in ("n = 2 bài có ngày đăng", "n = 5 phiên bản mới và lần gỡ", "n = 2 bài", "n = 1 bài biết cả ngày"):
            assert said in page, said
    finally:
        site.close()


def test_the_numbers_are_those_of_other_sql(tmp_path: Path) -> None:
    archive = _written(tmp_path)
    with closing(sqlite3.connect(archive)) as connection:
        charts = {chart.name: chart for chart in read_charts(connection, "")}

        def ask(sql: str) -> list[tuple[object, ...]]:
            return connection.execute(sql).fetchall()

        hours = "strftime('%Y-%m', {}, '+7 hours')"
        seen, gone = hours.format("seen_at"), hours.format("at")
        edits = {
            (month, "revised", float(count))
            for month, count in ask(f"select {seen}, count(*) from revisions where number > 1 group by 1")
        } | {
            (month, "removed", float(count))
            for month, count in ask(f"select {gone}, count(*) from article_events where kind = 'removed' group by 1")
        }
        assert _drawn(charts["edits"].figure) == edits
        assert _drawn(charts["dates"].figure) == {("2026-08", "page", 2.0)}
        nights = ask("select strftime('%Y-%m-%d', started_at, '+7 hours'), outcome, requests from crawls")
        assert _drawn(charts["nights"].figure) == {(night, how, float(count)) for night, how, count in nights if count}
        shares = {(one.title or one.slug, one.articles, one.revised) for one in charts["categories"].shares}
        assert shares == set(
            ask(
                """select coalesce(c.title, c.slug), count(*), sum((select max(number) from revisions r
                   where r.article_id = a.id) > 1) from articles a join categories c on c.id = a.category_id
                   group by 1"""
            )
        )
        assert charts["dates"].count == 2


def _drawn(figure: BarChart | None) -> set[tuple[str, str, float]]:
    assert figure is not None
    return {(group.label, figure.series[bar.series], bar.value) for group in figure.groups for bar in group.bars}


def test_two_categories_of_one_title_are_two(tmp_path: Path) -> None:
    archive = _written(tmp_path)
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("update categories set title = 'Tin'")
        shares = next(chart for chart in read_charts(connection, "") if chart.name == "categories").shares
    assert [(one.title, one.articles, one.per_cent) for one in shares] == [("Tin", 1, 100.0), ("Tin", 1, 100.0)]
