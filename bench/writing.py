"""The work of a crawl on an archive, without a portal: a run writer captures and stores pages at a given pace.

`python -m bench.writing ARCHIVE PAGES_A_SECOND` writes into an archive of `bench.library` until SIGTERM: new articles,
and every third time a change of an old one. It commits as a crawl does.
"""

import random
import signal
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.library import CATEGORIES, ORIGIN, PORTAL, Stock, make_stock
from crawler.addresses import classify
from crawler.archive.database import open_for_reading
from crawler.archive.run_writer import RunWriter
from crawler.archive.warc.ledger import PageRead
from crawler.body import Body
from crawler.items import Address, Article, Exchange, FoundDate, Outcome, PageReading, Purpose
from crawler.profile import parse_profile
from crawler.sentences import say
from crawler.settings import COMMIT_SECONDS

PROFILE = parse_profile(f'name = "{PORTAL}"\ntitle = "Thị xã Sa Pa"\ncms = "vnpt"\nbase_url = "{ORIGIN}/"\n')
# The size of a page of the CMS, without its text.
_FRAME_BYTES = 60_000


@dataclass(frozen=True, slots=True)
class _Bench:
    writer: RunWriter
    stock: Stock
    rng: random.Random

    def put_article(self, number: int) -> None:
        """Capture and store the page of an article, with a text that it never had."""
        title = self.rng.choice(self.stock.titles)
        paragraphs = [*self.rng.choices(self.stock.paragraphs, k=5), f"Cập nhật lần {self.rng.randrange(10**9)}."]
        address = _address_of(number)
        page = f"<html><title>{title}</title>{'<div></div>' * (_FRAME_BYTES // 11)}{paragraphs}</html>"
        capture = self.writer.record(_make_exchange(address.url, page)).result()
        today = datetime.now(UTC).date()
        said = Article(
            title=title, summary=paragraphs[0], body="\n\n".join(paragraphs),
            body_html="".join(f"<p>{text}</p>" for text in paragraphs), byline=None, source=None,
            dates=(FoundDate(today, "page"),), images=(), attachments=(), category_slug=CATEGORIES[0],
            category_title=None,
        )  # fmt: skip
        entry = PageRead(capture.record_id, Purpose.ARTICLE.value, address.url)
        self.writer.apply_page(entry, PageReading(article=said), addresses=(address,)).result()


def main(archive: Path, pages_a_second: float) -> None:
    """Write until SIGTERM. The first line that it prints says that it has begun."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    rng = random.Random()
    with closing(open_for_reading(archive)) as connection:
        held = int(connection.execute("select max(id) from articles").fetchone()[0])
    writer = RunWriter(archive, PROFILE, clock=lambda: datetime.now(UTC), warcinfo_fields=(("software", "bench"),))
    try:
        writer.begin()
        print("writing", flush=True)
        _write(_Bench(writer, make_stock(rng), rng), held, pause_seconds=1 / pages_a_second)
    finally:
        writer.finish(Outcome.INTERRUPTED, (say("stopped-on-request"),))
        writer.close()


def _write(bench: _Bench, held: int, *, pause_seconds: float) -> None:
    committed = time.monotonic()
    count = 0
    while True:
        began = time.monotonic()
        count += 1
        bench.put_article(bench.rng.randrange(1, held + 1) if count % 3 == 0 else held + count)
        if began - committed > COMMIT_SECONDS:
            bench.writer.commit().result()
            committed = began
        time.sleep(max(began + pause_seconds - time.monotonic(), 0))


def _address_of(number: int) -> Address:
    found = classify(f"{ORIGIN}/{CATEGORIES[0]}/bai-{number}-{1_000_000 + number}", PROFILE)
    assert found is not None
    return found


def _make_exchange(url: str, page: str) -> Exchange:
    return Exchange(
        url=url, method="GET", request_head=b"GET /x HTTP/1.1\r\nUser-Agent: bench\r\n\r\n", request_body=b"",
        fetched_at=datetime.now(UTC), status=200,
        response_head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n", body=Body(page.encode()),
    )  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
