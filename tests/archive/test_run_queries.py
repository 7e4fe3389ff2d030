"""What a run asks: plain values, which see what is not committed yet, and what is withheld."""

import pickle
from pathlib import Path

from crawler.archive.frontier.facts import ArchiveFacts
from crawler.archive.frontier.rechecks import Rechecks
from crawler.items import PortalIdentity
from tests.support.build import BASE, Clock, Night, article, link, listing, make_profile, new_address
from tests.support.withholding import PHOTO, SECRET, act, make_nights

A, B = new_address(1), new_address(2)
THREE = A, B, new_address(3)


def test_facts_see_what_is_not_committed(night: Night) -> None:
    night.put_listing(listing(link(A), link(B)))
    night.put(article(), A)
    assert night.queries.facts() == ArchiveFacts(
        rechecks=Rechecks(seen=0, missed=0, failed=0, is_all=True),
        missing_articles=1,
        held_articles=1,
        newest_seen_at="2026-09-01T18:30:00Z",
        new_gaps=0,
        put_aside=0,
        unlike_before=(),
        file_gaps=(),
    )


def test_facts_of_an_empty_archive_have_no_newest_article(night: Night) -> None:
    facts = night.queries.facts()
    assert (facts.held_articles, facts.newest_seen_at) == (0, None)


def test_held_articles_are_counted_as_far_as_the_profile_expects_some(archive: Path, clock: Clock) -> None:
    for extra, counted in (("", 1), ("[expect]\narticles = 2\n", 2), ("[expect]\narticles = 9\n", 3)):
        with Night(archive, clock, make_profile(extra)) as night:
            night.put_listing(listing(*map(link, THREE)))
            for number, address in enumerate(THREE):
                night.put(article(body=f"Bài viết số {number} của tối nay."), address)
            assert night.queries.facts().held_articles == counted


def test_answers_are_plain_values_that_can_cross_a_process(night: Night) -> None:
    night.put_listing(listing(link(A), link(B)))
    night.put(article(), A)
    capture = night.capture(f"{BASE}/x", b"page")
    answers = (
        night.queries.facts(), night.queries.due(), night.queries.controls(), night.queries.absence_controls(),
        night.queries.answer(capture), night.queries.listing_memory(f"{BASE}/tin-tuc"),
        night.queries.portal_change(PortalIdentity("Sa Pa", (), (), ()), ()), night.queries.known_files([]).result(),
    )  # fmt: skip
    assert pickle.loads(pickle.dumps(answers)) == answers


def test_what_is_withheld_is_asked_for_as_held(archive: Path, clock: Clock) -> None:
    make_nights(archive, clock, first=1, last=2)
    act(archive, "withhold", SECRET.url, at=clock())
    wanted = [(PHOTO, "image"), (f"{BASE}/nothing.png", "image")]
    with Night(archive, clock, full=True) as night:
        assert night.queries.known_files(wanted).result() == {(PHOTO, "image")}
        assert SECRET.url in [entry.url for entry in night.queries.due()]


def test_an_answer_in_a_damaged_record_is_none_and_the_run_goes_on(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        capture = night.capture(f"{BASE}/a.pdf", b"%PDF-1.4 words")
    with Night(archive, clock) as later:
        again = later.capture(f"{BASE}/a.pdf", b"%PDF-1.4 words")
        path = archive.parent / "warc" / capture.warc_file
        data = bytearray(path.read_bytes())
        data[capture.warc_offset + capture.warc_length // 2] ^= 0xFF
        path.write_bytes(data)
        assert later.writer.queries.answer(capture) is None
        assert later.writer.queries.answer(again) is None  # the revisit of it
        assert later.capture(f"{BASE}/b.pdf", b"other").id > again.id
