"""Pages of megabytes, and all that are dear to read at once: the memory and the time of a night are bounded."""

from pathlib import Path

import pytest

from tests.support.hostile import listings, pages
from tests.support.hostile.nights import SECOND_NIGHT, judge_hostile, judge_well, run_night
from tests.support.hostile.portal import HostilePortal

# What a night of dear pages may take on a machine that is busy with other tests; alone it takes a tenth.
_MOST_SECONDS = 900


@pytest.mark.slow
def test_pages_of_megabytes_keep_the_memory_of_a_night_bounded(tmp_path: Path) -> None:
    lists = {f"{name}-list": one for name, one in pages.LARGE.items()}
    with HostilePortal(articles=pages.LARGE, listings=lists, good=5) as portal:
        night = run_night(portal, tmp_path, most_seconds=_MOST_SECONDS)
        assert judge_hostile(portal, tmp_path, night) == []
        assert night.outcome in ("partial", "suspect"), night.reason


@pytest.mark.slow
@pytest.mark.parametrize("name", ["p-7-megabytes", "p-with-attributes-3-megabytes", "nbsp-3-megabytes"])
def test_a_home_page_of_megabytes_is_survived(name: str, tmp_path: Path) -> None:
    with HostilePortal(fixed={"/": pages.LARGE[name]}, good=5) as portal:
        night = run_night(portal, tmp_path, most_seconds=_MOST_SECONDS)
        assert judge_hostile(portal, tmp_path, night) == []
        portal.is_well = True
        night = run_night(portal, tmp_path, now=SECOND_NIGHT, most_seconds=_MOST_SECONDS)
        assert judge_well(portal, tmp_path, night) == []


@pytest.mark.slow
def test_all_dear_pages_at_once_leave_the_others(tmp_path: Path) -> None:
    with HostilePortal(articles=pages.COSTS, listings=listings.LISTINGS, good=24) as portal:
        night = run_night(portal, tmp_path, most_seconds=_MOST_SECONDS)
        assert judge_hostile(portal, tmp_path, night) == []
        assert night.outcome == "partial", night.reason
        portal.is_well = True
        night = run_night(portal, tmp_path, now=SECOND_NIGHT, most_seconds=_MOST_SECONDS)
        assert judge_well(portal, tmp_path, night) == []
