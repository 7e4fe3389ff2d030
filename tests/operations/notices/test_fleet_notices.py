"""One message for all portals of a fleet, which names them by the kind of trouble."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.fleet.folder import FleetFolder
from crawler.operations.notices.fleet import in_room, notify_fleet, preview_fleet
from crawler.operations.notices.notify import NotificationSettings, notify_digest, notify_operator
from crawler.operations.schedule.child_process import Stop
from crawler.operations.schedule.jobs import JobRunner
from crawler.operations.schedule.maintenance import run_maintenance
from crawler.operations.schedule.places import ArchivePerPortal
from crawler.sentences import to_columns
from tests.support.archives.rows import change
from tests.support.build import FIRST_NIGHT, because, make_archive
from tests.support.crawling import command
from tests.support.nights_harness import journal_rows
from tests.support.operations import Mailbox

NOW = FIRST_NIGHT + timedelta(hours=1)
SILENT = "the portal's home page could not be had: a.example.vn cannot be resolved"
LAYOUT = "7 of 9 article pages have no article's parts: has the layout changed?"


@pytest.fixture
def fleet(tmp_path: Path) -> FleetFolder:
    """Six portals whose nights are complete."""
    fleet = FleetFolder(tmp_path / "fleet")
    fleet.prepare()
    (tmp_path / "one").mkdir()
    archive = make_archive(tmp_path / "one")
    for name in ("an", "ba", "chi", "du", "en", "go"):
        fleet.archive_of(name).parent.mkdir()
        shutil.copy(archive, fleet.archive_of(name))
    return fleet


def end(fleet: FleetFolder, name: str, outcome: str, reason: str | None = None) -> None:
    sql = "update crawls set outcome = ?, reason = ?, reason_kind = ?, reason_args = ?"
    change(fleet.archive_of(name), sql, outcome, *to_columns(because(reason)))


def settings_of(mailbox: Mailbox, language: str = "en") -> NotificationSettings:
    return NotificationSettings((mailbox.target,), language=language, site="https://kho.example.vn")


def test_a_fleet_has_one_message_by_the_kind_of_trouble_and_each_trouble_once(
    fleet: FleetFolder, mailbox: Mailbox
) -> None:
    for name in ("an", "chi", "du"):
        end(fleet, name, "failed", SILENT)
    for name in ("ba", "go"):
        end(fleet, name, "suspect", LAYOUT)
    seen = preview_fleet(fleet, settings_of(mailbox), now=NOW)
    notify_fleet(fleet, settings_of(mailbox), now=NOW)
    (said,) = mailbox.take()
    assert said == (
        "Portal archives: 5 portals in trouble (kho.example.vn)\n"
        "• 3 portals do not answer: an, chi, du\n"
        "• 2 portals seem to have changed their layout: ba, go"
    )
    assert seen is not None
    assert f"{seen.title}\n{seen.body}" == said
    assert notify_fleet(fleet, settings_of(mailbox), now=NOW).messages == ()
    end(fleet, "en", "failed", SILENT)
    end(fleet, "an", "complete")
    end(fleet, "ba", "failed", SILENT)
    notify_fleet(fleet, settings_of(mailbox, "vi"), now=NOW)
    (said,) = mailbox.take()
    assert said.splitlines()[:2] == [
        "Kho lưu trữ: 2 cổng có sự cố (kho.example.vn)", "• 2 cổng không trả lời: ba, en",
    ]  # fmt: skip
    assert said.splitlines()[2:] == ["• 1 cổng đã ổn trở lại: an"]


def test_of_one_portal_alone_all_is_said_that_is_known(fleet: FleetFolder, mailbox: Mailbox) -> None:
    end(fleet, "du", "failed", SILENT)
    notify_fleet(fleet, settings_of(mailbox), now=NOW)
    (said,) = mailbox.take()
    assert "• du: sapa: no run got anything since" in said
    assert "cannot be resolved" in said


def test_what_reached_nobody_is_sent_again_and_a_broken_archive_hides_no_other(
    fleet: FleetFolder, mailbox: Mailbox
) -> None:
    end(fleet, "du", "failed", SILENT)
    end(fleet, "en", "failed", SILENT)
    fleet.archive_of("an").write_bytes(b"no database at all" * 99)
    mailbox.status = 500
    notify_fleet(fleet, settings_of(mailbox), now=NOW)
    mailbox.status = 200
    notify_fleet(fleet, settings_of(mailbox), now=NOW)
    (said,) = mailbox.take()
    assert "2 portals do not answer: du, en" in said
    assert "an: The archive cannot be read" in said


def test_a_trouble_told_for_the_fleet_is_not_told_again_for_its_archive(fleet: FleetFolder, mailbox: Mailbox) -> None:
    end(fleet, "du", "failed", SILENT)
    notify_fleet(fleet, settings_of(mailbox), now=NOW)
    assert len(mailbox.take()) == 1
    assert notify_operator(fleet.archive_of("du"), settings_of(mailbox), now=NOW).messages == ()


def test_the_digest_of_a_portal_leads_to_its_own_site_and_tells_no_trouble(
    fleet: FleetFolder, mailbox: Mailbox
) -> None:
    end(fleet, "du", "partial", "1 listed articles could not be had")
    wanted = NotificationSettings((mailbox.target,), language="en", digest="night", site="https://kho.example.vn")
    notify_digest(fleet.archive_of("du"), in_room(wanted, "du"), now=NOW)
    (said,) = mailbox.take()
    assert "https://kho.example.vn/portal/du/article/1" in said
    assert "incomplete" not in said


def test_the_command_and_the_scheduler_tell_of_a_folder(
    fleet: FleetFolder, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    end(fleet, "du", "failed", SILENT)
    end(fleet, "en", "failed", SILENT)
    extra = {"PORTAL_ARCHIVE_NOW": "2026-09-01T19:30:00Z", "PORTAL_ARCHIVE_LANGUAGE": "en"}
    shown = command("notify", "--archives", fleet.path, "--dry-run", extra=extra)
    assert (shown.code, "2 portals do not answer: du, en" in shown.out) == (0, True)
    for name, value in {**extra, "PORTAL_ARCHIVE_NOTIFY": mailbox.target}.items():
        monkeypatch.setenv(name, value)
    places = ArchivePerPortal(fleet)
    for with_messages in (False, True):
        with JobRunner(places) as jobs:
            run_maintenance(jobs, places, portals=["du", "en"], stop=Stop(), with_messages=with_messages)
    (said,) = mailbox.take()
    assert "2 portals do not answer: du, en" in said
    assert journal_rows(fleet.plan, "select job, event from job_events") == [
        ("messages", "submitted"), ("messages", "executed"),
    ]  # fmt: skip
    assert command("notify", "--archives", fleet.path / "profiles").code == 2
    assert command("notify", "--archives", fleet.path, "--subscription", "x").code == 2
