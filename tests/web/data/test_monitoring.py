"""`/health` and `/metrics`: their content, also if the archive is unreadable, and how fast they answer."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.language.dates import to_iso_utc
from crawler.operations.journal.backups import Backup, Drill, record_backup, record_drill
from crawler.operations.journal.database import write_journal
from tests.support.archives.rows import change, utc
from tests.support.build import Clock, make_archive, make_profile
from tests.support.operations import add_run, other_portal
from tests.support.web_archive import Site

NIGHT = utc("2026-09-01T18:30:00Z")


class Published(Site):
    """An archive that is there already, published in this process."""

    def __init__(self, archive: Path) -> None:
        from crawler.web.serve import make_datasette

        self.loop = asyncio.new_event_loop()
        self.datasette = make_datasette(archive)


@contextmanager
def published(
    archive: Path, monkeypatch: pytest.MonkeyPatch, *, after: timedelta = timedelta(hours=1)
) -> Iterator[Site]:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(NIGHT + after))
    monkeypatch.delenv("PORTAL_ARCHIVE_BACKUP", raising=False)
    site = Published(archive)
    try:
        yield site
    finally:
        site.close()


def figures(site: Site) -> dict[str, dict[tuple[str, ...], float]]:
    """Read the metrics as Prometheus does: name, then label values, then the figure."""
    answer = site.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    return {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(answer.text)
    }


def test_an_archive_that_is_well_answers_200(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with published(make_archive(tmp_path), monkeypatch) as site:
        answer = site.get("/health")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == {
        "status": "ok",
        "checked_at": "2026-09-01T19:30:00Z",
        "problems": [],
        "warnings": [],
        "portals": [
            {
                "portal": "sapa",
                "title": "Thị xã Sa Pa",
                "verdict": "complete",
                "last_outcome": "complete",
                "last_started_at": "2026-09-01T18:30:00Z",
                "last_finished_at": "2026-09-01T18:30:00Z",
                "last_success_at": "2026-09-01T18:30:00Z",
                "next_planned_at": "2026-09-02T18:30:00Z",
            }
        ],
    }


def test_a_trouble_answers_503_with_a_sentence_in_both_languages(
    archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(archive, clock, "failed", "[Errno 28] No space left: '/srv/kho/warc/a.gz'; see https://x.vn/tin-tuc/a")
    with published(archive, monkeypatch) as site:
        answer = site.get("/health")
    assert answer.status_code == 503
    (problem,) = answer.json()["problems"]
    assert (problem["kind"], problem["subject"], problem["since"]) == ("failed", "sapa", "2026-09-01T18:30:00Z")
    assert "is failed: [Errno 28] No space left: '…'; see https://x.vn/tin-tuc/a" in problem["sentence_en"]
    assert "thất bại" in problem["sentence_vi"]
    assert "/srv" not in answer.text


def test_it_follows_the_archive_without_a_restart(archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    add_run(archive, clock, "partial", "x")
    with published(archive, monkeypatch) as site:
        assert site.get("/health").status_code == 503
        add_run(archive, clock)
        assert site.get("/health").status_code == 200


def test_an_archive_that_cannot_be_read_any_more_answers_503(
    archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(archive, clock)
    with published(archive, monkeypatch) as site:
        archive.write_bytes(b"no database at all" * 1000)
        answer = site.get("/health")
        assert answer.status_code == 503
        assert [problem["kind"] for problem in answer.json()["problems"]] == ["archive"]
        assert figures(site)["portal_archive_up"] == {(): 0.0}
        archive.unlink()
        answer = site.get("/health")
        assert answer.status_code == 503
        assert str(tmp := archive.parent) not in answer.text, tmp


def test_a_locked_archive_answers_503_and_not_late(
    archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(archive, clock)
    with published(archive, monkeypatch) as site:
        monkeypatch.setattr("crawler.operations.health.status.BUSY_SECONDS", 0.1)
        connection = sqlite3.connect(archive, isolation_level=None)
        connection.execute("pragma locking_mode = exclusive")
        connection.execute("begin exclusive")
        connection.execute("update crawls set reason = 'x'")
        answer = site.get("/health")
        connection.close()
    assert answer.status_code == 503
    assert "another program holds it" in answer.json()["problems"][0]["sentence_en"]


def test_metrics_give_every_promised_figure(archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    make_archive(archive.parent)
    add_run(archive, Clock(NIGHT + timedelta(minutes=10)), "partial", "x", offset=4)
    add_run(archive, Clock(NIGHT + timedelta(minutes=20)), profile=other_portal())
    change(archive, "update articles set state = 'removed', removed_at = '2026-09-01T18:30:00Z' where id = 1")
    with write_journal(archive) as journal:
        record_backup(journal, Backup("2026-09-01T19:00:00Z", "/b", "s", 1, True, None))
        record_drill(journal, Drill("2026-09-01T19:15:00Z", "/b", "s", True, None))
    with published(archive, monkeypatch) as site:
        found = figures(site)
    prefix = "portal_archive_"
    assert found[prefix + "up"] == {(): 1.0}
    assert found[prefix + "last_success_timestamp_seconds"] == {
        ("khac",): (NIGHT + timedelta(minutes=20)).timestamp(),
        ("sapa",): NIGHT.timestamp(),
    }
    assert found[prefix + "last_run_outcome"]["partial", "sapa"] == 1.0
    assert found[prefix + "last_run_outcome"]["complete", "sapa"] == 0.0
    assert found[prefix + "clock_offset_seconds"] == {("sapa",): 4.0}
    assert found[prefix + "articles"] == {("sapa",): 3.0}
    assert found[prefix + "removed"] == {("sapa",): 1.0}
    assert found[prefix + "images"] == {(): 1.0}
    assert found[prefix + "captures"][()] > 10
    assert found[prefix + "warc_bytes"][()] > 1000
    assert found[prefix + "disk_free_bytes"][()] > 0
    assert found[prefix + "backup_age_seconds"] == {(): 1800.0}
    assert found[prefix + "drill_age_seconds"] == {(): 900.0}
    assert found[prefix + "problems"] == {("partial", "sapa"): 1.0}
    assert found[prefix + "next_run_timestamp_seconds"]["sapa",] == (NIGHT + timedelta(days=1)).timestamp()


def test_days_left_are_given_once_they_are_known(archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        add_run(archive, clock, profile=make_profile("[limits]\ndisk_reserve_bytes = 0\n"))
        clock.go_on(days=1)
    with published(archive, monkeypatch, after=timedelta(days=4)) as site:
        assert figures(site)["portal_archive_disk_days_left"][()] > 21


def test_both_refuse_to_be_written_to_and_answer_head(
    archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(archive, clock)
    with published(archive, monkeypatch) as site:
        for path in ("/health", "/metrics"):
            assert site.loop.run_until_complete(site.datasette.client.head(path)).status_code == 200
            assert site.loop.run_until_complete(site.datasette.client.post(path)).status_code == 405


def test_a_large_archive_answers_as_soon_as_a_small_one(
    archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_run(archive, clock)
    change(
        archive,
        """insert into captures with recursive n(i) as (select 2 union all select i + 1 from n where i < 200000)
           select i, 'urn:' || i, 1, 'https://sapa.example.vn/' || i, 'GET', null,
             '2026-09-01T18:30:00Z', 200, 'text/html', 'x' || i, 'f', 0, 10, 'response', null, null from n""",
    )
    with published(archive, monkeypatch) as site:
        site.get("/health")
        times = []
        for _ in range(9):
            began = time.process_time()
            assert site.get("/health").status_code == 200
            times.append(time.process_time() - began)
        # CPU time, as the machine may be busy: reading 200,000 rows takes several times as much.
        assert sorted(times)[4] < 0.05
    assert os.path.getsize(archive) > 20_000_000
