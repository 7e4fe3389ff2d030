"""Faults of the page: what stands past the end, and a number that another article has taken."""

import re
from urllib.parse import urlsplit

from crawler.replica import Replica
from tests.support.replica import ask, ids, read_script, turn_page


def test_pager_repeats_its_last_page_past_the_end() -> None:
    with Replica(articles=120) as portal:
        one = max(portal.truth().listings, key=lambda listing: listing.pages)
        fields = read_script(ask(one.url).text)
        last = ids(turn_page(portal, one.slug, fields, one.pages).text)
        portal.faults.set("@pager", "past-end-last-page")
        assert last
        assert ids(turn_page(portal, one.slug, fields, one.pages).text) == last
        assert ids(turn_page(portal, one.slug, fields, one.pages + 900).text) == last


def test_number_that_another_article_has_taken_leads_to_its_address(small: Replica) -> None:
    one = next(one for one in small.truth().articles if one.listed and one.state == "live" and not one.fate)
    small.faults.set(rf"^/[^?]*-{one.source_id}$", "reused-number")
    moved = ask(one.url)
    heir = moved.header("Location")
    assert moved.status == 301
    assert re.fullmatch(rf"/{one.category}/.+-{one.source_id}", heir)
    page = ask(small.base_url[:-1] + heir)
    assert page.status == 200
    assert heir != urlsplit(one.url).path
    assert one.body.split("\n\n")[0] not in page.text


def test_picture_has_no_utf_16(small: Replica) -> None:
    image = next(
        image for one in small.truth().articles for image in one.images if image.sha256 and not image.is_pasted
    )
    proper = ask(image.url).body
    small.faults.set("@files", "utf-16")
    assert ask(image.url).body == proper
