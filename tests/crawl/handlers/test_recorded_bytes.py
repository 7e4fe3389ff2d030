"""What the WARC holds of more than 200 answers is what their server wrote, and of the requests what it received."""

import asyncio
from pathlib import Path

from scrapy import Request

from crawler.archive.warc.reader import warc_files
from crawler.crawl.download.address_policy import AddressPolicy, parse_literal
from crawler.crawl.download.libcurl.client import CurlClient
from crawler.crawl.download.libcurl.failures import UnreadableAnswerError
from crawler.crawl.download.libcurl.transfer import Setup
from crawler.crawl.download.raw_reader import RawSetup, fetch_raw
from crawler.crawl.download.times import Times
from crawler.crawl.outcomes import NetworkError, RefusedError
from crawler.items import Exchange
from crawler.profile import Tls
from tests.support.build import Clock, Night
from tests.support.wire.certificates import issue, server_context
from tests.support.wire.client import run_with_client
from tests.support.wire.odd_answers import ODD_ANSWERS, make_shapes
from tests.support.wire.odd_server import OddServer, serve_odd_answers
from tests.support.wire.warc_records import read_records
from tests.support.wire.warc_tools import warcio_check

# `warcio check` dies of these: it asks the brotli library for what it does not have.
BROTLI = ("coding-br-unasked", "coding-br-on-plain")
ANSWERS = {name: answer for name, answer in ODD_ANSWERS.items() if name not in BROTLI} | make_shapes(60, seed=7)
LIMIT = 1 << 24
TIMES = Times(connect_seconds=5, head_seconds=5, idle_seconds=5, least_rate=1, rate_seconds=60)


def _setup(server: OddServer, folder: Path) -> Setup:
    address = parse_literal("127.0.0.1")
    assert address is not None
    policy = AddressPolicy(frozenset({(address, server.port)}))
    return Setup(times=TIMES, policy=policy, spool_folder=folder / "spool", clock=Clock(), tls=Tls(verify=False))


async def _fetch(client: CurlClient, url: str) -> Exchange | None:
    """Fetch as the handler does: by libcurl, and once more by the raw reader if libcurl refuses. None for no answer."""
    request, setup = Request(url), client.setup
    try:
        try:
            return (await client.fetch(request, max_bytes=LIMIT)).exchange
        except UnreadableAnswerError:
            raw = RawSetup(setup.policy, setup.times, setup.tls, setup.spool_folder, setup.clock)
            return await fetch_raw(request, raw, max_bytes=LIMIT)
    except (NetworkError, RefusedError) as error:
        if error.kind not in ("no-answer", "connection-lost", "too-large"):
            raise
        return None


def test_records_hold_the_bytes_of_the_wire(tmp_path: Path) -> None:
    assert len(ANSWERS) > 200

    async def fetch_all(client: CurlClient) -> list[Exchange | None]:
        return [await _fetch(client, server.url(name)) for name in ANSWERS]

    with serve_odd_answers(ANSWERS) as server:
        exchanges = dict(zip(ANSWERS, run_with_client(fetch_all, _setup(server, tmp_path)), strict=True))
    with Night(tmp_path / "archive.db", Clock()) as night:
        urls = {night.record(one).record_id: name for name, one in exchanges.items() if one is not None}
    records = [record for path in warc_files(tmp_path / "warc") for record in read_records(path)]
    answers = [record for record in records if record.kind in ("response", "revisit")]
    assert len(answers) == len(urls) > 195
    unlike = []
    for record in answers:
        name = record.fields["warc-target-uri"].rpartition("/")[2]
        body = b"" if record.kind == "revisit" else record.body.read()
        if record.head + body not in ANSWERS[name].wire or not (record.head or body or record.kind == "revisit"):
            unlike.append(name)
    assert unlike == []
    sent = {record.head + record.body.read() for record in records if record.kind == "request"}
    assert sent <= set(server.received)
    assert warcio_check(*warc_files(tmp_path / "warc")).returncode == 0


def test_over_tls_the_raw_reader_keeps_the_bytes_too(tmp_path: Path) -> None:
    names = [name for name, answer in ANSWERS.items() if answer.wire and not answer.is_reset][::6]  # TLS takes time

    async def fetch_all(setup: Setup) -> list[Exchange | BaseException]:
        raw = RawSetup(setup.policy, setup.times, setup.tls, setup.spool_folder, setup.clock)
        few = asyncio.Semaphore(8)

        async def fetch(name: str) -> Exchange:
            async with few:
                return await fetch_raw(Request(server.url(name)), raw, max_bytes=LIMIT)

        return await asyncio.gather(*map(fetch, names), return_exceptions=True)

    with serve_odd_answers(ANSWERS, server_context(tmp_path, issue("127.0.0.1"))) as server:
        came = asyncio.run(fetch_all(_setup(server, tmp_path)))
    for name, one in zip(names, came, strict=True):
        answer = ANSWERS[name]
        if answer.refused == "no-answer":
            assert isinstance(one, NetworkError)
            continue
        assert isinstance(one, Exchange), (name, one)
        assert one.response_head + one.body.read() in answer.wire
        assert (one.truncated is not None) is (answer.is_cut and not name.startswith("coding-")), name
