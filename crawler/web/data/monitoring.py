"""The state of the archive for monitors: `/health` as JSON, `/metrics` for Prometheus."""

import asyncio
import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from datasette.utils.asgi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crawler import settings
from crawler.archive.database import open_for_reading
from crawler.errors import PortalArchiveError
from crawler.items import Outcome
from crawler.language.dates import parse_iso
from crawler.operations.health.status import Status, read_status_or_problem
from crawler.web.request import archive_database

if TYPE_CHECKING:  # Datasette loads the plugin, and so this module, in the midst of loading `datasette.app`.
    from datasette.app import Datasette

_OUTCOMES = tuple(Outcome)
_PREFIX = "portal_archive"
# A path of this machine: at least two parts, and not inside an address.
_PATH = re.compile(r"(?<![\w:/.])/(?:[^\s/'\":;,]+/)+[^\s/'\":;,]*")


async def show_health(request: Request, datasette: "Datasette") -> Response:  # noqa: ARG001 - Datasette's names
    """Answer 200 if all is well, else 503 with the problems; 503 also if the archive cannot be read."""
    status = await asyncio.to_thread(_read_status, _archive(datasette))
    body = {
        "status": "problem" if status.problems else "ok",
        "checked_at": status.checked_at,
        "problems": [
            {
                "kind": problem.kind,
                "subject": problem.subject,
                "since": problem.since,
                "sentence_en": hide_paths(problem.sentence_en),
                "sentence_vi": hide_paths(problem.sentence_vi),
            }
            for problem in status.problems
        ],
        "warnings": [asdict(warned) for warned in status.warnings],
        "portals": [
            {
                "portal": portal.portal,
                "title": portal.title,
                "verdict": portal.verdict,
                "last_outcome": portal.last_night.outcome if portal.last_night else None,
                "last_started_at": portal.last_night.started_at if portal.last_night else None,
                "last_finished_at": portal.last_night.finished_at if portal.last_night else None,
                "last_success_at": portal.last_success_at,
                "next_planned_at": portal.next_planned_at,
            }
            for portal in status.portals
        ],
    }
    return Response.json(body, status=503 if status.problems else 200, headers={"cache-control": "no-store"})


async def show_metrics(request: Request, datasette: "Datasette") -> Response:  # noqa: ARG001 - Datasette's names
    """Answer with the archive's figures in Prometheus' text format."""
    text = await asyncio.to_thread(_render_metrics, _archive(datasette))
    return Response(text, headers={"cache-control": "no-store"}, content_type=CONTENT_TYPE_LATEST)


def hide_paths(sentence: str) -> str:
    """Remove this machine's paths from a public sentence; addresses stay.

    >>> hide_paths("cannot write '/srv/archive/warc/a.gz'; see https://x.vn/tin-tuc/a or /tin-tuc")
    "cannot write '…'; see https://x.vn/tin-tuc/a or /tin-tuc"
    """
    return _PATH.sub("…", sentence)


def _archive(datasette: "Datasette") -> Path:
    database = archive_database(datasette)
    assert database is not None  # without one there are no routes
    return Path(database.path)


def _read_status(archive: Path) -> Status:
    return read_status_or_problem(archive, settings.clock(), backups_planned=settings.backup_target() is not None)


def _render_metrics(archive: Path) -> str:
    status = _read_status(archive)
    registry = CollectorRegistry()
    registry.register(_Figures(status, _read_counts(archive), parse_iso(status.checked_at)))
    return generate_latest(registry).decode()


@dataclass(frozen=True, slots=True)
class _Counts:
    """How much the archive holds, by portal and in all."""

    articles: dict[str, int]
    removed: dict[str, int]
    captures: int
    images: int


def _read_counts(archive: Path) -> _Counts | None:
    """Count by indexes only; captures by their highest id, as they are never deleted. None if unreadable."""
    try:
        with closing(open_for_reading(archive, busy_seconds=1)) as connection:
            return _Counts(
                _by_portal(connection, "select portal, count(*) from articles group by portal"),
                _by_portal(
                    connection, "select portal, count(*) from articles where removed_at is not null group by portal"
                ),
                int(connection.execute("select coalesce(max(id), 0) from captures").fetchone()[0]),
                int(connection.execute("select count(*) from images").fetchone()[0]),
            )
    except (PortalArchiveError, sqlite3.Error):
        return None


