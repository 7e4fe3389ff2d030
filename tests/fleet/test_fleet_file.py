"""`fleet.toml`: the caps of hosts and addresses, and which politeness a crawl has."""

import logging
from pathlib import Path

import pytest

from crawler.errors import ProfileError
from crawler.fleet.fleet_file import read_caps
from crawler.fleet.folder import FleetFolder
from crawler.fleet.shared_politeness import politeness_of
from crawler.politeness.caps import DEFAULT_ADDRESS, DEFAULT_HOST, Cap


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
    with caplog.at_level(logging.ERROR):
        assert politeness_of(fleet.archive_of("sapa")) is not None
    assert named in caplog.text


def test_an_archive_by_itself_shares_nothing(tmp_path: Path) -> None:
    assert politeness_of(tmp_path / "archive.db") is None
