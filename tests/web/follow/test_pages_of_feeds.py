"""A feed is a page to a browser, in pages that lose nothing (RFC 5005), with entries that stay what they are."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from defusedxml import ElementTree

from crawler.withholding.decide import DecisionIntent, decide_article
from tests.support.build import Clock, Night, article, new_address, on_page
from tests.support.past_archive import EDITED, GONE, open_past
from tests.support.web_archive import Site

ATOM = "{http://www.w3.org/2005/Atom}"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
READER = "application/atom+xml,application/rdf+xml,application/rss+xml,application/xml;q=0.9,text/xml;q=0.2,*/*;q=0.1"
NEW, FIRST, GONE_AT_ONCE = 240, 30, 55


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An archive of two nights: FIRST articles, then NEW more, some without a date, all with the words "họp chợ"."""
    archive, clock = tmp_path_factory.mktemp("busy") / "archive.db", Clock()
    for night, (start, count) in enumerate(((0, FIRST), (FIRST, NEW))):
        with Night(archive, clock) as run:
            for number in range(start, start + count):
                day = f"20{10 + number % 15}-0{number % 9 + 1}-11"
                dates = () if number % 7 == 3 else (on_page(day),)
                run.put(
                    article(f"Phiên {number}", "Dân họp chợ.", dates=dates), new_address(1000 + number, f"p{number}")
                )
            if night:
                run.put(article("Chuyện khác", "Chợ thì họp."), new_address(9000, "khac"))
            run.walked()
        clock.go_on(days=1)
    site = Site(archive)
    yield site
    site.close()


def read(site: Site, address: str) -> tuple[list[str], list[str], dict[str, str]]:
    """Return the ids, the titles and the links of a feed."""
    root = ElementTree.fromstring(site.get(address.removeprefix("http://localhost")).content)
    entries = list(root.iter(f"{ATOM}entry"))
    links = {str(link.get("rel")): str(link.get("href")) for link in root.findall(f"{ATOM}link")}
    return (
        [str(entry.findtext(f"{ATOM}id")) for entry in entries],
        [str(entry.findtext(f"{ATOM}title")) for entry in entries],
        links,
    )


@pytest.mark.parametrize(
    ("path", "others"), [("/search.atom?q=hop+cho", 0), ("/feed.atom", 1), ("/search.atom?category=tin-tuc", 1)]
)
def test_a_reader_who_was_away_misses_nothing(busy: Site, path: str, others: int) -> None:
    ids, titles, links = read(busy, path)
    assert "previous" not in links
    assert len(ids) == 50
    walked, addresses = list(titles), [links["self"]]
    known = list(ids)
    while "next" in links:
        addresses.append(links["next"])
        ids, titles, links = read(busy, links["next"])
        assert ids
        known += ids
        walked += titles
    assert len(known) == len(set(known)) == NEW + FIRST + others
    # What is new comes first, though its dates are old or missing; then what the first night brought.
    numbers = [int(title.split()[1]) for title in walked if title.startswith("Phiên")]
    assert set(numbers[:NEW]) == set(range(FIRST, FIRST + NEW))
    assert read(busy, path)[2]["last"] == links["self"] == links["last"]
    assert {read(busy, one)[2]["first"] for one in addresses} == {addresses[0]}
    back = [links["self"]]
    while "previous" in links:
        links = read(busy, links["previous"])[2]
        back.append(links["self"])
    assert back == addresses[::-1]


