"""How fast a rebuild is: an archive of articles of real size, rebuilt with several numbers of processes.

`python -m bench.rebuild [--articles N] [--processes N …]` says how many articles a second, and the CPU time of the
process that writes and of those that read. Run it on an idle machine.
"""

import argparse
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.portal import Portal, make_portal
from crawler.archive.run_writer import RunWriter
from crawler.archive.warc.ledger import PageRead
from crawler.body import Body
from crawler.extract.answer import read_page
from crawler.extract.version import READER_VERSION
from crawler.items import Answer, Exchange, Outcome, Purpose
from crawler.profile import parse_profile
from crawler.rebuild.rebuild import rebuild
from crawler.side_process.cores import count_cores

_BASE = "https://bench.example.vn"


def main() -> int:
    """Print a line for each number of processes."""
    parser = argparse.ArgumentParser(prog="python -m bench.rebuild")
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--processes", type=int, nargs="*", default=[0, count_cores()])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        archive = folder / "archive.db"
        _write(archive, make_portal(folder / "portal", articles=given.articles, pictures=0))
        for processes in given.processes:
            print(_measure(archive, articles=given.articles, processes=processes), flush=True)
    return 0


def _write(archive: Path, portal: Portal) -> None:
    """Write an archive of the portal's pages, as a crawl does."""
    profile = parse_profile(portal.profile(_BASE))
    now = datetime(2026, 9, 1, 18, 30, tzinfo=UTC)
    writer = RunWriter(archive, profile, clock=lambda: now, warcinfo_fields=(("software", "bench"),))
    writer.begin()
    for path in portal.paths[1:]:
        url, is_listing = _BASE + path, path in portal.listings
        file = portal.folder / path[1:] / "index.html" if is_listing else portal.folder / path[1:]
        page = file.read_bytes()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        asked = f"GET {path} HTTP/1.1\r\nHost: bench.example.vn\r\n\r\n".encode()
        capture = writer.record(Exchange(url, "GET", asked, b"", now, 200, head, Body(page))).result()
        purpose, listing = (Purpose.LISTING, url) if is_listing else (Purpose.ARTICLE, None)
        number = 1 if is_listing else None
        answer = Answer(url, page, "text/html; charset=utf-8", None)
        reading, addresses = read_page(answer, purpose, asked=url, listing=listing, page=number, profile=profile)
        entry = PageRead(capture.record_id, purpose.value, url, listing, number, reader=READER_VERSION)
        writer.apply_page(entry, reading, addresses=addresses).result()
    writer.finish(Outcome.COMPLETE)
    writer.close()


def _measure(archive: Path, *, articles: int, processes: int) -> str:
    into = archive.with_name(f"rebuilt-{processes}.db")
    before = _cpu()
    began = time.perf_counter()
    rebuild(archive, into, processes=processes)
    seconds = time.perf_counter() - began
    written, read = (after - first for after, first in zip(_cpu(), before, strict=True))
    return (
        f"{processes} processes that read: {articles / seconds:.0f} articles a second in {seconds:.1f} s; "
        f"CPU {written:.1f} s writing, {read:.1f} s reading"
    )


def _cpu() -> tuple[float, float]:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return used[0].ru_utime + used[0].ru_stime, used[1].ru_utime + used[1].ru_stime


if __name__ == "__main__":
    sys.exit(main())
