"""The environment: the clock of every command, the contact, and what a WARC file says of its maker."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from build import utc

from crawler import __version__, settings
from crawler.errors import WrongUseError


def test_the_clock_is_the_environments_where_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", "2026-09-02T01:30:00+07:00")
    assert settings.clock() == utc("2026-09-01T18:30:00Z")
    assert settings.clock().tzinfo is UTC


@pytest.mark.parametrize("value", ["", None])
def test_the_clock_is_the_real_one_otherwise(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("PORTAL_ARCHIVE_NOW", raising=False)
    if value is not None:
        monkeypatch.setenv("PORTAL_ARCHIVE_NOW", value)
    assert abs(settings.clock() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("value", ["yesterday", "2026-09-02", "2026-09-02T01:30:00", "25:00", " "])
def test_a_wrong_time_is_wrong_use_and_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", value)
    with pytest.raises(WrongUseError, match="PORTAL_ARCHIVE_NOW") as caught:
        settings.clock()
    assert repr(value) in str(caught.value)


def test_a_child_gets_our_environment_and_cannot_change_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", "2026-09-02T01:30:00Z")
    environment = settings.child_environment()
    assert environment["PORTAL_ARCHIVE_NOW"] == "2026-09-02T01:30:00Z"
    environment["PORTAL_ARCHIVE_NOW"] = "x"
    assert os.environ["PORTAL_ARCHIVE_NOW"] == "2026-09-02T01:30:00Z"


def test_the_user_agent_names_the_project_and_the_contact_of_the_environment() -> None:
    environment = os.environ | {"PORTAL_ARCHIVE_CONTACT": "archive@example.vn"}
    code = (
        "from crawler import settings; print(settings.USER_AGENT); print(dict(settings.warcinfo_fields())['operator'])"
    )
    said = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    agent, operator = said.stdout.splitlines()
    assert agent == f"portal-archive/{__version__} (archive of public notices; contact: archive@example.vn)"
    assert operator == "archive@example.vn"


def test_a_warc_file_says_who_made_it_with_what_and_what_is_reconstructed() -> None:
    fields = dict(settings.warcinfo_fields())
    assert fields["software"].startswith(f"portal-archive/{__version__}")
    assert "WARC" in fields["format"]
    assert "Reconstructed" in fields["description"]
    assert all("\n" not in value and "\r" not in value for value in fields.values())