@pytest.fixture(scope="module")
def emptied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An archive of GONE_AT_ONCE articles that all change in one night, and that a person then finds removed."""
    archive, clock = tmp_path_factory.mktemp("emptied") / "archive.db", Clock()
    for version in range(2):
        with Night(archive, clock) as run:
            for number in range(GONE_AT_ONCE):
                run.put(article(f"Phiên {number}", f"Bản {version}."), new_address(2000 + number, f"m{number}"))
            run.walked()
        clock.go_on(days=1)
    for number in range(1, GONE_AT_ONCE + 1):
        decide_article(archive, DecisionIntent(str(number), "removed", "x", "y"), clock=clock, warcinfo_fields=())
    site = Site(archive)
    yield site
    site.close()


@pytest.mark.parametrize("path", ["/removed.atom", "/changes.atom"])
def test_everything_that_happened_in_one_night_is_on_some_page(emptied: Site, path: str) -> None:
    """All of them have nearly the same time, so the place of a page must tell them apart."""
    ids, titles, links = read(emptied, path)
    known, said, addresses = list(ids), list(titles), [links["self"]]
    while "next" in links:
        addresses.append(links["next"])
        ids, titles, links = read(emptied, links["next"])
        known += ids
        said += titles
    assert len(known) == len(set(known)) == len(set(said)) == GONE_AT_ONCE
    assert links["self"] == read(emptied, path)[2]["last"]
    while "previous" in links:
        assert links["self"] == addresses.pop()
        links = read(emptied, links["previous"])[2]


def test_a_page_stays_what_it_is_when_more_comes(tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive.db", Clock()

    def bring(first: int, count: int) -> None:
        with Night(archive, clock) as run:
            for number in range(first, first + count):
                run.put(article(f"Bài {number}", "Họp chợ."), new_address(1000 + number, f"b{number}"))
            run.walked()
        clock.go_on(days=1)

    bring(0, 5)
    bring(5, 60)
    site = Site(archive)
    try:
        second = read(site, "/search.atom?q=hop+cho")[2]["next"]
        before = read(site, second)
        bring(65, 70)
        assert read(site, second)[:2] == before[:2]
        assert read(site, "/search.atom?q=hop+cho")[1] == [f"Bài {number}" for number in range(134, 84, -1)]
    finally:
        site.close()


FOLLOWED = ["/feed.atom", "/changes.atom", "/removed.atom", "/search.atom?q=bai", f"/article/{EDITED}/history.atom"]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_past(tmp_path_factory.mktemp("followed")) as opened:
        yield opened


@pytest.mark.parametrize("path", FOLLOWED)
def test_a_browser_gets_a_page_and_a_reader_gets_atom(past: Site, path: str) -> None:
    page, feed = past.get(path, accept=BROWSER), past.get(path, accept=READER)
    assert page.headers["content-type"].startswith("text/html")
    assert feed.headers["content-type"].startswith("application/atom+xml")
    assert past.get(path, accept="*/*").headers["content-type"] == feed.headers["content-type"]
    for answer in (page, feed):
        assert "Accept" in answer.headers["vary"].split(", ")
    entries = ElementTree.fromstring(feed.content).findall(f"{ATOM}entry")
    assert entries
    for entry in entries:
        assert str(entry.find(f"{ATOM}link").get("href")) in page.text
    # The copy of one form is never good for the other.
    tags = f"{page.headers['etag']}, {feed.headers['etag']}"
    assert page.headers["etag"] != feed.headers["etag"]
    for accept, whole in ((BROWSER, page), (READER, feed)):
        held = past.get(path, accept=accept, if_none_match=tags)
        assert (held.status_code, held.headers["etag"]) == (304, whole.headers["etag"])
        assert "Accept" in held.headers["vary"].split(", ")
    other = past.get(path, accept=BROWSER, if_none_match=feed.headers["etag"])
    assert other.status_code == 200


def test_the_address_can_say_the_form(past: Site) -> None:
    feed = past.get("/changes.atom?format=atom", accept=BROWSER)
    assert feed.headers["content-type"].startswith("application/atom+xml")
    page = past.get("/changes.atom?format=html", accept=READER)
    assert page.headers["content-type"].startswith("text/html")
    assert '<link rel="canonical" href="http://localhost/changes.atom">' in page.text
    assert (
        'type="application/atom+xml" title="Bài bị sửa" href="http://localhost/changes.atom?format=atom"' in page.text
    )


def test_an_article_is_followed_by_itself(past: Site) -> None:
    ids, titles, links = read(past, f"/article/{EDITED}/history.atom")
    assert titles[0].startswith("Bài bị sửa thành phiên bản 3: ")
    assert titles[1].startswith("Bài bị sửa thành phiên bản 2: ")
    assert titles[-1].startswith("Kho thấy bài lần đầu: ")
    assert links["alternate"] == f"http://localhost/article/{EDITED}/history"
    # An edit is one entry, whichever feed brings it.
    assert set(ids) & set(read(past, "/changes.atom")[0])
    gone = read(past, f"/article/{GONE}/history.atom")
    assert gone[1][0].startswith("Bị gỡ khỏi cổng: ")
    root = ElementTree.fromstring(past.get(f"/article/{GONE}/history.atom").content)
    # The time at which it became certain, not that of the first miss.
    assert root.find(f"{ATOM}entry").findtext(f"{ATOM}updated") == "2026-09-05T18:30:00Z"
    assert past.get("/article/999/history.atom").status_code == 404


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/search?q=bai+bi+go", "/search.atom?q=bai+bi+go"),
        ("/search?category=tin-tuc", "/search.atom?category=tin-tuc"),
        ("/search?q=%221234/Q%C4%90-UBND%22", "/search.atom?q=%221234%2FQ%C4%90-UBND%22"),
        ("/changes?class=number", "/changes.atom?class=number"),
        ("/removed", "/removed.atom"),
        (f"/article/{EDITED}", f"/article/{EDITED}/history.atom"),
        (f"/article/{EDITED}/history", f"/article/{EDITED}/history.atom"),
    ],
)
def test_what_can_be_followed_leads_to_where_it_is_followed(past: Site, page: str, feed: str) -> None:
    shown = past.get(page).text
    assert f'href="{feed}">Theo dõi' in shown
    assert past.get(feed, accept=BROWSER).status_code == 200


@pytest.mark.parametrize("before", ["x", "2026-99-99", "-1", "9" * 40, "0-0", "9999999-0", "é"])
def test_a_place_that_is_none_is_no_error(past: Site, before: str) -> None:
    for path in ("/feed.atom", "/changes.atom", "/removed.atom", f"/article/{EDITED}/history.atom"):
        assert past.get(f"{path}?before={quote(before)}").status_code == 200
