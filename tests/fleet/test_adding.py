"""Adding portals: what an address is found to be, which profile it gets, and why it is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from crawler.fleet.adding import Added, FolderAdder
from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import read_numbers
from crawler.politeness.state import SharedState
from crawler.profile import KNOWN_ASSET_HOSTS, load_profile
from crawler.replica import Replica
from tests.support.crawling import command, value
from tests.support.wire.server import OK, WireServer

NUKEVIET = b'<html><head><meta name="generator" content="NukeViet v4.5"><title>x</title></head><body></body></html>'
PLAIN = b"<html><head><title>x</title></head><body>x</body></html>"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def page(body: bytes) -> bytes:
    return OK + b"Content-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def site(home: bytes, *, robots: bytes = NOT_FOUND) -> WireServer:
    return WireServer({"/robots.txt": (robots,), "/": (home,)})


def add(folder: Path, *addresses: str) -> tuple[int, dict[str, str]]:
    """Run `fleet add`; give its exit code, and the line of each address."""
    listed = folder.parent / "addresses.txt"
    listed.write_text("# communes\n" + "\n".join(addresses), encoding="utf-8")
    done = command("fleet", "add", listed, "--archives", folder)
    assert "Traceback" not in done.err
    return done.code, {line.split()[0]: line for line in done.out.splitlines()}


def test_a_portal_gets_a_profile_and_a_number_once_and_can_be_crawled(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path / "portals")
    with Replica(articles=4) as portal:
        code, lines = add(fleet.path, portal.base_url)
        assert (code, "1 in the fleet, 0 refused" in lines["1"]) == (0, True)
        ((name, number),) = read_numbers(fleet).items()
        assert number == 1
        profile = load_profile(str(fleet.profiles / f"{name}.toml"))
        assert (profile.base_url, profile.cms) == (portal.base_url, "vnpt")
        assert profile.title.startswith("Cổng thông tin điện tử")
        code, lines = add(fleet.path, portal.base_url, f"{portal.base_url}tin-tuc")
        assert (code, "is there already" in lines[portal.base_url]) == (0, True)
        assert "1 in the fleet, 0 refused; 0 new" in lines["1"]
        assert read_numbers(fleet) == {name: 1}
        assert command("schedule", "--archives", fleet.path, "--once").code in (0, 3)
    assert value(fleet.archive_of(name), "select count(*) > 0 from articles")


def test_stores_that_the_home_page_shows_stand_in_the_profile_and_strangers_do_not(tmp_path: Path) -> None:
    shown = "storage-edu.vnpt.vn", "ads.example.com"
    pictures = "".join(f'<img src="https://{host}/a.jpg">' for host in shown)
    home = (
        f'<html><head><title>Xã A</title></head><body><script src="/DesktopModule/UI/a.js"></script>{pictures}</body>'
    )
    fleet = FleetFolder(tmp_path / "portals")
    with site(page(home.encode())) as portal:
        assert add(fleet.path, portal.base)[0] == 0
    (path,) = fleet.profiles.iterdir()
    assert load_profile(str(path)).asset_hosts == ("storage-edu.vnpt.vn", "storage-vnportal.vnpt.vn")
    assert set(load_profile(str(path)).file_hosts) == set(KNOWN_ASSET_HOSTS["vnpt"])


def test_what_is_no_portal_of_the_system_is_refused_by_name_and_reason(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path / "portals")
    forbids = page(b"User-agent: *\nDisallow: /\n")
    leads = b"HTTP/1.1 302 Found\r\nLocation: http://elsewhere.invalid/\r\nContent-Length: 0\r\n\r\n"
    closed = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
    with (
        site(page(NUKEVIET)) as other, site(page(PLAIN)) as plain, site(page(PLAIN), robots=forbids) as shut,
        site(leads) as moved, site(page(PLAIN), robots=closed) as busy,
    ):  # fmt: skip
        addresses = [one.base for one in (other, plain, shut, moved, busy)]
        code, lines = add(fleet.path, *addresses, "ftp://a.vn", "http://127.0.0.1:9/")
        assert [one.requests for one in (shut, busy)] == [[one.requests[0]] for one in (shut, busy)]
    assert code == 3
    reasons = ("nukeviet", "no system that is known", "robots.txt forbids", "elsewhere.invalid", "answers 503")
    for address, reason in zip(addresses, reasons, strict=True):
        assert reason in lines[address]
        assert "refused" in lines[address]
    assert "is no http or https address" in lines["ftp://a.vn"]
    assert "does not answer" in lines["http://127.0.0.1:9/"]
    assert read_numbers(fleet) == {}
    assert list(fleet.profiles.iterdir()) == []


def test_a_page_in_front_of_a_portal_is_not_taken_for_another_system(tmp_path: Path) -> None:
    script = b"<html><script>document.cookie='D1N=00';window.location.reload(true);</script></html>"
    with site(page(script)) as gate, site(page(b"")) as empty, site(page(b'{"a": 1}')) as data:
        code, lines = add(tmp_path / "portals", gate.base, empty.base, data.base)
    assert code == 3
    assert "but a page that only runs a script; try again later" in lines[gate.base]
    assert "but an empty answer; try again later" in lines[empty.base]
    assert "but JSON, XML or plain text; try again later" in lines[data.base]


def test_an_address_with_a_slip_of_the_pen_is_refused_and_no_other_host_asked(tmp_path: Path) -> None:
    slips = ("https:/a.vn", "https//a.vn", "http:a.vn", ",", "-", "http://a.vn,b.vn/")
    code, lines = add(tmp_path / "portals", *slips)
    assert code == 3
    assert [slip for slip in slips if "is no http or https address" not in lines[slip]] == []


def test_a_quiet_command_names_only_what_it_refused(tmp_path: Path) -> None:
    listed = tmp_path / "addresses.txt"
    with Replica(articles=4) as portal:
        listed.write_text(f"{portal.base_url}\nftp://a.vn\n", encoding="utf-8")
        loud = command("fleet", "add", listed, "--archives", tmp_path / "loud")
        quiet = command("fleet", "add", listed, "--archives", tmp_path / "quiet", "--quiet")
    assert (loud.code, quiet.code, quiet.out) == (3, 3, "")
    assert "ftp://a.vn: refused: is no http or https address" in quiet.err
    assert portal.base_url not in quiet.err
    assert portal.base_url in loud.out
    assert loud.err == ""


def test_each_request_takes_its_turn_among_the_crawls_of_the_fleet(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path / "portals")
    fleet.prepare()
    with site(page(PLAIN)) as portal:
        netloc = portal.base.removeprefix("http://").rstrip("/")
        with closing(SharedState(fleet.state / "politeness.db")) as state:
            assert "no system that is known" in add(fleet.path, portal.base)[1][portal.base]
            assert len(portal.requests) == 2
            state.put_rest("asked", netloc, seconds=600)
            assert "is not asked for" in add(fleet.path, portal.base)[1][portal.base]
            assert len(portal.requests) == 2
    with closing(sqlite3.connect(fleet.state / "politeness.db")) as connection:
        assert {key for (key,) in connection.execute("select key from turns")} == {
            f"host {netloc}",
            "address 127.0.0.1",
        }
        assert connection.execute("select count(*) from connections").fetchone() == (0,)


def test_two_who_add_to_one_folder_add_each_portal_once(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path / "portals")
    fleet.prepare()
    home = page(b'<html><head><title>a</title></head><body><script src="/DesktopModule/UI/a.js"></script></body>')
    with (
        site(home) as one,
        site(home) as two,
        closing(FolderAdder(fleet)) as first,
        closing(FolderAdder(fleet)) as second,
    ):
        name = first.add(one.base).portal
        assert second.add(one.base) == Added(one.base, name, "is there already")
        # A name that was taken meanwhile, by a profile that cannot be used.
        other = f"127-0-0-1-{urlsplit(two.base).port}"
        (fleet.profiles / f"{other}.toml").write_text("name = 1", encoding="utf-8")
        assert first.add(two.base).portal == f"{other}-2"
        assert second.add(two.base).sentence == "is there already"
    assert read_numbers(fleet) == {name: 1, f"{other}-2": 2}


def test_an_address_without_a_scheme_is_asked_by_http_if_nothing_answers_by_https(tmp_path: Path) -> None:
    with site(page(NUKEVIET)) as portal:
        bare = portal.base.removeprefix("http://").rstrip("/")
        code, lines = add(tmp_path / "portals", bare, f"https://{bare}/", "a b.vn", "http://")
    assert code == 3
    assert "nukeviet" in lines[bare]
    assert "does not answer" in lines[f"https://{bare}/"]
    assert "without https:// it is asked by HTTP too" in lines[f"https://{bare}/"]
    assert "is no http or https address" in lines["a"]
    assert "is no http or https address" in lines["http://"]


@pytest.mark.parametrize("rules", [b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n", b"User-agent: *\nDisallow: /*\n"])
def test_robots_txt_is_read_as_a_crawl_reads_it(tmp_path: Path, rules: bytes) -> None:
    with site(page(PLAIN), robots=page(rules)) as shut:
        code, lines = add(tmp_path / "portals", shut.base)
        assert len(shut.requests) == 1
    assert code == 3
    assert "robots.txt forbids" in lines[shut.base]


def test_a_list_without_addresses_is_wrong_use(tmp_path: Path) -> None:
    assert add(tmp_path / "portals", "# none yet")[0] == 2
