"""Nights on which pages look edited and are not: cut, swapped, counted, decorated. No article gets a false revision."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from crawler.replica import ArticleTruth, Replica
from crawler.replica.server.edit_faults import EDIT_KINDS
from tests.support.crawling import command, crawl, rows, tables, value
from tests.support.nights_harness import FIRST_PLANNED
from tests.support.replica import set_on_article

pytestmark = pytest.mark.slow

NIGHTS = 9
# An unknown counter and a banner are known after four changes.
LEARNT = {"own-counter": 5, "banner": 5, "summary-flicker": 3}
LASTING = {"counter", "heading-counter", *LEARNT}


@dataclass
class Trial:
    """The archive, and each article with the kind of fault that its two addresses met."""

    archive: Path
    faults: list[tuple[ArticleTruth, str]]

    def held(self, one: ArticleTruth) -> list[tuple[int, int, str, str]]:
        """Give id, revision, title and body of the articles that have an address of one."""
        found = rows(
            self.archive,
            """select distinct a.id, a.revision, a.title, a.body from articles a
               join article_urls u on u.article_id = a.id where u.url in (?, ?)""",
            one.url,
            one.old_url,
        )
        return [tuple(row) for row in found]

    def is_summary_listed(self, one: ArticleTruth) -> bool:
        """Return whether a listing shows the whole summary of one."""
        sql = "select count(*) from mentions where place = 'listing' and summary is not null and url in (?, ?)"
        return bool(value(self.archive, sql, one.url, one.old_url))


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    folder = tmp_path_factory.mktemp("false-edits")
    rng = Random(20261128)
    with Replica(articles=60) as portal:
        steady = [one for one in portal.truth().articles if one.state == "live" and one.found_in and not one.fate]
        chosen = rng.sample(steady, 3 * len(EDIT_KINDS))
        faults = [(one, EDIT_KINDS[place % len(EDIT_KINDS)]) for place, one in enumerate(chosen)]
        for night in range(1, NIGHTS + 1):
            portal.faults.clear()
            for one, kind in faults:
                # The first look is at the article itself. Some faults stay, the others come on some nights.
                if night > 1 and (kind in LASTING or rng.random() < 0.5):
                    set_on_article(portal, one, kind)
            at = FIRST_PLANNED + timedelta(days=night - 1, minutes=1)
            ended = crawl(portal, folder, "--full", extra={"PORTAL_ARCHIVE_NOW": at.isoformat()})
            assert ended.code in (0, 3, 4), ended.err
    return Trial(folder / "archive.db", faults)


def test_no_article_has_a_revision_too_many(trial: Trial) -> None:
    found = [(kind, one.url, [held[1] for held in trial.held(one)]) for one, kind in trial.faults]
    assert [one for one in found if len(one[2]) != 1 or one[2][0] > LEARNT.get(one[0], 1)] == []
    # The faults were met: what has to be learnt was learnt. A summary stays where a listing shows it, too.
    edited = [(one, kind) for one, kind in trial.faults if trial.held(one)[0][1] > 1]
    assert {kind for _, kind in edited if kind != "summary-flicker"} == {"own-counter", "banner"}
    assert [one.url for one, kind in edited if kind == "summary-flicker" and trial.is_summary_listed(one)] == []


def test_every_article_has_its_own_text(trial: Trial) -> None:
    for one, kind in trial.faults:
        if kind not in LASTING:
            ((_, _, title, body),) = trial.held(one)
            assert (title, body) == (one.title, one.body)


def test_cut_and_swapped_pages_are_failures_of_their_kind(trial: Trial) -> None:
    kinds = {row["kind"] for row in rows(trial.archive, "select distinct kind from crawl_errors")}
    assert {"truncated", "another-article"} <= kinds
    assert value(trial.archive, "select count(*) from articles where published_on > '2100'") == 0


def test_a_rebuild_gives_equal_rows(trial: Trial, tmp_path: Path) -> None:
    rebuilt = command("rebuild", "--archive", trial.archive, "--into", tmp_path / "new.db")
    assert rebuilt.code == 0, rebuilt.err
    assert tables(trial.archive) == tables(tmp_path / "new.db")
