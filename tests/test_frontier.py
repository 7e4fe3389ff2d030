"""The frontier: what is asked for next, in which order, and what is never asked for again."""

from build import BASE, STORE, Clock, Night, article, link, listing, new_address, old_address, picture

from crawler.archive import frontier
from crawler.items import FileRole, Purpose

A, B, C = (new_address(number, f"tin-{number}") for number in (1, 2, 3))


def add(night: Night, purpose: Purpose, *urls: str, listed: bool = False) -> None:
    capture = night.capture(f"{BASE}/", b"page")
    frontier.add_found(
        night.session.connection, "sapa", urls, purpose, capture_id=capture.id, at=capture.fetched_at, listed=listed
    )


def due(night: Night, *, full: bool = False) -> list[str]:
    entries = frontier.read_due(night.session.connection, "sapa", full=full)
    return [entry.url for entry in entries]


def state(night: Night, url: str) -> object:
    return night.value("select state from frontier where url = ?", url)


def test_what_a_page_names_is_due_articles_before_requisites_each_in_order_of_discovery(night: Night) -> None:
    add(night, Purpose.REQUISITE, f"{BASE}/a.css")
    add(night, Purpose.ARTICLE, B.url, A.url)
    add(night, Purpose.ARTICLE, C.url, listed=True)
    assert due(night) == [B.url, A.url, C.url, f"{BASE}/a.css"]


def test_an_address_found_twice_is_one_entry_that_only_learns_it_is_listed(night: Night) -> None:
    add(night, Purpose.ARTICLE, A.url)
    add(night, Purpose.ARTICLE, A.url, listed=True)
    add(night, Purpose.ARTICLE, A.url)
    assert night.rows("select url, listed, attempts from frontier") == [(A.url, 1, 0)]


def test_an_address_that_was_done_is_not_pending_again_when_it_is_found_again(night: Night) -> None:
    night.put(article(), A, links=[link(A)])
    night.put_listing(listing(link(A)))
    assert state(night, A.url) == "done"
    assert due(night) == []


def test_a_page_that_names_itself_is_done_and_its_links_are_pending(night: Night) -> None:
    night.put(article(), A, links=[link(A), link(B)])
    assert due(night) == [B.url]


def test_every_address_an_article_answered_to_is_done(night: Night) -> None:
    old = old_address(9, "tin-1")
    add(night, Purpose.ARTICLE, A.url, old.url)
    night.put(article(), old, A)
    assert due(night) == []


def test_what_failed_is_due_again_and_counted_as_missing_if_listed(night: Night) -> None:
    night.put_listing(listing(link(A), link(B)))
    add(night, Purpose.ARTICLE, C.url)
    assert night.session.missing_articles() == 2
    for url in (A.url, C.url):
        night.put_failure(url, "timeout")
    night.put(article(), B)
    assert (state(night, A.url), state(night, B.url)) == ("failed", "done")
    assert due(night) == [A.url, C.url]
    assert night.session.missing_articles() == 1
    assert night.value("select reason from frontier where url = ?", A.url) == "timeout"


def test_a_page_that_is_no_article_is_failed_and_due_again(night: Night) -> None:
    night.put_listing(listing(link(A)))
    night.put_refusal(A.url, "another-layout")
    assert (state(night, A.url), due(night), night.session.missing_articles()) == ("failed", [A.url], 1)


def test_an_article_that_is_held_and_answers_as_gone_is_missed_and_no_incompleteness(night: Night) -> None:
    for number, refuse in enumerate(("http-404", "http-410", None)):
        at = new_address(50 + number, f"mat-{number}")
        night.put_listing(listing(link(at)))
        night.put(article(f"Mất {number}"), at)
        if refuse:
            night.put_failure(at.url, refuse)
        else:
            night.put_refusal(at.url, "soft-404")
        assert state(night, at.url) == "missed"
        assert at.url in due(night)
    assert night.session.missing_articles() == 0


def test_a_listed_article_that_was_never_held_and_answers_as_gone_is_missing(night: Night) -> None:
    night.put_listing(listing(link(A)))
    night.put_failure(A.url, "http-404")
    assert (state(night, A.url), night.session.missing_articles()) == ("failed", 1)


def test_a_full_run_asks_for_every_article_again_but_for_no_requisite(night: Night) -> None:
    add(night, Purpose.ARTICLE, A.url)
    add(night, Purpose.REQUISITE, f"{BASE}/a.css")
    night.put(article(), A)
    night.put_file(f"{BASE}/a.css", b"a{}", FileRole.REQUISITE)
    assert due(night) == []
    assert due(night, full=True) == [A.url]


def test_a_dead_requisite_is_not_asked_for_again(night: Night) -> None:
    add(night, Purpose.REQUISITE, f"{BASE}/a.css", f"{BASE}/b.css")
    night.put_failure(f"{BASE}/a.css", "http-404", "requisite")
    assert state(night, f"{BASE}/a.css") == "dead"
    assert due(night) == [f"{BASE}/b.css"]
    assert due(night, full=True) == [f"{BASE}/b.css"]


def test_a_picture_that_an_article_holds_is_not_fetched_as_a_requisite_too(night: Night) -> None:
    add(night, Purpose.REQUISITE, f"{STORE}/a.png", f"{STORE}/b.png")
    night.put_file(f"{STORE}/a.png", picture())
    assert due(night) == [f"{STORE}/b.png"]


def test_a_stylesheet_brings_its_own_requisites(night: Night) -> None:
    night.put_file(f"{BASE}/a.css", b"a{background:url(/images/b.png)}", FileRole.REQUISITE)
    assert due(night) == [f"{BASE}/images/b.png"]


def test_attempts_and_the_run_are_noted(night: Night, clock: Clock) -> None:
    add(night, Purpose.ARTICLE, A.url)
    night.put_failure(A.url)
    clock.go_on(minutes=1)
    night.put(article(), A)
    row = night.rows("select state, attempts, attempted_at, crawl_id, reason from frontier where url = ?", A.url)
    assert row == [("done", 2, "2026-09-01T18:31:00Z", night.session.crawl_id, None)]


def test_marking_what_is_not_in_the_frontier_adds_nothing(night: Night) -> None:
    frontier.mark(night.session.connection, "sapa", [A.url], "done", at="2026-09-01T18:30:00Z", crawl_id=1)
    assert night.rows("select * from frontier") == []


def test_the_frontier_outlives_the_run(night: Night, clock: Clock) -> None:
    add(night, Purpose.ARTICLE, A.url)
    night.session.finish("interrupted", None)
    night.session.close()
    with Night(night.session.archive, clock) as after:
        assert [entry.url for entry in after.session.due()] == [A.url]
