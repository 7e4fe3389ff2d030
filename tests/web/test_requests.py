"""Odd requests to every route: no failure of ours, no path of the server, every answer bounded, ours in Vietnamese."""

import gc
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.crawling import ROOT
from tests.support.hostile.requests import Answered, Asked, Visitor, odd_requests
from tests.support.web_archive import Site, open_site

MOST_BYTES, MOST_SECONDS = 8_000_000, 15.0
# Ours answer under these; an unknown address below them is a page in Vietnamese.
OURS = ("/article/", "/image/", "/attachment/", "/capture/", "/thumbnail/")

# Datasette makes the coroutines of its facets before it looks at all parameters.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("requests")) as opened:
        yield opened
        gc.collect()


def _faults(asked: Asked, answered: Answered, *, secrets: list[bytes]) -> Iterator[str]:
    """Yield what is wrong with an answer."""
    if answered.error:
        yield answered.error
    elif not 200 <= answered.status < 600 or answered.status == 500:
        yield f"status {answered.status}"
    if len(answered.body) > MOST_BYTES:
        yield f"{len(answered.body):,} bytes"
    head = b"\n".join(name + b": " + value for name, value in answered.headers)
    if b"\n" in b"".join(value for _, value in answered.headers) or b"\r" in head:
        yield "a line within a header"
    shown = head + answered.body
    yield from (f"shows {secret.decode()}" for secret in secrets if secret in shown)
    if b"Traceback (most recent" in shown:
        yield "a traceback"
    is_page = answered.status == 404 and asked.method == "GET" and asked.path.startswith(OURS)
    if is_page and "Không tìm thấy trang này".encode() not in answered.body and b"lang=en" not in asked.query.encode():
        yield "no page in Vietnamese"


def _ask_all(site: Site, folder: Path, *, seed: int, each: int) -> list[str]:
    visitor = Visitor(site)
    secrets = [str(ROOT).encode(), str(folder).encode(), b"site-packages", b"/.venv/"]
    wrong = []
    for asked in odd_requests(site, seed=seed, each=each):
        begun = time.monotonic()
        answered = visitor.ask(asked)
        faults = list(_faults(asked, answered, secrets=secrets))
        if (seconds := time.monotonic() - begun) > MOST_SECONDS:
            faults.append(f"{seconds:.1f} s")
        wrong += [f"{asked}: {fault}" for fault in faults]
    return wrong


def test_no_odd_request_makes_the_site_fail(site: Site, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert _ask_all(site, tmp_path_factory.getbasetemp(), seed=1, each=1) == []


@pytest.mark.trial
@pytest.mark.parametrize("seed", range(2, 8))
def test_many_odd_requests_do_not_either(site: Site, tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    assert _ask_all(site, tmp_path_factory.getbasetemp(), seed=seed, each=20) == []
