"""Nights against a hostile portal, and what must be true after each."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.crawling import ROOT, environment, rows, value
from tests.support.hostile.answers import Hostile
from tests.support.hostile.portal import CARRIER, HostilePortal
from tests.support.processes.memory import watched

# What a night may take; the crawl's waits are short here.
NIGHT_SECONDS = 100
MEMORY_BYTES = 500_000_000
QUICK = {
    "DOWNLOAD_HEAD_SECONDS": 3, "DOWNLOAD_IDLE_SECONDS": 2, "DOWNLOAD_RATE_SECONDS": 2, "DOWNLOAD_PAGE_SECONDS": 8, "RETRY_TIMES": 0,
    "PORTAL_DOWN_SECONDS": 0.2, "HOST_DOWN_SECONDS": 0.2, "LOG_LEVEL": "ERROR",
}  # fmt: skip
FIRST_NIGHT, SECOND_NIGHT = "2026-09-01T18:30:00Z", "2026-09-02T18:30:00Z"


@dataclass
class Night:
    """How a night ended: its row, its time, its memory, and each promise that it broke."""

    outcome: str
    reason: str
    seconds: float
    peak_bytes: int
    err: str
    broken: list[str] = field(default_factory=list)


def run_night(
    portal: HostilePortal, folder: Path, *, now: str = FIRST_NIGHT, most_seconds: int = NIGHT_SECONDS, **limits: int
) -> Night:
    """Crawl the portal with short waits, to its end or to the end of its time."""
    archive = folder / "archive.db"
    with start_night(portal, folder, now=now, **limits) as process, watched(process.pid) as peak:
        begun = time.monotonic()
        try:
            _, err = process.communicate(timeout=most_seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            _, err = process.communicate()
            err += "\nthe night did not end"
        seconds = time.monotonic() - begun
    last = rows(archive, "select outcome, reason from crawls order by id desc limit 1")
    outcome, reason = (last[0]["outcome"], last[0]["reason"] or "") if last else ("none", "")
    return Night(outcome, reason, seconds, peak.size_bytes, err)


def start_night(portal: HostilePortal, folder: Path, *, now: str, **limits: int) -> "subprocess.Popen[str]":
    """Start a crawl in a new process group; the caller ends it."""
    profile = portal.write_profile(folder, **limits)
    settings = {"ARCHIVE": folder / "archive.db", **QUICK}
    line = [sys.executable, "-m", "scrapy", "crawl", "portal", "-a", f"portal={profile}"]
    line += [part for name, of in settings.items() for part in ("-s", f"{name}={of}")]
    return subprocess.Popen(
        line, cwd=ROOT, env=environment({"PORTAL_ARCHIVE_NOW": now}), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, errors="replace", start_new_session=True,
    )  # fmt: skip


def judge_hostile(portal: HostilePortal, folder: Path, night: Night) -> list[str]:
    """Name every promise that a hostile night broke; [] if it kept all."""
    archive, broken = folder / "archive.db", judge_good(portal, folder)
    if "did not end" in night.err:
        broken.append("the night did not end")
    if "Traceback" in night.err:
        broken.append(f"a traceback: {night.err[-1500:]}")
    if night.peak_bytes > MEMORY_BYTES:
        broken.append(f"memory: {night.peak_bytes:,} bytes")
    if portal.caught:
        broken.append(f"the trap was asked: {portal.caught[0][:200]!r}")
    for path, hostile in {**portal.articles, **portal.listings}.items():
        url, is_article = portal.url(path), path in portal.articles
        held = is_article and value(archive, "select count(*) from article_urls where url = ?", url)
        kinds = {row["kind"] for row in rows(archive, "select kind from crawl_errors where url = ?", url)}
        broken += _judge_answer(path, hostile, is_held=bool(held), kinds=kinds, is_article=is_article)
    known = {
        row["url"]
        for row in rows(
            archive, "select url from files union select url from crawl_errors union select url from captures"
        )
    }
    asked = {path for path in portal.files if portal.heard[path]}
    broken += [f"{path[:80]}: asked, and no row" for path in asked if portal.url(path) not in known]
    if portal.files and len(asked) < len(portal.files) * 0.9:
        broken.append(f"only {len(asked)} of {len(portal.files)} files were asked for")
    return broken


def _judge_answer(
    path: str, hostile: Hostile, *, is_held: bool, kinds: set[str], is_article: bool
) -> list[str]:  # fmt: skip
    if hostile.refused == () and not is_held:
        return [f"{path[:80]}: not read, {sorted(kinds)}"]
    if hostile.refused and (is_held or not kinds or not ("*" in hostile.refused or kinds & {*hostile.refused})):
        return [f"{path[:80]}: held {is_held}, recorded as {sorted(kinds)}, not as {hostile.refused}"]
    if is_article and not is_held and not kinds:
        return [f"{path[:80]}: neither read nor recorded"]
    return [f"{path[:80]}: {kind}" for kind in kinds if kind in ("internal", "network-Exception")]


def judge_good(portal: HostilePortal, folder: Path) -> list[str]:
    """Name every good article that is not in the archive with its own title and body."""
    archive, broken = folder / "archive.db", []
    for one in portal.good():
        found = rows(
            archive,
            "select title, body from articles where id = (select article_id from article_urls where url in (?, ?))",
            portal.here(one.url), portal.here(one.old_url),
        )  # fmt: skip
        if not found:
            broken.append(f"good article {one.key} is not held")
        elif (found[0]["title"], found[0]["body"]) != (one.title, one.body):
            broken.append(f"good article {one.key} reads otherwise")
    if portal.files and not rows(archive, "select 1 from article_urls where url = ?", portal.url(CARRIER)):
        broken.append("the article that names the files is not held")
    return broken


def judge_well(portal: HostilePortal, folder: Path, night: Night) -> list[str]:
    """Name what keeps the night after, on a portal that is well again, from being complete and whole."""
    archive, broken = folder / "archive.db", judge_good(portal, folder)
    if night.outcome != "complete":
        broken.append(f"{night.outcome}: {night.reason} {night.err[-800:]}")
    held = {row["url"] for row in rows(archive, "select url from article_urls")}
    broken += [f"{path[:80]}: still not held" for path in portal.articles if portal.url(path) not in held]
    lists = rows(archive, "select * from listing_walks where crawl_id = (select max(id) from crawls)")
    broken += [f"{row['url'][-60:]}: {row['missing']}" for row in lists if row["missing"]]
    return broken
