"""A portal that moves to another host, scheme or port keeps its articles, files and listings; a rebuild does so too."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crawler.addresses import classify, todays_address
from crawler.archive.database import open_for_reading
from crawler.errors import PortalMovedError
from crawler.items import FileRole, Purpose
from crawler.profile import Profile, parse_profile
from crawler.rebuild.rebuild import rebuild
from crawler.search.addresses.lookup import find_article
from tests.support.archives.rows import all_rows
from tests.support.build import (
    BASE,
    PROFILE_TOML,
    Address,
    Clock,
    Night,
    article_page,
    listing_page,
    new_address,
    old_address,
    picture,
    read_rows,
)

A, B, OLD = new_address(101, "mot"), new_address(102, "hai"), old_address(7, "ba")
LONG = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng."
PHOTO = "/sitefolders/anh.png"

# Where the portal moves to, and how the profile names where it was.
MOVES = {
    "another host": ("https://xa-sapa.example.vn/", f"{BASE}/"),
    "http": ("http://sapa.example.vn/", f"{BASE}/"),
    "www": ("https://www.sapa.example.vn/", f"{BASE}/"),
    "another port": ("https://sapa.example.vn:8443/", f"{BASE}/"),
    "without a slash, in capitals": ("https://xa-sapa.example.vn", "HTTPS://SAPA.example.vn"),
    "with the default port": ("https://xa-sapa.example.vn/", f"{BASE}:443/"),
}


def profile_of(base_url: str, *former: str) -> Profile:
    moved = ", ".join(f'"{one}"' for one in former)
    return parse_profile(PROFILE_TOML.replace(f"{BASE}/", base_url) + f"moved_from = [{moved}]\n")


def on(profile: Profile, url: str) -> str:
    return profile.origin + url.removeprefix(BASE)


def portal_night(night: Night, *, absolute: str | None = None) -> None:
    """Crawl the portal at its profile's host; `absolute` is the origin that its pages still name."""
    named = absolute or night.profile.origin
    rows = []
    for at, title in ((A, "Một"), (B, "Hai"), (OLD, "Ba")):
        there = classify(named + at.url.removeprefix(BASE), night.profile)
        assert there is not None
        rows.append((Address(named + at.url.removeprefix(BASE), at.kind, at.source_id), title, None))
        assert there.url == on(night.profile, at.url)
    night.read(on(night.profile, f"{BASE}/tin-tuc"), listing_page(rows), Purpose.LISTING)
    for at, title in ((A, "Một"), (B, "Hai"), (OLD, "Ba")):
        images = [named + PHOTO] if at is A else []
        night.read(on(night.profile, at.url), article_page(title, f"{LONG} {title}.", images=images))
    night.walked(on(night.profile, f"{BASE}/tin-tuc"))


def settle(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.put_file(BASE + PHOTO, picture("blue"))
        portal_night(night)
    clock.go_on(days=1)


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("pages_name_the_old_host", [False, True])
def test_a_move_makes_no_second_article_no_revision_and_no_removal(
    archive: Path, clock: Clock, name: str, *, pages_name_the_old_host: bool
) -> None:
    base_url, former = MOVES[name]
    moved = profile_of(base_url, former)
    settle(archive, clock)
    for _ in range(2):
        with Night(archive, clock, moved) as night:
            due = [entry.url for entry in night.queries.due()]
            assert set(due) <= {on(moved, at.url) for at in (A, B, OLD)}
            wanted = [(moved.origin + PHOTO, FileRole.IMAGE.value), (BASE + PHOTO, FileRole.IMAGE.value)]
            assert night.queries.known_files(wanted).result() == set(wanted)
            portal_night(night, absolute=BASE if pages_name_the_old_host else None)
        clock.go_on(days=1)
    assert read_rows(archive, "select url, state, listed, revision from articles order by id") == [
        (on(moved, at.url), "live", 1, 1) for at in (A, B, OLD)
    ]
    addresses = {row[0] for row in read_rows(archive, "select url from article_urls")}
    assert addresses == {at.url for at in (A, B, OLD)} | {on(moved, at.url) for at in (A, B, OLD)}
    assert {row[0] for row in read_rows(archive, "select kind from article_events")} == {"found"}
    assert read_rows(archive, "select count(*) from frontier where url like ?", f"{BASE}/%") == [(0,)]
    rebuild(archive, archive.with_name("new.db"))
    assert all_rows(archive.with_name("new.db")) == all_rows(archive)


@pytest.mark.parametrize("name", MOVES)
def test_pasted_addresses_work_with_both_hosts_also_of_articles_found_later(
    archive: Path, clock: Clock, name: str
) -> None:
    base_url, former = MOVES[name]
    moved = profile_of(base_url, former)
    settle(archive, clock)
    later = new_address(109, "sau")
    with Night(archive, clock, moved) as night:
        portal_night(night)
        night.read(on(moved, later.url), article_page("Sau", f"{LONG} Sau."))
    with closing(open_for_reading(archive)) as connection:
        for number, at in enumerate((A, B, OLD, later), 1):
            for url in (at.url, on(moved, at.url), f"{at.url}?fbclid=x", at.url.replace("https", "http")):
                assert find_article(connection, url) == number, url


def test_an_archive_that_asked_the_old_host_for_nights_is_mended_by_the_next_run(archive: Path, clock: Clock) -> None:
    settle(archive, clock)
    moved = profile_of("https://xa-sapa.example.vn/", f"{BASE}/")
    connection: Any
    with Night(archive, clock) as night:
        night.writer.commit().result()
        connection = night.writer.connection
        connection.execute("update portals set base_url = ?", (moved.base_url,))
    with Night(archive, clock, moved) as night:
        assert all(entry.url.startswith(moved.origin) for entry in night.queries.due())
    assert read_rows(archive, "select url from articles where id = 1") == [(on(moved, A.url),)]


def test_a_portal_that_moves_twice_and_back_keeps_its_articles(archive: Path, clock: Clock) -> None:
    settle(archive, clock)
    second = "https://hai.example.vn/"
    for profile in (profile_of(second, f"{BASE}/"), profile_of("https://ba.example.vn/", f"{BASE}/", second)):
        with Night(archive, clock, profile) as night:
            portal_night(night)
        clock.go_on(days=1)
    with Night(archive, clock, profile_of(f"{BASE}/", second, "https://ba.example.vn/")) as night:
        portal_night(night)
    assert read_rows(archive, "select url, revision from articles order by id") == [(at.url, 1) for at in (A, B, OLD)]
    rebuild(archive, archive.with_name("new.db"))
    assert all_rows(archive.with_name("new.db")) == all_rows(archive)


def test_files_of_a_former_host_are_asked_for_at_the_new_one() -> None:
    moved = profile_of("https://xa-sapa.example.vn/", "http://Sapa.example.vn:8080")
    assert todays_address("http://sapa.example.vn:8080/a/b.pdf?x=1", moved) == "https://xa-sapa.example.vn/a/b.pdf?x=1"
    for other in ("http://sapa.example.vn/a.pdf", "https://khac.example.vn/a.pdf", "https://xa-sapa.example.vn/a.pdf"):
        assert todays_address(other, moved) == other


def test_a_move_that_the_profile_does_not_say_is_refused(archive: Path, clock: Clock) -> None:
    settle(archive, clock)
    with pytest.raises(PortalMovedError):
        Night(archive, clock, profile_of("https://xa-sapa.example.vn/", "https://khac.example.vn/"))