def _by_portal(connection: sqlite3.Connection, sql: str) -> dict[str, int]:
    return dict(connection.execute(sql).fetchall())


@dataclass(frozen=True, slots=True, eq=False)
class _Figures(Collector):
    """The metrics of one request."""

    status: Status
    counts: _Counts | None
    now: datetime

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every known metric."""
        troubles = [((one.kind, one.subject), 1.0) for one in self.status.problems]
        yield _gauge("up", "1 if the archive can be read.", samples=[((), float(self.counts is not None))])
        yield _gauge(
            "problems", "1 for each trouble that needs a person.", samples=troubles, labels=("kind", "subject")
        )
        yield from self._portals()
        yield from self._holdings()
        for name, about, at in (
            ("backup_age_seconds", "Age of the last good backup.", self.status.last_backup_at),
            ("drill_age_seconds", "Age of the last good restore drill.", self.status.last_drill_at),
        ):
            if at is not None:
                yield _gauge(name, about, samples=[((), (self.now - parse_iso(at)).total_seconds())])

    def _portals(self) -> Iterator[GaugeMetricFamily]:
        portals = self.status.portals
        figures: dict[tuple[str, str], dict[str, float | None]] = {
            ("last_success_timestamp_seconds", "When the last complete run ended."): {
                one.portal: _timestamp(one.last_success_at) for one in portals
            },
            ("next_run_timestamp_seconds", "When the next run is planned."): {
                one.portal: _timestamp(one.next_planned_at) for one in portals
            },
            ("clock_offset_seconds", "By how much the portal's clock was ahead of ours."): {
                one.portal: one.clock_offset_seconds for one in portals
            },
        }
        for (name, about), by_portal in figures.items():
            known = [((portal,), float(figure)) for portal, figure in by_portal.items() if figure is not None]
            yield _gauge(name, about, samples=known, labels=("portal",))
        outcomes = [
            ((one.portal, outcome), float(one.last_night.outcome == outcome))
            for one in portals
            if one.last_night
            for outcome in _OUTCOMES
        ]
        about = "1 for the outcome of the last run, 0 for the others."
        yield _gauge("last_run_outcome", about, samples=outcomes, labels=("portal", "outcome"))

    def _holdings(self) -> Iterator[GaugeMetricFamily]:
        counts, disk = self.counts, self.status.disk
        if counts is not None:
            for name, about, by_portal in (
                ("articles", "Articles held, those removed from the portal too.", counts.articles),
                ("removed", "Articles that are certain to be removed from the portal.",
                 {portal: counts.removed.get(portal, 0) for portal in counts.articles}),
            ):  # fmt: skip
                held = [((portal,), float(count)) for portal, count in by_portal.items()]
                yield _gauge(name, about, samples=held, labels=("portal",))
        for name, about, figure in (
            ("captures", "Answers kept.", counts.captures if counts else None),
            ("images", "Pictures held.", counts.images if counts else None),
            ("warc_bytes", "Size of the WARC files.", disk.warc_bytes if disk else None),
            ("database_bytes", "Size of the database.", disk.database_bytes if disk else None),
            ("disk_free_bytes", "What is free on the archive's disk.", disk.free_bytes if disk else None),
            ("disk_days_left", "For how many days the disk lasts.", disk.days_left if disk else None),
        ):
            if figure is not None:
                yield _gauge(name, about, samples=[((), float(figure))])


def _timestamp(at: str | None) -> float | None:
    return parse_iso(at).timestamp() if at else None


def _gauge(
    name: str, about: str, *, samples: Iterable[tuple[tuple[str, ...], float]], labels: tuple[str, ...] = ()
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{_PREFIX}_{name}", about, labels=labels)
    for values, figure in samples:
        family.add_metric(values, figure)
    return family
