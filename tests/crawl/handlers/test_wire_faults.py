"""A night on a portal that answers each article in other odd bytes: read right, or a named failure and no claim."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from crawler.archive.warc.notes import UNANSWERED_FORMAT
from crawler.archive.warc.reader import warc_files
from crawler.rebuild.rebuild import rebuild
from crawler.replica import Replica
from crawler.replica.server.wire_faults import WIRE_KINDS, WIRE_READABLE, WIRE_UNREADABLE
from crawler.replica.truth import ArticleTruth
from tests.support.crawling import Ended, crawl, rows, tables, value
from tests.support.replica import set_on_article
from tests.support.wire.warc_records import read_records
from tests.support.wire.warc_tools import warcio_check

FILE_KINDS = {
    "wire-length-too-long": True,
    "wire-cut-body": False,
    "wire-cut-no-length": False,
    "wire-folded": True,
    "wire-headers-twice": True,
}


@dataclass(frozen=True)
class OddNights:
    """A night with one fault for each article, and one without faults. `spoilt` are the articles by fault."""

    archive: Path
    spoilt: dict[str, ArticleTruth]
    ended: tuple[Ended, Ended]
    errors: dict[str, list[tuple[str, int | None]]]  # kinds and captures, by address
    held: dict[str, str]  # texts of the first night, by address
    pictures: dict[str, bool]  # whether a picture was had in the first night, by its fault

    def addresses(self, kind: str) -> tuple[str, ...]:
        return self.spoilt[kind].url, self.spoilt[kind].old_url


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> OddNights:
    folder = tmp_path_factory.mktemp("odd")
    archive = folder / "archive.db"
    with Replica(articles=90) as portal:
        listed = [one for one in portal.truth().articles if one.state == "live" and one.listed and not one.fate]
        spoilt = dict(zip(WIRE_KINDS, listed, strict=False))
        for kind, one in spoilt.items():
            set_on_article(portal, one, kind)
        pictured = (one for one in listed[len(WIRE_KINDS) :] if one.images and one.images[0].sha256)
        pictures = {kind: next(pictured).images[0] for kind in FILE_KINDS}
        for kind, picture in pictures.items():
            portal.faults.set(unquote(urlsplit(picture.url).path), kind)
        first = crawl(portal, folder)
        images = {row["sha256"] for row in rows(archive, "select sha256 from images")}
        errors: dict[str, list[tuple[str, int | None]]] = {}
        for row in rows(archive, "select url, kind, capture_id from crawl_errors"):
            errors.setdefault(row["url"], []).append((row["kind"], row["capture_id"]))
        texts = rows(archive, "select u.url, a.body from article_urls u join articles a on a.id = u.article_id")
        portal.faults.clear()
        second = crawl(portal, folder)
    return OddNights(
        archive,
        spoilt,
        (first, second),
        errors,
        {row["url"]: row["body"] for row in texts},
        {kind: one.sha256 in images for kind, one in pictures.items()},
    )


def test_every_fault_met_an_article(nights: OddNights) -> None:
    assert set(nights.spoilt) == set(WIRE_KINDS)
    assert [ended.code for ended in nights.ended] == [3, 0], nights.ended[0].err + nights.ended[1].err
    assert value(nights.archive, "select count(*) from articles where removed_at is not null") == 0


@pytest.mark.parametrize("kind", WIRE_READABLE)
def test_the_article_is_read_as_it_is(nights: OddNights, kind: str) -> None:
    texts = {nights.held.get(url) for url in nights.addresses(kind)} - {None}
    assert texts == {nights.spoilt[kind].body}, [nights.errors.get(url) for url in nights.addresses(kind)]


@pytest.mark.parametrize(("kind", "failure"), WIRE_UNREADABLE.items())
def test_the_failure_has_its_name_and_no_article_comes_of_it(nights: OddNights, kind: str, failure: str) -> None:
    assert not set(nights.addresses(kind)) & set(nights.held)
    found = [error for url in nights.addresses(kind) for error in nights.errors.get(url, [])]
    assert {name for name, _ in found} == {failure}
    assert all((capture is None) is (failure == "no-answer") for _, capture in found)


def test_a_picture_that_was_cut_is_not_taken_and_one_with_its_end_is(nights: OddNights) -> None:
    assert nights.pictures == FILE_KINDS


def test_what_was_read_under_a_fault_is_what_is_read_without(nights: OddNights) -> None:
    assert value(nights.archive, "select count(*) from articles where revision > 1") == 0
    held = {row["url"] for row in rows(nights.archive, "select url from article_urls")}
    assert all(held & set(nights.addresses(kind)) for kind in WIRE_KINDS)


def test_an_answer_that_libcurl_refuses_is_recorded_before_it_is_fetched_again(
    nights: OddNights, tmp_path: Path
) -> None:
    assert rows(nights.archive, "select url, status from captures where truncated = 'unspecified'")
    # Alone: a host that once folded a header line is asked by the raw reader only.
    with Replica(articles=9) as portal:
        article = next(one for one in portal.truth().articles if one.state == "live" and one.listed and not one.fate)
        set_on_article(portal, article, "wire-http-1.2")
        crawl(portal, tmp_path)
    notes = [
        json.loads(record.block)
        for path in warc_files(tmp_path / "warc")
        for record in read_records(path, kinds=("metadata",))
    ]
    unanswered = [note["error"] for note in notes if note["format"] == UNANSWERED_FORMAT]
    assert unanswered
    assert all(unanswered)


def test_the_records_are_sound_and_a_rebuild_gives_equal_rows(nights: OddNights, tmp_path: Path) -> None:
    rebuild(nights.archive, tmp_path / "rebuilt.db")
    ours, theirs = tables(nights.archive), tables(tmp_path / "rebuilt.db")
    for name in ("articles", "revision_rows", "captures", "crawl_errors", "article_events", "frontier"):
        assert ours[name] == theirs[name], name
    checked = warcio_check(*warc_files(nights.archive.parent / "warc"))
    assert checked.returncode == 0, checked.stdout
