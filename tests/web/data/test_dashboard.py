"""The dashboard: its charts are drawn from the SQL that it shows, with figures in a table."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest

from crawler.web.data.bar_charts import COLUMNS_HEIGHT, draw_columns
from crawler.web.data.dashboard import read_charts
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
        assert re.search(r'y="198">\d{4}-\d\d<', site.get(path).text) is None


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
