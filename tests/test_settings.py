"""The environment: the clock of every command, the contact, and the warcinfo fields."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import __version__, settings
from crawler.errors import WrongUseError
from tests.support.archives.rows import utc


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


def test_a_warc_file_says_who_made_it_with_what() -> None:
    fields = dict(settings.warcinfo_fields())
    assert fields["software"].startswith(f"portal-archive/{__version__}")
    assert "WARC" in fields["format"]
    assert all("\n" not in value and "\r" not in value for value in fields.values())


def test_messages_go_where_and_as_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NOTIFY", "LANGUAGE", "DIGEST", "SITE"):
        monkeypatch.delenv(f"PORTAL_ARCHIVE_{name}", raising=False)
    defaults = (settings.notify_targets(), settings.language(), settings.digest(), settings.site_address())
    assert defaults == ((), "vi", "off", None)
    monkeypatch.setenv("PORTAL_ARCHIVE_NOTIFY", " json://a/,b \n tgram://x/y ")
    monkeypatch.setenv("PORTAL_ARCHIVE_LANGUAGE", "EN")
    monkeypatch.setenv("PORTAL_ARCHIVE_DIGEST", "week")
    monkeypatch.setenv("PORTAL_ARCHIVE_SITE", "https://luutru.example.vn/kho/")
    assert settings.notify_targets() == ("json://a/,b", "tgram://x/y")
    assert (settings.language(), settings.digest()) == ("en", "week")
    assert settings.site_address() == "https://luutru.example.vn/kho"


@pytest.mark.parametrize("value", ["luutru.example.vn", "javascript://x", "https://", "https://a b/", "https://u:p@x/"])
def test_a_site_that_is_not_an_address_is_wrong_use(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_SITE", value)
    with pytest.raises(WrongUseError, match="PORTAL_ARCHIVE_SITE"):
        settings.site_address()


def test_a_rehearsal_is_recognised_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_ARCHIVE_NOW", raising=False)
    assert not settings.is_rehearsed()
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", "2026-09-02T01:30:00Z")
    assert settings.is_rehearsed()


def test_the_watchdog_waits_half_an_hour_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_ARCHIVE_WATCHDOG_MINUTES", raising=False)
    assert settings.watchdog_minutes() == 30
    monkeypatch.setenv("PORTAL_ARCHIVE_WATCHDOG_MINUTES", "0.5")
    assert settings.watchdog_minutes() == 0.5


@pytest.mark.parametrize("value", ["0", "-1", "soon", "inf", "nan"])
def test_a_wrong_patience_is_wrong_use(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_WATCHDOG_MINUTES", value)
    with pytest.raises(WrongUseError, match="PORTAL_ARCHIVE_WATCHDOG_MINUTES"):
        settings.watchdog_minutes()


def test_logs_are_text_beside_the_archive_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORTAL_ARCHIVE_LOGS", "PORTAL_ARCHIVE_LOG_FORMAT"):
        monkeypatch.delenv(name, raising=False)
    assert (settings.log_folder(Path("/srv/a.db")), settings.log_format()) == (Path("/srv/logs"), "text")
    monkeypatch.setenv("PORTAL_ARCHIVE_LOGS", "/var/log/x")
    monkeypatch.setenv("PORTAL_ARCHIVE_LOG_FORMAT", "json")
    assert (settings.log_folder(Path("/srv/a.db")), settings.log_format()) == (Path("/var/log/x"), "json")
    monkeypatch.setenv("PORTAL_ARCHIVE_LOG_FORMAT", "xml")
    with pytest.raises(WrongUseError, match="text or json"):
        settings.log_format()


def test_addresses_of_messages_and_backups_are_secrets_and_folders_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOTIFY", "tgram://a/b  json://h/x")
    monkeypatch.setenv("PORTAL_ARCHIVE_BACKUP", "s3://k:s@bucket")
    assert settings.secrets() == ("tgram://a/b", "json://h/x", "s3://k:s@bucket")
    monkeypatch.setenv("PORTAL_ARCHIVE_BACKUP", "/backups")
    assert settings.secrets() == ("tgram://a/b", "json://h/x")


def test_attachments_are_read_for_the_given_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORTAL_ARCHIVE_TEXTS_MINUTES", raising=False)
    assert settings.texts_minutes() == 15
    for stated, minutes in (("", 15), ("0", 0), ("1.5", 1.5)):
        monkeypatch.setenv("PORTAL_ARCHIVE_TEXTS_MINUTES", stated)
        assert settings.texts_minutes() == minutes
    for stated in ("soon", "-1", "inf", "nan"):
        monkeypatch.setenv("PORTAL_ARCHIVE_TEXTS_MINUTES", stated)
        with pytest.raises(WrongUseError, match="PORTAL_ARCHIVE_TEXTS_MINUTES"):
            settings.texts_minutes()


def test_a_crawl_imports_no_part_that_it_does_not_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_TEXTS_MINUTES", "0")
    script = f"""
import sys
from crawler.cli import main
code = main(["crawl", "--portal", {str(tmp_path / "p.toml")!r}, "--archive", {str(tmp_path / "archive.db")!r}])
print(code, *sys.modules)
"""
    profile = 'name = "p"\ntitle = "P"\ncms = "vnpt"\nbase_url = "http://127.0.0.1:9/"\n[pace]\ndelay_seconds = 0\n'
    (tmp_path / "p.toml").write_text(profile, encoding="utf-8")
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    code, *imported = ended.stdout.splitlines()[-1].split()
    assert code == "1"  # nothing answers there
    assert "scrapy.downloadermiddlewares.useragent" in imported
    unused = ("cookies", "redirect", "httpcache", "robotstxt", "telnet", "feedexport", "remote_control")
    assert [name for name in imported if name.startswith("scrapy.") and name.rpartition(".")[2] in unused] == []
    assert not {"aiohttp", "requests", "pypdfium2"} & set(imported)
    # The parser process and the writer process need these.
    theirs = {"PIL", "nh3", "tinycss2", "selectolax", "crawler.extract.page", "sqlite_utils", "warcio", "isal"}
    assert not theirs & set(imported)
