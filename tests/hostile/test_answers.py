"""Each hostile answer, several to a night: all good articles come, each refusal is a row, the next night is whole."""

from pathlib import Path

import pytest

from tests.support.hostile import files, framing, pages, redirects, wire
from tests.support.hostile.answers import Catalogue
from tests.support.hostile.nights import SECOND_NIGHT, judge_hostile, judge_well, run_night
from tests.support.hostile.portal import HostilePortal

ARTICLES: dict[str, Catalogue] = {
    "wire": {**wire.ENDLESS, **wire.SLOW, **wire.LENGTHS, **wire.BOMBS},
    "heads": {**wire.FLOODS, **wire.VALUES, **wire.FORMS},
    "charsets": {**wire.CHARSETS, **wire.CHARSETS_IN_PAGES},
    "redirects": redirects.REDIRECTS,
    "texts": {**pages.ODDS, **pages.LIES},
    "frames": framing.FRAMING,
}
FILES: dict[str, Catalogue] = {"pictures": files.PICTURES, "files": {**files.OFFICE, **files.NAMES}}


def _judge(portal: HostilePortal, folder: Path, *, outcomes: tuple[str, ...]) -> None:
    night = run_night(portal, folder)
    assert judge_hostile(portal, folder, night) == []
    assert night.outcome in outcomes, night.reason
    portal.is_well = True
    night = run_night(portal, folder, now=SECOND_NIGHT)
    assert judge_well(portal, folder, night) == []


@pytest.mark.parametrize("name", ARTICLES)
def test_a_hostile_answer_at_an_article_leaves_the_others(name: str, tmp_path: Path) -> None:
    wire.prepare()
    with HostilePortal(articles=ARTICLES[name], good=24) as portal:
        # If more pages cannot be read than can, the layout may have changed: the night is suspect.
        _judge(portal, tmp_path, outcomes=("complete", "partial", "suspect"))


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_leaves_its_article_and_the_others(name: str, tmp_path: Path) -> None:
    with HostilePortal(files=FILES[name], good=24) as portal:
        _judge(portal, tmp_path, outcomes=("partial", "complete"))
