"""Other bytes under the addresses of files are judged by what their host gives for an address that names nothing."""

from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.crawl.replaced_files import RUNS_ALIKE, ReplacedFiles
from crawler.items import FailureItem, FileItem, FileRole
from crawler.media.images import examine_image
from tests.support.build import STORE, Clock, Night, picture

COLOURS = ("red", "green", "blue")
URLS = tuple(f"{STORE}/lci/{colour}.png" for colour in COLOURS)
NOTHING = picture("grey")


def judge(night: Night, urls: tuple[str, ...], data: bytes, *, control: tuple[int, bytes]) -> list[str]:
    """Get the same bytes from addresses, then the answer of the control; give the kind of failure of each, or ""."""
    replaced = ReplacedFiles(night.queries, crawl_id=night.writer.crawl_id)
    for url in urls:
        capture = night.capture(url, data, content_type="image/png")
        assert replaced.hold(FileItem(capture, url, examine_image(data, None), FileRole.IMAGE))
    (request,) = replaced.control_requests(lambda url, role: Request(url, meta={"purpose": role.value}))
    status, body = control
    request.meta["capture"] = night.capture(request.url, body, status=status)
    assert request.callback is not None
    items = list(request.callback(Response(request.url, status=status, request=request)))
    assert all(isinstance(item, FileItem | FailureItem) for item in items)
    assert replaced.control_requests(lambda url, _: Request(url)) == []
    return [item.kind if isinstance(item, FailureItem) else "" for item in items]


@pytest.fixture
def held(archive: Path, clock: Clock) -> Path:
    with Night(archive, clock) as night:
        for url, colour in zip(URLS, COLOURS, strict=True):
            night.put_file(url, picture(colour))
    clock.go_on(days=1)
    return archive


@pytest.mark.parametrize(
    ("count", "control", "kind"),
    [
        (1, (404, b"no"), ""), (2, (404, b"no"), ""), (3, (404, b"no"), "placeholder"),
        (1, (200, NOTHING), "placeholder"), (1, (200, picture("white")), ""), (1, (404, NOTHING), ""),
    ],
)  # fmt: skip
def test_a_placeholder_is_what_comes_for_nothing_or_for_many(
    held: Path, clock: Clock, count: int, control: tuple[int, bytes], kind: str
) -> None:
    with Night(held, clock) as night:
        assert judge(night, URLS[:count], NOTHING, control=control) == [kind] * count


def test_one_picture_for_many_is_what_the_portal_has_after_seven_runs_unless_it_comes_for_nothing(
    held: Path, clock: Clock
) -> None:
    for _ in range(RUNS_ALIKE):
        with Night(held, clock) as night:
            assert judge(night, URLS, NOTHING, control=(404, b"no")) == ["placeholder"] * 3
        clock.go_on(days=1)
    with Night(held, clock) as night:
        assert judge(night, URLS, NOTHING, control=(200, NOTHING)) == ["placeholder"] * 3
        assert judge(night, URLS, NOTHING, control=(404, b"no")) == [""] * 3
