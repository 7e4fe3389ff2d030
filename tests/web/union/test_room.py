"""The reading room over many archives: one search, and each portal's own site under a prefix."""

import asyncio
import re
import shutil
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import datetime
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from crawler import settings
from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import number_portals
from crawler.union.ids import make_public_id
from crawler.union.members import read_members
from crawler.web.union.rooms import Rooms
from tests.support.build import BASE, new_address
from tests.support.portals.many import LATER, bring_up, make_small, open_room
from tests.support.withholding import act

FIRST, SECOND = "bat-xat", "sapa"
Ask = Callable[[httpx.AsyncClient, Rooms], Awaitable[None]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (FIRST, SECOND):
        make_small(FleetFolder(tmp_path).archive_of(name), name)
    bring_up(tmp_path)
    return tmp_path


def visit(folder: Path, ask: Ask, *, most: int = 16) -> None:
    async def run() -> None:
        async with open_room(folder, most=most) as (client, rooms):
            await ask(client, rooms)

    asyncio.run(run())


def public(folder: Path, name: str, own_id: int) -> int:
    return make_public_id(read_members(folder)[name].number, own_id)


def test_one_search_finds_articles_of_all_portals_and_names_each(folder: Path) -> None:
    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        found = (await client.get("/search.json", params={"q": "phong trao trong cay"})).json()
        ids = {hit["id"] for hit in found["hits"]}
        assert {public(folder, name, one) for name in (FIRST, SECOND) for one in (1, 2, 3)} == ids
        page = (await client.get("/search", params={"q": "phong trao trong cay"})).text
        assert f"Xã {FIRST}" in page
        assert f"Xã {SECOND}" in page
        of_year = await client.get(
            "/search.json", params={"q": "phong trao", "since": "2024-01-01", "until": "2024-12-31"}
        )
        assert {hit["id"] for hit in of_year.json()["hits"]} == {public(folder, name, 2) for name in (FIRST, SECOND)}

    visit(folder, ask)


def test_a_public_id_leads_to_the_article_on_its_portals_own_site(folder: Path) -> None:
    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        led = await client.get(f"/article/{public(folder, SECOND, 2)}/history?lang=en")
        assert (led.status_code, led.headers["location"]) == (302, f"/portal/{SECOND}/article/2/history?lang=en")
        page = await client.get(led.headers["location"])
        assert page.status_code == 200
        assert 'href="/"' in page.text
        assert (await client.get(f"/portal/{SECOND}")).headers["location"] == f"/portal/{SECOND}/"
        pasted = await client.get("/go", params={"url": new_address(101, "mot").url})
        assert re.fullmatch("/article/[0-9]{8,}", pasted.headers["location"])

    visit(folder, ask)


@pytest.mark.parametrize(
    "path",
    ["/article/99999999999", "/article/1", "/portal/nix/", "/archive", "/archive/articles", "/-/versions", "/changes",
     "/archive.json?sql=select+1", "/portal/../etc/passwd", "/portal/state/", "/thumbnail/5-" + "0" * 64],
)  # fmt: skip
def test_what_the_room_does_not_have_answers_404_in_vietnamese(folder: Path, path: str) -> None:
    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        answer = await client.get(path)
        assert answer.status_code == 404
        assert 'lang="vi"' in answer.text

    visit(folder, ask)


def test_every_link_of_the_room_and_of_a_portals_site_leads_somewhere(folder: Path) -> None:
    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        waiting, seen, broken = ["/"], set[str](), list[str]()
        while waiting and len(seen) < 150:
            path = waiting.pop(0)
            answer = await client.get(path, follow_redirects=True)
            if answer.status_code >= 400:
                broken.append(path)
            if "html" not in answer.headers.get("content-type", "") or "/capture/" in path:
                continue
            for link in re.findall(r'(?:href|src)="([^"]+)"', answer.text):
                target = urlsplit(urljoin(str(answer.url), unescape(link)))
                name = target.path + (f"?{target.query}" if target.query else "")
                # Tables, feeds and dates have endless links; each kind is met without its parameters.
                if target.netloc == "room" and name not in seen and len(target.query) < 12:
                    seen.add(name)
                    waiting.append(name)
        assert broken == []
        assert any(f"/portal/{SECOND}/archive" in path for path in seen)
        assert any(f"/portal/{FIRST}/article" in path for path in seen)

    visit(folder, ask)


def test_a_withheld_article_is_gone_from_the_search_and_its_page_says_so(folder: Path) -> None:
    act(FleetFolder(folder).archive_of(FIRST), "withhold", "article:1", at=LATER)
    bring_up(folder)

    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        for words in ("phong trao", "mot", ""):
            found = (await client.get("/search.json", params={"q": words})).json()["hits"]
            assert found
            assert public(folder, FIRST, 1) not in {hit["id"] for hit in found}
        assert (await client.get(f"/portal/{FIRST}/article/1")).status_code == 451
        assert (await client.get(f"/go?url={BASE}/tin-tuc/mot-9000101")).status_code == 404

    visit(folder, ask)


def threads_of(part: str) -> int:
    """Count the threads whose name has a part."""
    return sum(part in thread.name for thread in threading.enumerate())


def test_rooms_beyond_the_bound_are_closed_and_leave_no_thread(folder: Path) -> None:
    async def ask(client: httpx.AsyncClient, rooms: Rooms) -> None:
        async def look(name: str) -> None:
            for path in ("article/1", "archive/articles.json?_size=1", "search?q=phong"):
                assert (await client.get(f"/portal/{name}/{path}")).status_code == 200

        await look(FIRST)
        # By these a Datasette writes to its own tables.
        writers = threads_of("_execute_writes")
        for name, closed in ((SECOND, FIRST), (FIRST, SECOND)) * 2:
            await look(name)
            assert rooms.names == (name,)
            assert threads_of(f"room-{name}")
            assert not threads_of(f"room-{closed}")
        assert threads_of("_execute_writes") <= writers

    visit(folder, ask, most=1)


def test_a_room_that_is_read_stays_open_beyond_the_bound(folder: Path) -> None:
    async def ask(client: httpx.AsyncClient, rooms: Rooms) -> None:
        archive = FleetFolder(folder).archive_of(FIRST)
        async with rooms.enter(FIRST, archive):
            assert (await client.get(f"/portal/{SECOND}/article/1")).status_code == 200
            assert FIRST in rooms.names
        await client.get(f"/portal/{SECOND}/article/1")
        assert rooms.names == (SECOND,)

    visit(folder, ask, most=1)


def test_an_archive_that_is_replaced_is_shown_as_it_is_now(folder: Path, tmp_path: Path) -> None:
    home = FleetFolder(folder).archive_of(FIRST).parent
    shutil.copytree(home, tmp_path / ".restored")
    act(tmp_path / ".restored" / "archive.db", "withhold", "article:1", at=LATER)

    async def ask(client: httpx.AsyncClient, rooms: Rooms) -> None:
        page = f"/portal/{FIRST}/article/1"
        assert (await client.get(page)).status_code == 200
        before = threading.active_count()
        async with rooms.enter(FIRST, home / "archive.db") as reading:
            home.rename(tmp_path / ".former")
            assert (await client.get(page)).status_code == 404
            (tmp_path / ".restored").rename(home)
            assert (await client.get(page)).status_code == 451
            async with rooms.enter(FIRST, home / "archive.db") as now:
                assert now is not reading
        assert rooms.names == (FIRST,)
        assert threading.active_count() <= before

    visit(folder, ask)


def test_an_archive_that_cannot_be_opened_answers_503_and_the_rest_stays(folder: Path) -> None:
    FleetFolder(folder).archive_of(FIRST).write_bytes(b"no database" * 1000)
    bring_up(folder)

    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        assert (await client.get(f"/portal/{FIRST}/article/1")).status_code == 503
        assert (await client.get(f"/portal/{SECOND}/article/1")).status_code == 200
        health = await client.get("/health")
        assert health.status_code == 503
        assert FIRST in [one["portal"] for one in health.json()["problems"]]
        fleet = (await client.get("/fleet")).text
        assert str(folder) not in fleet
        assert fleet.index(FIRST) < fleet.index(f"/portal/{SECOND}/")
        # On a row of its own: on a phone a column of sentences was outside the screen.
        assert re.search(r'<tr class="trouble">\s*<td colspan="4">[^\n]*không đọc được', fleet)
        assert "the archive is damaged" in (await client.get("/fleet?lang=en")).text
        assert not re.search("file is not a database|malformed|SQLite", fleet)
        # What was read of it before it was damaged still stands.
        assert "Không rõ" not in fleet

    visit(folder, ask)


@pytest.mark.parametrize("sql", ["update articles set title = x'ff' where id = 1", "drop table revision_sums"])
def test_rows_that_cannot_be_read_are_said_in_words_of_ours(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(FleetFolder(folder).archive_of(FIRST))) as archive, archive:
        archive.execute("pragma foreign_keys = off")
        archive.execute("update articles set listed = 1 - listed where id = 1")
        archive.execute(sql)
    bring_up(folder)

    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        for path in ("/fleet", "/fleet?lang=en", "/health"):
            said = (await client.get(path)).text
            assert not re.search("no such|constraint|UTF-8|malformed|datatype|bytes-like", said), said
        assert FIRST in [one["portal"] for one in (await client.get("/health")).json()["problems"]]
        assert (await client.get(f"/portal/{SECOND}/article/1")).status_code == 200

    visit(folder, ask)


def test_an_archive_that_was_never_read_is_not_said_to_have_no_run(tmp_path: Path) -> None:
    for name in (FIRST, SECOND):
        make_small(FleetFolder(tmp_path).archive_of(name), name)
    FleetFolder(tmp_path).archive_of(FIRST).write_bytes(b"no database" * 1000)
    bring_up(tmp_path)

    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        rows = (await client.get("/fleet")).text.split("<tr>")
        (ill,) = [row for row in rows if FIRST in row]
        assert "Không rõ" in ill
        assert "Chưa chạy lần nào" not in ill

    visit(tmp_path, ask)


def test_a_portal_before_its_first_night_is_on_the_page_of_the_fleet(folder: Path) -> None:
    fleet = FleetFolder(folder)
    fleet.profiles.mkdir()
    text = 'name = "moi"\ntitle = "Xã Mới"\ncms = "vnpt"\nbase_url = "https://moi.laocai.gov.vn/"\n'
    (fleet.profiles / "moi.toml").write_text(text, encoding="utf-8")
    number_portals(fleet, ["moi"])

    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        page = (await client.get("/fleet", params={"lang": "en"})).text
        assert "3 portals are watched." in page
        assert f'<span class="meta">{FIRST}</span>' in page
        row = page.partition("laocai.gov.vn")[2].partition(">moi<")[2].partition("</tr>")[0]
        assert "no run yet" in row.lower()
        # The time beside "overdue" is the one that passed, not that of the night after it.
        told = re.search(r"<td>(\d+ \w+ \d{4} \d\d:\d\d) <strong>overdue</strong>", row)
        assert told is not None
        assert datetime.strptime(f"{told[1]} +0700", "%d %b %Y %H:%M %z") < settings.clock()
        # Each landmark has a name of its own.
        assert 'role="region"' not in page

    visit(folder, ask)


def test_while_the_index_is_missing_a_search_says_so(folder: Path) -> None:
    async def ask(client: httpx.AsyncClient, _: Rooms) -> None:
        for file in FleetFolder(folder).state.glob("union.db*"):
            file.unlink()
        away = await client.get("/search", params={"q": "phong trao"})
        assert away.status_code == 503
        assert "Chỉ mục tìm kiếm đang được lập lại" in away.text
        assert away.headers["cache-control"] == "no-store"
        bring_up(folder)
        assert (await client.get("/search", params={"q": "phong trao"})).status_code == 200

    visit(folder, ask)
