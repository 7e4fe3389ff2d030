"""Two hundred deaths of crawls, writers or all processes, at random instants, end in an undisturbed archive."""

import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import (
    command,
    content,
    crawl,
    kill,
    kill_family,
    kill_writer,
    start,
    tables,
    value,
    write_profile,
)

pytestmark = pytest.mark.slow

ARCHIVES = 10
# `dev trial` kills so many more.
MORE_ARCHIVES = 40
KILLS = 20
# From before the program is up, in seconds, until most of a crawl is done, as a share of the undisturbed crawl's time.
EARLIEST, LATEST = 0.4, 0.75


@pytest.fixture(scope="module")
def portal() -> Iterator[Replica]:
    with Replica(articles=120) as replica:
        yield replica


@pytest.fixture(scope="module")
def undisturbed(
    portal: Replica, tmp_path_factory: pytest.TempPathFactory
) -> tuple[float, dict[str, list[tuple[object, ...]]]]:
    """How long a crawl takes that is not killed, in seconds, and what it archives."""
    folder = tmp_path_factory.mktemp("undisturbed")
    began = time.monotonic()
    assert crawl(portal, folder).code == 0
    return time.monotonic() - began, content(folder / "archive.db")


@pytest.mark.parametrize(
    "seed",
    [
        *range(ARCHIVES),
        *(pytest.param(seed, marks=pytest.mark.trial) for seed in range(ARCHIVES, ARCHIVES + MORE_ARCHIVES)),
    ],
)
def test_an_archive_killed_twenty_times_is_that_of_an_undisturbed_run(
    portal: Replica, undisturbed: tuple[float, dict[str, list[tuple[object, ...]]]], tmp_path: Path, seed: int
) -> None:
    moments = random.Random(seed)
    archive = tmp_path / "archive.db"
    profile = write_profile(portal, tmp_path)
    seconds, expected = undisturbed
    killed = 0
    for _ in range(KILLS):
        process, began = start("crawl", "--portal", profile, "--archive", archive), time.monotonic()
        try:
            code: int | None = process.wait(moments.uniform(EARLIEST, max(EARLIEST, LATEST * seconds)))
            process.communicate()
            # The machine is faster now, or little is left to do: the next ones die earlier.
            seconds = time.monotonic() - began
        except subprocess.TimeoutExpired:
            code = moments.choice((kill, kill_writer, kill_family))(process)
            killed += 1
        assert code in (-9, 0, 1), code
    assert killed > 0
    ended = command("crawl", "--portal", profile, "--archive", archive)
    assert ended.code == 0, ended.err
    assert content(archive) == expected
    assert value(archive, "select count(*) from revisions where number > 1") == 0
    assert value(archive, "select count(*) from crawls where outcome not in ('interrupted', 'complete')") == 0
    verified = command("verify", "--archive", archive)
    assert verified.code == 0, verified.out
    ended = command("rebuild", "--archive", archive, "--into", tmp_path / "new.db")
    assert ended.code == 0, ended.err
    assert tables(archive) == tables(tmp_path / "new.db")
