"""When a transfer is given up; the clock is a parameter."""

import pytest

from crawler.crawl.download.times import Times, Watch

TIMES = Times(
    connect_seconds=15, head_seconds=60, idle_seconds=30, least_rate=1000, rate_seconds=60, page_seconds=600
)  # fmt: skip


def _judge(rate: float, *, seconds: int, every: int = 1) -> tuple[str, float] | None:
    """Return kind and time of the end of a body that comes with so many bytes a second, None if it never ends."""
    watch = Watch(TIMES, 0, of={})
    for now in range(1, seconds + 1):
        failure = watch.judge(100 + int(rate * (now - now % every)), now, has_head=True)
        if failure is not None:
            return failure.kind, now
    return None


@pytest.mark.parametrize(
    ("rate", "every", "ended"),
    [
        (150_000, 1, None),
        (1_100, 1, None),
        (1_100, 20, None),
        (0, 1, ("timeout", 31)),
        (50_000, 40, ("timeout", 31)),
        (1, 1, ("too-slow", 60)),
        (900, 10, ("too-slow", 60)),
    ],
)
def test_a_body_is_judged_by_silence_and_by_its_rate(rate: float, every: int, ended: tuple[str, float] | None) -> None:
    assert _judge(rate, seconds=4000, every=every) == ended


def test_a_body_that_becomes_a_drip_ends_a_minute_later() -> None:
    watch = Watch(TIMES, 0, of={})
    for now in range(1, 601):
        assert watch.judge(100_000 * now, now, has_head=True) is None
    ends = [now for now in range(601, 900) if watch.judge(60_000_000 + now, now, has_head=True)]
    assert 655 <= ends[0] <= 661


def test_the_head_has_a_time_of_its_own_that_bytes_do_not_prolong() -> None:
    watch = Watch(TIMES, 100, of={})
    assert all(watch.judge(now, now, has_head=False) is None for now in range(100, 160))
    failure = watch.judge(160, 160, has_head=False)
    assert failure is not None
    assert failure.kind == "timeout"


@pytest.mark.parametrize(
    ("meta", "ends"),
    [({"purpose": "article"}, 600), ({"is_robots": True}, 600), ({"purpose": "attachment"}, None), ({}, None)],
)
def test_a_page_has_a_time_for_all_of_it_and_a_file_has_none(meta: dict[str, object], ends: int | None) -> None:
    watch = Watch(TIMES, 0, of=meta)
    late = [now for now in range(1, 4000) if watch.judge(2_000 * now, now, has_head=True)]
    assert next(iter(late), None) == ends
