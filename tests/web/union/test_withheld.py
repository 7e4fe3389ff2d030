"""What is withheld is found nowhere in a reading room: in its index, its pages, and the portal's own site."""

import asyncio
import re
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from crawler.fleet.folder import FleetFolder
from crawler.union.ids import make_public_id
from crawler.union.index import INDEX_NAME
from crawler.union.members import read_members
from tests.support.build import Clock
from tests.support.crawling import value
from tests.support.portals.many import LATER, bring_up, make_small, open_room
from tests.support.withholding import PHOTO, SECRET, WORDS, act, leaks, make_nights

NAME, OTHER = "lao-cai", "sapa"
SHOWN = (*WORDS, PHOTO.rpartition("/")[2])


async def find_shown(client: httpx.AsyncClient, starts: list[str], *, most: int = 250) -> set[str]:
    """Follow links from these paths. Give those whose answer shows a word of the article."""
    waiting, seen, showing = list(starts), set(starts), set[str]()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        answer = await client.get(path, follow_redirects=True)
        if answer.status_code < 400 and any(word in unescape(answer.text) for word in SHOWN):
            showing.add(path)
        for link in re.findall(r'(?:href|src)="([^"]+)"|<loc>([^<]+)</loc>', answer.text):
            target = urlsplit(urljoin(str(answer.url), unescape("".join(link))))
            name = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc == "room" and name not in seen and len(target.query) < 12:
                seen.add(name)
                waiting.append(name)
    return showing


def test_a_withheld_article_is_found_nowhere_in_the_room_or_on_its_portals_site(tmp_path: Path) -> None:
    fleet, site = FleetFolder(tmp_path), f"/portal/{NAME}"
    archive = fleet.archive_of(NAME)
    archive.parent.mkdir(parents=True)
    make_nights(archive, Clock(), first=1, last=4)
    make_small(fleet.archive_of(OTHER), "bat-xat")
    bring_up(tmp_path)
    thumbnail = f"{site}/thumbnail/" + value(
        archive, "select image_sha256 from revision_images where url = ? and image_sha256 is not null", PHOTO
    )
    public = make_public_id(read_members(tmp_path)[NAME].number, 4)
    starts = [
        "/", "/fleet", "/health", "/search?q=cap+nha+moi", "/search.json?q=cap+nha+moi",
        f"/go?url={SECRET.url}", f"/article/{public}", site, f"{site}/feed.atom", f"{site}/changes.atom",
        f"{site}/removed.atom", f"{site}/sitemap.xml", f"{site}/search.json?q=sau+duoc+cap", f"{site}/changes",
        f"{site}/removed", f"{site}/images", f"{site}/archive/articles.json", f"{site}/archive/captures.json",
        f"{site}/archive/images.json", f"{site}/archive/article_events.json",
        f"{site}/go?url={SECRET.url}",
    ]  # fmt: skip

    async def compare() -> None:
        async with open_room(tmp_path) as (client, _):
            showing = await find_shown(client, starts)
            assert len(showing) > 10, "it is shown in many places before"
            assert (await client.get(thumbnail)).status_code == 200
            act(archive, "withhold", SECRET.url, at=LATER)
            bring_up(tmp_path)
            left = await find_shown(client, [*starts, *sorted(showing)], most=400)
            assert left == set()
            assert (await client.get(thumbnail)).status_code >= 400

    asyncio.run(compare())
    assert leaks(fleet.state / INDEX_NAME) == []
