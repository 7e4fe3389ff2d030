"""`fleet.toml`: the caps of hosts and addresses, and which politeness a crawl has."""

import json
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.errors import ProfileError
from crawler.fleet.fleet_file import find_fault, read_caps
from crawler.fleet.folder import FleetFolder
from crawler.fleet.shared_politeness import politeness_of
from crawler.language.dates import to_iso_utc
from crawler.politeness.caps import DEFAULT_ADDRESS, DEFAULT_HOST, Cap
from tests.support.build import FIRST_NIGHT, make_archive
from tests.support.crawling import command


@pytest.fixture
def fleet(tmp_path: Path) -> FleetFolder:
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    return fleet


def test_the_file_of_a_new_folder_says_the_defaults(fleet: FleetFolder) -> None:
    caps = read_caps(fleet)
    assert caps.of_host("sapa.laocai.gov.vn") == DEFAULT_HOST
    assert caps.of_host("storage-vnportal.vnpt.vn") == Cap(20.0, 16)
    assert caps.of_address("192.0.2.1") == DEFAULT_ADDRESS


def test_what_a_table_does_not_say_is_as_for_all(fleet: FleetFolder) -> None:
    fleet.file.write_text('[hosts."A.vn"]\nconnections = 1\n[addresses."192.0.2.1"]\n', encoding="utf-8")
    caps = read_caps(fleet)
    assert caps.of_host("a.vn:8080") == Cap(DEFAULT_HOST.requests_per_second, 1)
    assert caps.of_address("192.0.2.1") == DEFAULT_ADDRESS


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[host]\n", "`host`"), ("hosts = 3\n", "`hosts`"), ('hosts."*" = 3\n', "`hosts.*`"),
        ('[hosts."*"]\nrate = 3\n', "`hosts.*.rate`"), ('[hosts."*"]\nconnections = 0\n', "connections"),
        ('[hosts."*"]\nrequests_per_second = "20"\n', "requests_per_second"), ("no toml", "cannot be read"),
        ('[hosts."*"]\nrequests_per_second = inf\n', "requests_per_second"),
    ],
)  # fmt: skip
def test_a_slip_is_named_and_lifts_no_cap(
    fleet: FleetFolder, caplog: pytest.LogCaptureFixture, text: str, named: str
) -> None:
    fleet.file.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as error:
        read_caps(fleet)
    assert "fleet.toml" in str(error.value)
    assert named in str(error.value)
    found = find_fault(fleet)
    assert found is not None
    assert named in found
    assert "the rates of a new folder hold" in found
    with caplog.at_level(logging.ERROR):
        assert politeness_of(fleet.archive_of("sapa")) is not None
    assert named in caplog.text


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ('storrage = "/x"\n', "the rates of a new folder hold, and portals are parked as in a new folder, and nothing"),
        ("storage = 3\n", "corrected, nothing is shipped to a storage"),
        ("[parking]\nnights = -1\n", "corrected, portals are parked as in a new folder"),
        ("[hosts.a.vn]\n", "`hosts.a.vn`: unknown; until it is corrected, the rates of a new folder hold"),
    ],
)
def test_a_slip_says_what_holds_instead(fleet: FleetFolder, text: str, instead: str) -> None:
    assert find_fault(fleet) is None
    fleet.file.write_text(text, encoding="utf-8")
    assert instead in str(find_fault(fleet))


def test_a_slip_is_said_by_the_commands_of_the_fleet(fleet: FleetFolder) -> None:
    make_archive(fleet.archive_of("sapa").parent)
    hour = {"PORTAL_ARCHIVE_NOW": to_iso_utc(FIRST_NIGHT + timedelta(hours=1))}
    fine = command("fleet", "status", "--archives", fleet.path, "--json", extra=hour)
    assert (fine.code, fine.err, json.loads(fine.out)["fault"]) == (0, "", None)
    fleet.file.write_text("[hosts.a.vn]\n", encoding="utf-8")
    done = command("fleet", "status", "--archives", fleet.path, "--json", extra=hour)
    assert (done.code, "`hosts.a.vn`" in done.err) == (1, True)
    assert "`hosts.a.vn`" in json.loads(done.out)["fault"]
    listed = fleet.path / "addresses.txt"
    listed.write_text("http://127.0.0.1:9/", encoding="utf-8")
    added = command("fleet", "add", listed, "--archives", fleet.path)
    assert (added.code, added.out, "`hosts.a.vn`" in added.err) == (2, "", True)
    scheduled = command("schedule", "--archives", fleet.path, "--once", extra=hour)
    assert (scheduled.code, "`hosts.a.vn`" in scheduled.err) == (0, True)


def test_a_file_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    assert find_fault(FleetFolder(tmp_path)) is None


def test_an_archive_by_itself_shares_nothing(tmp_path: Path) -> None:
    assert politeness_of(tmp_path / "archive.db") is None
