"""The ledger: every entry comes back as it was written, and what is no ledger is told from one of the future."""

import json
from dataclasses import replace

import pytest

from crawler.archive.warc.ledger import (
    LEDGER_FORMAT,
    CrawlFinished,
    CrawlStarted,
    Entry,
    Failed,
    FileRead,
    ListingWalked,
    PageRead,
    parse_entries,
    render_entries,
)
from crawler.errors import WarcError
from crawler.sentences import say

MISSING = (say("page-missing", page=2, problem=say("other", text="timeout")),)
ILL = say("pages-failing", count=30, total=60)
ENTRIES: list[Entry] = [
    CrawlStarted(1, "2026-09-01T18:30:00Z", '{"name": "sapa"}', full=True),
    PageRead("urn:uuid:1", "listing", "https://x.vn/a", "https://x.vn/a", 2),
    PageRead("urn:uuid:2", "article", "https://x.vn/a/đổi-1", article_id=7, reader=2),
    FileRead("urn:uuid:3", "image", "https://x.vn/a.jpg", reader=2),
    Failed(
        1,
        "https://x.vn/b",
        "2026-09-01T18:31:00Z",
        "timeout",
        say("other", text="quá lâu \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")),
        "article",
        attempted=True,
    ),
    ListingWalked(1, "https://x.vn/a", "2026-11-24T18:30:00Z", None, 2, 30, MISSING, False),
    CrawlFinished(1, "2026-09-01T19:00:00Z", "partial", (say("new-gaps", count=2),), "2026-09-02", ILL),
    CrawlFinished(2, "2026-09-02T19:00:00Z", "interrupted", (), None, None),
]


def ledger(*rows: dict[str, object], name: str = LEDGER_FORMAT) -> bytes:
    return json.dumps({"format": name, "entries": rows}).encode()


def test_entries_come_back_equal_and_in_order() -> None:
    assert parse_entries(render_entries(ENTRIES)) == ENTRIES


def test_no_entries_come_back_as_none() -> None:
    assert parse_entries(render_entries([])) == []


@pytest.mark.parametrize(
    "content", [b"", b"not json", b"\xff\xfe", b"[]", b"7", b'"x"', b"null", b'{"format": "other/1"}', b"{}"]
)
def test_a_metadata_record_of_another_kind_holds_no_entries(content: bytes) -> None:
    assert parse_entries(content) == []


def test_a_ledger_of_a_newer_format_is_refused_and_not_passed_over() -> None:
    with pytest.raises(WarcError, match="newer version"):
        parse_entries(ledger(name="portal-archive-ledger/2"))


@pytest.mark.parametrize(
    "row",
    [
        {"do": "teleported"},
        {"capture": "urn:uuid:1"},
        {"do": "file-read", "capture": "urn:uuid:1", "role": "image", "asked": "x", "more": 1},
        {"do": "file-read", "capture": "urn:uuid:1"},
    ],
)
def test_an_unknown_entry_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(WarcError, match="does not know"):
        parse_entries(ledger(row))


def test_a_ledger_without_entries_is_refused() -> None:
    with pytest.raises(WarcError):
        parse_entries(json.dumps({"format": LEDGER_FORMAT}).encode())


def test_the_end_of_a_run_that_an_older_version_wrote_is_read() -> None:
    entry = CrawlFinished(1, "2026-09-01T18:30:00Z", "complete", (), "2026-09-02", None, 4)
    record = json.loads(render_entries([entry]))
    assert parse_entries(json.dumps(record).encode()) == [entry]
    del record["entries"][0]["clock_offset_seconds"]
    assert parse_entries(json.dumps(record).encode()) == [replace(entry, clock_offset_seconds=None)]


def test_readings_that_an_older_version_wrote_name_no_reader() -> None:
    record = json.loads(render_entries(ENTRIES[2:4]))
    for row in record["entries"]:
        assert row.pop("reader") == 2
    assert parse_entries(json.dumps(record).encode()) == [replace(entry, reader=None) for entry in ENTRIES[2:4]]


def test_entries_keep_the_members_and_the_prose_of_version_0_1_0() -> None:
    record = json.loads(render_entries(ENTRIES))
    *_, failed, walked, finished, _ = record["entries"]
    assert (failed["kind"], failed["message"][:7], walked["missing"]) == ("timeout", "quá lâu", "page 2: timeout")
    assert finished["reason"] == "2 articles failed for nights and are known gaps from now on"
    assert finished["ill"] == "30 of 60 article pages could not be had"
    assert record["said"]["6"] == {
        "reason": [{"kind": "new-gaps", "args": {"count": 2}}],
        "ill": {"kind": "pages-failing", "args": {"count": 30, "total": 60}},
    }


def test_the_sentences_of_version_0_1_0_are_parsed() -> None:
    record = json.loads(render_entries(ENTRIES))
    del record["said"]
    assert parse_entries(json.dumps(record).encode()) == ENTRIES


def test_sentences_of_a_newer_version_are_kept_as_their_prose() -> None:
    record = json.loads(render_entries([ENTRIES[-2]]))
    record["entries"][0]["reason"] = "the moon was full"
    record["said"]["0"]["reason"] = [{"kind": "moon", "args": {}}]
    (finished,) = parse_entries(json.dumps(record).encode())
    assert isinstance(finished, CrawlFinished)
    assert finished.reason == (say("other", text="the moon was full"),)
