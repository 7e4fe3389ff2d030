"""Replicas for the tests of this folder."""

from collections.abc import Iterator

import pytest

from crawler.replica import Replica, Truth


@pytest.fixture(scope="session")
def portal() -> Iterator[Replica]:
    with Replica(seed=1, articles=240) as running:
        yield running


@pytest.fixture(scope="session")
def truth(portal: Replica) -> Truth:
    return portal.truth()


@pytest.fixture
def small() -> Iterator[Replica]:
    with Replica(seed=3, articles=40) as running:
        yield running
