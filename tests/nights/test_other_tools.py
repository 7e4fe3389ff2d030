"""Other people's tools read several nights: pywb replays what the portal sent, fastwarc finds every digest true.

They live in an environment of their own, `.venv-tools`, which `./dev check` makes.
"""

import http.client
import socket
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from crawler.archive.database import open_for_reading
from crawler.archive.warc.captures import as_capture
from crawler.archive.warc.reader import parse_http, warc_files
from crawler.items import Capture
from crawler.replica import Replica
from tests.support.crawling import ROOT, crawl, rows
from tests.support.wire.warc_records import read_records
from tests.support.wire.warc_tools import warcio_check

TOOLS = ROOT / ".venv-tools" / "bin"

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not TOOLS.is_dir(), reason="no .venv-tools: `./dev check` makes it")]

# Prints the records of each file, and how many of its block and payload digests are true.
FASTWARC = """
import sys
from fastwarc.warc import ArchiveIterator, WarcRecordType
for name in sys.argv[1:]:
    blocks = [r.verify_block_digest() for r in ArchiveIterator(open(name, "rb"), parse_http=False)]
    answers = ArchiveIterator(open(name, "rb"), record_types=WarcRecordType.response)
    payloads = [r.verify_payload_digest() for r in answers if "WARC-Payload-Digest" in r.headers]
    print(len(blocks), sum(blocks), len(payloads), sum(payloads))
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six nights of a replica, whose articles, lists and files change, with full looks."""
    folder = tmp_path_factory.mktemp("tools")
    with Replica(articles=36) as portal:
        for night in range(1, 7):
            portal.night = night
            assert crawl(portal, folder, "--full").code in (0, 3)
    return folder / "archive.db"


def test_every_digest_of_six_nights_is_true_for_fastwarc_and_warcio(archive: Path) -> None:
    paths = warc_files(archive.parent / "warc")
    assert len(paths) == 6
    line = [TOOLS / "python", "-c", FASTWARC, *paths]
    done = subprocess.run(line, capture_output=True, text=True, timeout=120, check=True)
    for path, said in zip(paths, done.stdout.splitlines(), strict=True):
        blocks, true_blocks, payloads, true_payloads = map(int, said.split())
        assert blocks == true_blocks == sum(1 for _ in read_records(path))
        assert payloads == true_payloads > 0
    assert warcio_check(*paths).returncode == 0


def test_pywb_replays_articles_pictures_and_pager_pages_as_the_portal_sent_them(archive: Path, tmp_path: Path) -> None:
    sent = _read_sent(archive)
    captures = [as_capture(row) for row in rows(archive, "select * from captures where status = 200 order by id")]
    kinds = {(capture.method, capture.record_type) for capture in captures}
    assert {("GET", "response"), ("GET", "revisit"), ("POST", "response")} <= kinds
    # pywb tells captures apart to the second: of two in one second it shows either.
    allowed: dict[tuple[str, str | None, str], set[bytes]] = defaultdict(set)
    for capture in captures:
        allowed[capture.url, capture.request_sha256, capture.fetched_at].add(sent[capture.id][1])
    with _serve(archive, tmp_path) as port:
        wrong = [
            capture.url
            for capture in captures
            if _replay(port, capture, sent[capture.id][0])
            not in {(200, body) for body in allowed[capture.url, capture.request_sha256, capture.fetched_at]}
        ]
    assert wrong == []


def _read_sent(archive: Path) -> dict[int, tuple[bytes, bytes]]:
    """Return for each capture the body of its request, and the payload that the portal sent, from the WARC files."""
    requests: dict[str, bytes] = {}
    payloads: dict[str, bytes] = {}
    for path in warc_files(archive.parent / "warc"):
        for record in read_records(path):
            if record.kind == "request":
                requests[record.fields["warc-concurrent-to"]] = record.body.read()
            elif record.kind == "response":
                payloads[record.record_id] = parse_http(record).body
            elif record.kind == "revisit":
                payloads[record.record_id] = payloads[record.fields["warc-refers-to"]]
    with closing(open_for_reading(archive)) as connection:
        ids = dict(connection.execute("select record_id, id from captures"))
    return {ids[record_id]: (requests[record_id], payload) for record_id, payload in payloads.items()}


@contextmanager
def _serve(archive: Path, folder: Path) -> Iterator[int]:
    """Serve a copy of the WARC files with pywb, on a free port."""
    for line in (["init", "nights"], ["add", "nights", *map(str, warc_files(archive.parent / "warc"))]):
        subprocess.run([TOOLS / "wb-manager", *line], cwd=folder, capture_output=True, timeout=120, check=True)
    with socket.socket() as free:  # pywb does not say which port it took
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [TOOLS / "wayback", "--bind", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("wb") as log, subprocess.Popen(line, cwd=folder, stdout=log, stderr=log) as server:
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("pywb did not start")


def _replay(port: int, capture: Capture, posted: bytes) -> tuple[int, bytes]:
    """Ask pywb for the bytes of an address at a time (`id_`: nothing rewritten)."""
    moment = "".join(filter(str.isdigit, capture.fetched_at))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(
            capture.method,
            f"/nights/{moment}id_/{capture.url}",
            body=posted or None,
            headers={"Accept-Encoding": "gzip, br", "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"},
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
