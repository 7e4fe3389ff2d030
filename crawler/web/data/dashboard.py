"""The dashboard: charts of the archive, each with its figures as a table and its SQL."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlencode

from datasette.utils.asgi import Response

from crawler.items import Outcome
from crawler.locale import describe
from crawler.web.cards import PortalCard, read_portals
from crawler.web.data.bar_charts import BarChart, draw_columns, last_day, list_months
from crawler.web.data.query_groups import group_queries
from crawler.web.http_cache import NOT_HELD, Counted
from crawler.web.request import SiteRequest
from crawler.web.served_files import asset_path

_DATE_SOURCES = ("page", "listing", "box", "rss", "file-name")
_OUTCOMES = tuple(Outcome)
_MOST_NIGHTS = 120
_MOST_DAYS = 60

# Each query takes :portal ("" for all) and gives label, series and value. It reads no rows of articles, only indexes,
# and sorts what it counted by day: to sort a million articles by month takes longer than a page may.
_DATES_SQL = """select substr(published_on, 1, 7) as month, published_from, sum(articles) as articles
from (
  select published_on, published_from, count(*) as articles from articles indexed by articles_analysis
  where published_on is not null and (:portal = '' or portal = :portal)
  group by portal, category_id, published_on, published_from)
group by 1, 2
order by 1, 2"""
# Months are the portal's. Removals are events: an article that returned was removed all the same.
_EDITS_SQL = """select substr(date(r.seen_at, coalesce(p.utc_offset, '+00:00')), 1, 7) as month, 'revised' as what,
  count(*) as articles
from revision_rows r join article_facts a on a.article_id = r.article_id join portals p on p.name = a.portal
where r.number > 1 and (:portal = '' or a.portal = :portal)
group by 1
union all
select substr(date(e.at, coalesce(p.utc_offset, '+00:00')), 1, 7), 'removed', count(*)
from article_events e join article_facts a on a.article_id = e.article_id join portals p on p.name = a.portal
where e.kind in ('removed', 'returned', 'unlisted') and e.kind = 'removed' and (:portal = '' or a.portal = :portal)
group by 1
order by 1, 2"""
_CATEGORIES_SQL = """select a.portal, c.slug as category, coalesce(c.title, c.slug) as category_title,
  a.articles, a.revised, round(100.0 * a.revised / a.articles, 1) as per_cent_revised
from (
  select portal, category_id, count(*) as articles, sum(revision > 1) as revised from articles
  where :portal = '' or portal = :portal
  group by portal, category_id) a left join categories c on c.id = a.category_id
order by a.articles desc
limit 30"""
_DELAY_SQL = """select days, 'articles' as what, count(*) as articles
from (
  select cast(julianday(a.published_on) - julianday(f.event_on) as integer) as days
  from article_facts f indexed by article_facts_event
    cross join articles a indexed by articles_day on a.id = f.article_id
  where f.event_on is not null and a.published_on is not null and (:portal = '' or f.portal = :portal))
where days is not null
group by 1
order by 1"""
_NIGHTS_SQL = """select n.night, c.outcome, sum(n.requests) as requests
from nights n join crawls c on c.id = n.last_crawl_id
where (:portal = '' or n.portal = :portal)
  and n.night > (select date(max(night), '-120 days') from nights where :portal = '' or portal = :portal)
