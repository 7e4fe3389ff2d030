"""All hostile answers at once, and a death in their midst; then all that can be done with what is left."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.crawling import command, rows, tables, value
from tests.support.hostile import files, framing, listings, pages, redirects, wire
from tests.support.hostile.answers import Catalogue
from tests.support.hostile.nights import SECOND_NIGHT, judge_hostile, judge_well, run_night, start_night
from tests.support.hostile.portal import HostilePortal
from tests.support.web_archive import Site

ARTICLES: Catalogue = {
    **wire.ENDLESS, **wire.SLOW, **wire.LENGTHS, **wire.BOMBS, **wire.FLOODS, **wire.VALUES, **wire.FORMS,
    **wire.CHARSETS, **wire.CHARSETS_IN_PAGES, **redirects.REDIRECTS, **pages.ODDS, **pages.LIES, **framing.FRAMING,
}  # fmt: skip
_MOST_SHOWN_SECONDS = 5.0


def _die_in_the_midst(portal: HostilePortal, folder: Path) -> None:
    """Crawl until forty answers came, and kill the crawl with all that it started."""
    with start_night(portal, folder, now="2026-09-01T18:20:00Z") as process:
        while sum(portal.heard.values()) < 40 and process.poll() is None:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _rebuild_alike(archive: Path) -> None:
    new = archive.with_name("new.db")
    ended = command("rebuild", "--archive", archive, "--into", new)
    assert ended.code == 0, ended.err
    made = tables(new)
    for name, held in tables(archive).items():
        assert made[name] == held, name
    new.unlink()


def _withhold(archive: Path, *, url: str) -> None:
    """Withhold an article and a capture, look, and give them back."""
    article = value(archive, "select article_id from article_urls where url = ?", url)
    capture = value(archive, "select max(id) from captures where status = 200")
    said = ("--reason", "thử", "--by", "người thử", "--archive", archive)
    for target in (f"article:{article}", f"capture:{capture}"):
        ended = command("withhold", target, *said)
        assert ended.code == 0, ended.err
    assert not rows(archive, "select 1 from articles where id = ?", article)
    assert command("verify", "--archive", archive).code == 0
    for target in (f"article:{article}", f"capture:{capture}"):
        assert command("release", target, *said).code == 0
    assert rows(archive, "select 1 from articles where id = ?", article)


def _show_all(archive: Path) -> None:
    """Ask the site for each article and capture, and for the pages that list them."""
    site = Site(archive)
    try:
        ids = [f"/article/{row['id']}" for row in rows(archive, "select id from articles")]
        ids += [f"/capture/{row['id']}" for row in rows(archive, "select id from captures")]
        for path in (
            "/",
            "/search?q=thông+báo",
            "/changes",
            "/feed.atom",
            "/archive/articles",
            "/archive/crawl_errors",
            *ids,
        ):
            begun = time.monotonic()
            status = site.get(path).status_code
            assert status in (200, 301, 302, 404, 415, 451), (path, status)
            assert time.monotonic() - begun < _MOST_SHOWN_SECONDS, path
    finally:
        site.close()


def _some(of: Catalogue, *, each: int) -> Catalogue:
    return {name: of[name] for name in list(of)[each // 2 :: each]}


# The whole takes minutes: each answer that is slow, or dear to read, costs its time.
@pytest.mark.slow
@pytest.mark.parametrize("each", [12, pytest.param(1, marks=pytest.mark.trial)])
def test_all_at_once_leaves_an_archive_with_which_all_can_be_done(tmp_path: Path, each: int) -> None:
    wire.prepare()
    archive = tmp_path / "archive.db"
    kinds = (_some(of, each=each) for of in (ARTICLES, listings.LISTINGS, files.FILES))
    with HostilePortal(**dict(zip(("articles", "listings", "files"), kinds, strict=True)), good=24) as portal:
        _die_in_the_midst(portal, tmp_path)
        night = run_night(portal, tmp_path, most_seconds=600)
        assert judge_hostile(portal, tmp_path, night) == []
        assert night.outcome in ("partial", "suspect"), night.reason
        ended = command("verify", "--archive", archive)
        assert ended.code == 0, ended.out
        _rebuild_alike(archive)
        _withhold(archive, url=portal.here(portal.good()[0].url))
        _show_all(archive)
        portal.is_well = True
        night = run_night(portal, tmp_path, now=SECOND_NIGHT, most_seconds=600)
        assert judge_well(portal, tmp_path, night) == []
    assert command("verify", "--archive", archive).code == 0
    _rebuild_alike(archive)
