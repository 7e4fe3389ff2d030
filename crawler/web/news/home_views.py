"""The home page: the latest articles, changes and removals, how much the archive holds, and the last night."""

import asyncio
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from datasette.utils.asgi import Response
from markupsafe import Markup

from crawler import settings
from crawler.items import Outcome
from crawler.locale import show_month, show_number
from crawler.operations.health.problems import Problem
from crawler.operations.health.status import Status, read_status_or_problem
from crawler.web.cards import Card, PortalCard, read_portals
from crawler.web.data.bar_charts import MonthBar, MonthChart, draw_months, write_bars, write_rows
from crawler.web.data.monitoring import hide_paths
from crawler.web.http_cache import NOT_HELD, Counted
from crawler.web.news import change_queries, removal_queries
from crawler.web.news.by_night import HOME_ZONE, night_of
from crawler.web.news.change_queries import ListedChange
from crawler.web.news.home_queries import Holdings, LatestRun, read_holdings, read_last_runs, read_latest
from crawler.web.news.removal_queries import CHECKING, REMOVED, Gone, NightRange
from crawler.web.request import SiteRequest

LATELY = 5
_MOST_PROBLEMS = 3

_holdings: Counted[Holdings] = Counted()
_status: Counted[Status] = Counted()


@dataclass(frozen=True, slots=True)
class HomeNews:
    """What is new on the site."""

    cards: list[Card]
    changes: list[ListedChange]
    gone: list[Gone]
    runs: list[LatestRun]
    portals: list[PortalCard]
    holdings: Holdings


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """The chart of the archive over time: the chart, its bars as SVG, and its rows of a table."""

    chart: MonthChart
    bars: Markup
    rows: Markup


# Writing hundreds of links takes longer than the rest of the page, and they change as rarely as the counts.
_MOST_DRAWN = 8
_drawn: dict[tuple[object, ...], DrawnChart | None] = {}


async def show_home(request: SiteRequest) -> Response:
    """Show the search box, the latest articles, changes and removals, figures, and the last night."""
    archive = Path(request.database.path)

    def work(connection: sqlite3.Connection) -> HomeNews:
        portals = read_portals(connection)
        return HomeNews(
            read_latest(connection),
            _read_changes(connection),
            _read_gone(connection),
            read_last_runs(connection),
            portals,
            _holdings.read(archive, lambda: read_holdings(connection)),
        )

    news = await request.read(work)
    status = await asyncio.to_thread(_status.read, archive, lambda: _read_status(archive))
    drawn = _draw(request, news.holdings.by_month)
    is_current = _holdings.is_current(archive) and _status.is_current(archive)
    return await request.render(
        "home.html",
        headers={} if is_current else NOT_HELD,
        news=news,
        since=night_of(news.holdings.since, str(HOME_ZONE)) if news.holdings.since else None,
        chart=drawn.chart if drawn else None,
        drawn=drawn,
        nights={run.id: night_of(run.started_at, run.timezone) for run in news.runs},
        said={run.id: _say_outcome(run, status) for run in news.runs},
        problems=[_say_problem(request, problem) for problem in status.problems[:_MOST_PROBLEMS]],
    )


def _draw(request: SiteRequest, by_month: Mapping[str, int]) -> DrawnChart | None:
    """Draw the archive over time; None if no article has a date."""
    key = (request.path("/search"), request.language, tuple(by_month.items()))
    if key not in _drawn:
        if len(_drawn) >= _MOST_DRAWN:
            _drawn.clear()
        chart = draw_months(by_month)
        _drawn[key] = _write(request, chart) if chart else None
    return _drawn[key]


def _write(request: SiteRequest, chart: MonthChart) -> DrawnChart:
    link, show = partial(_link_days, request), partial(show_number, language=request.language)
    return DrawnChart(
        chart, write_bars(chart, link, label=partial(_label_month, request)), write_rows(chart, link, show=show)
    )


def _link_days(request: SiteRequest, since: str, until: str) -> str:
    return request.link("/search", since=since, until=until)


def _label_month(request: SiteRequest, bar: MonthBar) -> str:
    return request.say("chart_bar", when=show_month(bar.month, request.language), count=bar.count)


def _read_changes(connection: sqlite3.Connection) -> list[ListedChange]:
    """Read the latest changes, each article once."""
    found = change_queries.read_changes(connection, limit=4 * LATELY)
    first: dict[int, ListedChange] = {}
    for change in found:
        first.setdefault(change.article_id, change)
    return change_queries.add_numbers(connection, list(first.values())[:LATELY])


def _read_gone(connection: sqlite3.Connection) -> list[Gone]:
    """Read the latest articles that were removed for certain or are missed now, newest first."""
    removed, suspect = (
        removal_queries.read_gone(connection, which, span=NightRange(), limit=LATELY) for which in (REMOVED, CHECKING)
    )
    return sorted([*removed, *suspect], key=_missed_at, reverse=True)[:LATELY]


def _missed_at(gone: Gone) -> str:
    return gone.absence.first_missed_at if gone.absence else gone.at


def _read_status(archive: Path) -> Status:
    return read_status_or_problem(archive, settings.clock(), backups_planned=settings.backup_target() is not None)


def _say_outcome(run: LatestRun, status: Status) -> str:
    """Return what is said of a portal's last run: its outcome, unless the portal's nights as a whole are not well.

    Then a complete run is only the last one that was.
    """
    verdict = next((portal.verdict for portal in status.portals if portal.portal == run.portal), "unknown")
    return "last" if run.outcome == Outcome.COMPLETE and verdict not in ("complete", "running") else run.outcome


def _say_problem(request: SiteRequest, problem: Problem) -> str:
    return hide_paths(problem.sentence_vi if request.language == "vi" else problem.sentence_en)