group by 1, 2
order by 1 desc, 2"""

Data = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class CategoryShare:
    """A category with the share of its articles that were revised, in per cent. `slug` is None for articles without."""

    portal: str
    slug: str | None
    title: str | None
    articles: int
    revised: int
    per_cent: float


@dataclass(frozen=True, slots=True)
class DashboardChart:
    """A chart of the page; `figure` is None without data. The texts are found by `name` and `unit`.

    `count` is what all bars count together (its n), `missing` the nights without a run. The chart of categories has
    `shares` and no figure.
    """

    name: str
    unit: str
    sql: str
    figure: BarChart | None
    count: int
    missing: int = 0
    shares: tuple[CategoryShare, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    name: str
    unit: str
    sql: str
    series: tuple[str, ...]
    arrange: Callable[[Data], Sequence[str]]


_charts: dict[str, Counted[tuple[DashboardChart, ...]]] = {}


async def show_dashboard(request: SiteRequest) -> Response:
    """Show the charts of all portals or of one."""
    asked = request.argument("portal")

    def work(connection: sqlite3.Connection) -> tuple[list[PortalCard], str, tuple[DashboardChart, ...]]:
        portals = read_portals(connection)
        portal = asked if any(one.name == asked for one in portals) else ""
        kept = _charts.setdefault(portal, Counted())
        return portals, portal, kept.read(Path(request.database.path), lambda: read_charts(connection, portal))

    portals, portal, charts = await request.read(work)
    database = request.datasette.urls.database(request.database.name)
    queries = request.datasette.metadata("queries", database=request.database.name) or {}

    def link_sql(sql: str, ending: str = "") -> str:
        query = {"sql": sql, "portal": portal} | ({"_size": "max"} if ending else {})
        return f"{database}{ending}?{urlencode(query)}"

    def link_bar(chart: DashboardChart, label: str, *, series: str = "") -> str:
        place = _place_of(chart, label, series=series, portal=portal)
        return (
            request.link(place[0], **place[1])
            if place[0].startswith("/")
            else f"{database}/{place[0]}?{urlencode(place[1])}"
        )

    is_current = _charts[portal].is_current(Path(request.database.path))
    return await request.render(
        "dashboard.html", headers={} if is_current else NOT_HELD, charts=charts, portals=portals, portal=portal,
        link_sql=link_sql, link_bar=link_bar, database=database,
        queries=group_queries(
            {name: describe(str(query.get("title", name)), request.language) for name, query in queries.items()}
        ),
        figures_stylesheet=request.path(asset_path("figures.css")),
    )  # fmt: skip


def _place_of(chart: DashboardChart, label: str, *, series: str, portal: str) -> tuple[str, dict[str, str]]:
    """Return where a bar's number is shown again, with what it counts: a page of the site, or a table, view or query.

    Without a series, the place is that of all bars at the label.
    """
    of_portal = {"portal__exact": portal} if portal else {}
    if chart.name == "dates" and series:
        # Between two days: an index finds them, while `startswith` reads all articles.
        days = {"published_on__gte": f"{label}-01", "published_on__lte": last_day(label)}
        return "articles", days | {"published_from__exact": series} | of_portal
    if chart.name == "dates":
        return "/search", {"since": f"{label}-01", "until": last_day(label), "portal": portal}
    if chart.name == "edits":
        return "what_changed_in_a_month", {"month": label, "what": series, "portal": portal, "_size": "max"}
    if chart.name == "delay":
        return "posting_delays", {"days_event_to_posting__exact": label} | of_portal
    return "nights", {"night__exact": label} | of_portal


def read_charts(connection: sqlite3.Connection, portal: str) -> tuple[DashboardChart, ...]:
    """Read the data of all charts and lay them out. Read-only. `portal` is "" for all portals."""
    return tuple(_read_chart(connection, plan, portal=portal) for plan in _PLANS)


def _read_chart(connection: sqlite3.Connection, plan: _Plan, *, portal: str) -> DashboardChart:
    rows = [tuple(row) for row in connection.execute(plan.sql, {"portal": portal})]
    if plan.name == "categories":
        shares = tuple(CategoryShare(*row) for row in rows)
        return DashboardChart(plan.name, plan.unit, plan.sql, None, sum(one.articles for one in shares), shares=shares)
    data = _group(rows)
    labels = plan.arrange(data)
    missing = sum(label not in data for label in labels) if plan.name == "nights" else 0
    figure = draw_columns(data, plan.series, labels=labels)
    return DashboardChart(plan.name, plan.unit, plan.sql, figure, int(sum(figure.totals)) if figure else 0, missing)


def _group(rows: Iterable[tuple[object, ...]]) -> Data:
    data: Data = {}
    for label, series, value in rows:
        values = data.setdefault(str(label), {})
        values[str(series)] = values.get(str(series), 0.0) + float(str(value or 0))
    return data


def _months(data: Mapping[str, object]) -> list[str]:
    """List every month from the first to the last."""
    known = sorted(label for label in data if _read_day(f"{label}-01"))
    return list_months(known[0], known[-1]) if known else []


def _nights(data: Mapping[str, object]) -> list[str]:
    """List every night up to the last, at most the latest 120."""
    known = sorted(label for label in data if _read_day(label))
    if not known:
        return []
    first, last = date.fromisoformat(known[0]), date.fromisoformat(known[-1])
    first = max(first, last - timedelta(days=_MOST_NIGHTS - 1))
    return [(first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1)]


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_PLANS = (
    _Plan("dates", "month", _DATES_SQL, _DATE_SOURCES, _months),
    _Plan("edits", "month", _EDITS_SQL, ("revised", "removed"), _months),
    _Plan("categories", "category", _CATEGORIES_SQL, (), list),
    _Plan("delay", "days", _DELAY_SQL, ("articles",), lambda _: [str(day) for day in range(_MOST_DAYS + 1)]),
    _Plan("nights", "night", _NIGHTS_SQL, _OUTCOMES, _nights),
)
