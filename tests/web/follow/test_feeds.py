"""The site's feeds: valid Atom for any text, with permanent ids and times."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from defusedxml import ElementTree

from tests.support.build import Clock, Night, article, new_address, on_page
from tests.support.past_archive import AWAY, EDITED, GONE, SUMS, build_past, open_past
from tests.support.web_archive import Site, open_site

ATOM = "{http://www.w3.org/2005/Atom}"
FOLLOWED = ("q=cho+phien", "q=cho+phien&category=tin-tuc")
FEEDS = ("/feed.atom", "/changes.atom", "/removed.atom")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_past(tmp_path_factory.mktemp("feeds")) as opened:
        yield opened


def entries(site: Site, path: str, **headers: str) -> list[dict[str, str]]:
    root = ElementTree.fromstring(site.get(path, **headers).content)
    found = []
    for entry in root.iter(f"{ATOM}entry"):
        fields = {child.tag.removeprefix(ATOM): child.text or "" for child in entry}
        fields["page"] = next(link.get("href") for link in entry.iter(f"{ATOM}link") if link.get("rel") == "alternate")
        found.append(fields)
    return found


@pytest.mark.parametrize("path", [*FEEDS, *(f"{path}?lang=en" for path in FEEDS)])
def test_feed_has_what_rfc_4287_asks_for(past: Site, path: str) -> None:
    response = past.get(path)
    assert response.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{ATOM}feed"
    for part in [root, *root.iter(f"{ATOM}entry")]:
        for name in ("id", "title", "updated"):
            assert len(part.findall(f"{ATOM}{name}")) == 1, name
            assert (part.find(f"{ATOM}{name}").text or "").strip()
        moment = datetime.fromisoformat(part.find(f"{ATOM}updated").text.replace("Z", "+00:00"))
        assert moment.tzinfo is not None
        assert part.find(f"{ATOM}id").text.startswith("urn:uuid:")
    assert root.find(f"{ATOM}author/{ATOM}name").text
    own = next(link for link in root.findall(f"{ATOM}link") if link.get("rel") == "self")
    assert own.get("href") == f"http://localhost{path}"
    ids = [entry.find(f"{ATOM}id").text for entry in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids)) > 0


def test_new_articles_are_led_to_by_entries(past: Site) -> None:
    found = entries(past, "/feed.atom")
    assert {entry["page"] for entry in found} == {f"http://localhost/article/{number}" for number in range(1, 7)}
    assert any("<script>alert(1)</script>" in entry["title"] for entry in found)


def test_changes_say_what_changed_and_lead_to_the_comparison(past: Site) -> None:
    newest, older = entries(past, "/changes.atom")
    assert older["page"] == f"http://localhost/article/{EDITED}/diff/1..2"
    assert newest["updated"] == "2026-09-05T18:30:00Z"
    assert f"Số tiền: {SUMS[0]} đồng → {SUMS[1]} đồng." in older["summary"]


def test_a_sentence_that_another_replaced_is_said_to_be_one(tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive.db", Clock()
    for body in ("Có 64 điểm sạt lở.", "Đã giải ngân 47,2%."):
        with Night(archive, clock) as night:
            night.put(article("Tin", body), new_address(1, "tin"))
        clock.go_on(days=1)
    site = Site(archive)
    try:
        (one,) = entries(site, "/changes.atom")
        assert one["summary"].endswith("Câu được thay: Có 64 điểm sạt lở. → Đã giải ngân 47,2%.")
    finally:
        site.close()


def test_removals_lead_to_the_history_and_say_when_it_became_certain(past: Site) -> None:
    (gone,) = entries(past, "/removed.atom")
    assert gone["page"] == f"http://localhost/article/{GONE}/history"
    assert gone["updated"] == "2026-09-05T18:30:00Z"
    assert "Bằng chứng: 5 đêm không thấy" in gone["summary"]
    assert f"/article/{AWAY}/" not in gone["page"]


def test_ids_stay_the_same_on_another_host_and_after_another_night(
    past: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: {entry["id"] for entry in entries(past, path)} for path in FEEDS}
    later = Site(build_past(tmp_path, nights=8))
    try:
        monkeypatch.setenv("PORTAL_ARCHIVE_SITE", "https://luu.example.org")
        for path in FEEDS:
            now = entries(later, path)
            assert before[path] <= {entry["id"] for entry in now}
            assert all(entry["page"].startswith("https://luu.example.org/") for entry in now)
    finally:
        later.close()


@pytest.mark.parametrize(
    "path", ["/feed.atom", "/search.atom?q=cho+phien", "/search.atom?q=cho+phien&category=tin-tuc"]
)
def test_followers_see_what_comes_with_an_old_date(tmp_path: Path, path: str) -> None:
    """A feed in order of date alone ends before it, once there are more hits than it has entries."""
    clock = Clock()
    with Night(tmp_path / "archive.db", clock) as night:
        for number in range(60):
            said = article(f"Chợ phiên {number}", "Chợ phiên họp.", dates=(on_page("2026-08-01"),))
            night.put(said, new_address(500 + number, f"cho-{number}"))
        said = article("Chợ phiên xưa", "Chợ phiên họp.", dates=(on_page("2019-01-01"),))
        night.put(said, new_address(600, "xua"))
        night.walked()
    clock.go_on(days=1)
    with Night(tmp_path / "archive.db", clock) as night:
        said = article("Chợ phiên tìm thấy sau", "Chợ phiên họp.", dates=(on_page("2018-01-01"),))
        night.put(said, new_address(601, "sau"))
        night.put(article("Việc khác", "Khác.", dates=(on_page("2017-01-01"),)), new_address(602, "khac"))
        night.walked()
    site = Site(tmp_path / "archive.db")
    try:
        titles = [entry["title"] for entry in entries(site, path)]
    finally:
        site.close()
    assert len(titles) == len(set(titles))
    assert "Chợ phiên tìm thấy sau" in titles
    assert "Chợ phiên xưa" not in titles
    assert ("Việc khác" in titles) == (path == "/feed.atom")


def test_an_invalid_host_is_in_no_address(past: Site) -> None:
    feed = past.get("/feed.atom", host='evil"><script>').text
    assert "evil" not in feed


def test_feeds_of_an_archive_without_changes_are_empty_and_valid(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        assert entries(site, "/removed.atom") == []


@pytest.mark.parametrize("path", ["/", "/search", f"/article/{EDITED}", "/changes", "/removed"])
def test_pages_name_the_feeds(past: Site, path: str) -> None:
    page = past.get(path).text
    named = re.findall(r'<link rel="alternate" type="application/atom\+xml" title="[^"]+" href="([^"]+)">', page)
    assert set(FEEDS) <= set(named)
    assert {past.get(feed.replace("&amp;", "&")).status_code for feed in named} == {200}
