"""Messages: each problem once, its end once, nothing twice; secrets nowhere."""

import json
import logging
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveLockedError, ArchiveUnusableError
from crawler.operations.health.problems import KINDS
from crawler.operations.journal.database import journal_path, read_journal
from crawler.operations.journal.messages import Alarm, read_unsettled
from crawler.operations.notices.messages import MAX_BODY_CHARACTERS, Message, clean, make_alarm_message
from crawler.operations.notices.notify import (
    LOCK_NAME,
    NotificationSettings,
    notify_operator,
    preview,
    send_test_message,
)
from crawler.operations.notices.send import send
from tests.support.build import Clock, Night, read_rows
from tests.support.crawling import command
from tests.support.operations import Mailbox, add_run, other_portal


def settings_of(mailbox: Mailbox, *more: str, language: str = "en") -> NotificationSettings:
    return NotificationSettings((mailbox.target, *more), language=language)


def unsettled(archive: Path) -> list[Alarm]:
    with read_journal(archive) as journal:
        assert journal is not None
        return read_unsettled(journal)


def test_a_problem_is_sent_once_and_its_end_once(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock, "partial", "a page is missing")
    notify_operator(archive, settings_of(mailbox), now=clock())
    (said,) = mailbox.take()
    assert said.startswith("Portal archive: 1 problem\n")
    assert "a page is missing" in said
    clock.go_on(days=1)
    add_run(archive, clock, "partial", "another page is missing")
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert mailbox.take() == []
    clock.go_on(days=1)
    add_run(archive, clock)
    assert notify_operator(archive, settings_of(mailbox), now=clock()).messages
    (said,) = mailbox.take()
    assert said == (
        "Portal archive: well again\n• Well again: sapa: a night is complete again (trouble since 1 Sep 2026)"
    )
    assert notify_operator(archive, settings_of(mailbox), now=clock()).messages == ()
    assert unsettled(archive) == []


def test_nothing_is_sent_about_an_archive_without_problems(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock)
    assert notify_operator(archive, settings_of(mailbox), now=clock()).messages == ()
    assert mailbox.take() == []
    assert not journal_path(archive).exists()


def test_two_portals_have_separate_problems(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock, "partial", "x")
    notify_operator(archive, settings_of(mailbox), now=clock())
    add_run(archive, clock, "partial", "y", profile=other_portal())
    notify_operator(archive, settings_of(mailbox), now=clock())
    first, second = mailbox.take()
    assert "sapa: incomplete" in first
    assert "sapa:" not in second
    assert "khac: incomplete" in second


def test_a_problem_that_replaces_another_is_no_good_news(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock, "partial", "x")
    notify_operator(archive, settings_of(mailbox), now=clock())
    clock.go_on(days=1)
    add_run(archive, clock, "failed", "no answer")
    notify_operator(archive, settings_of(mailbox), now=clock())
    _, said = mailbox.take()
    assert "Well again" not in said
    assert "sapa: no longer as reported before (partial), but see above" in said


def test_a_night_that_is_tried_again_now_is_sent_neither_as_over_nor_as_new(
    archive: Path, clock: Clock, mailbox: Mailbox
) -> None:
    Night(archive, clock).writer.close()  # it died
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert "died" in mailbox.take()[0]
    clock.go_on(minutes=10)
    night = Night(archive, clock, with_adoption=True)
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert mailbox.take() == []
    night.writer.finish("complete")
    night.writer.close()
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert "Well again" in mailbox.take()[0]


def test_what_could_not_be_sent_is_sent_next_time(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock, "partial", "x")
    mailbox.status = 500
    notified = notify_operator(archive, settings_of(mailbox), now=clock())
    assert notified.failed == ("json://…",)
    mailbox.status = 200
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert len(mailbox.take()) == 1
    add_run(archive, clock)
    mailbox.status = 500
    notify_operator(archive, settings_of(mailbox), now=clock())
    mailbox.status = 200
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert "Well again" in mailbox.take()[0]
    assert unsettled(archive) == []


def test_a_problem_that_was_over_before_it_could_be_sent_is_never_sent(
    archive: Path, clock: Clock, mailbox: Mailbox
) -> None:
    add_run(archive, clock, "partial", "x")
    mailbox.status = 500
    notify_operator(archive, settings_of(mailbox), now=clock())
    add_run(archive, clock)
    mailbox.status = 200
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert mailbox.take() == []
    assert unsettled(archive) == []


def test_a_problem_that_is_back_before_its_end_could_be_sent_is_not_sent_again(
    archive: Path, clock: Clock, mailbox: Mailbox
) -> None:
    add_run(archive, clock, "partial", "x")
    notify_operator(archive, settings_of(mailbox), now=clock())
    mailbox.take()
    add_run(archive, clock)
    mailbox.status = 500
    notify_operator(archive, settings_of(mailbox), now=clock())
    add_run(archive, clock, "partial", "x")
    mailbox.status = 200
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert mailbox.take() == []
    (alarm,) = unsettled(archive)
    assert alarm.ended_at is None


def test_one_service_that_is_reached_is_enough_and_the_other_is_named(
    archive: Path, clock: Clock, mailbox: Mailbox
) -> None:
    add_run(archive, clock, "partial", "x")
    broken = ("json://user:hidden@127.0.0.1:1/x?cto=0.5", "nosuch://hidden", "hidden")
    notified = notify_operator(archive, settings_of(mailbox, *broken), now=clock())
    assert notified.failed == ("json://…", "nosuch://…", "(no scheme)")
    assert len(mailbox.take()) == 1
    assert notify_operator(archive, settings_of(mailbox, *broken), now=clock()).messages == ()


def test_other_alarms_wait_while_the_archive_cannot_be_read(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock, "partial", "x")
    notify_operator(archive, settings_of(mailbox), now=clock())
    kept = archive.read_bytes()
    archive.write_bytes(b"no database" * 1000)
    notify_operator(archive, settings_of(mailbox), now=clock())
    archive.write_bytes(kept)
    notify_operator(archive, settings_of(mailbox), now=clock())
    first, second, third = mailbox.take()
    assert "incomplete" in first
    assert "cannot be read" in second
    assert "can be read again" in third
    assert not any("complete again" in said for said in (second, third))


def test_where_no_archive_was_begun_that_is_said_and_nothing_sent(
    tmp_path: Path, clock: Clock, mailbox: Mailbox
) -> None:
    for ask in (notify_operator, preview):
        with pytest.raises(ArchiveUnusableError, match="no archive yet"):
            ask(tmp_path / "none" / "archive.db", settings_of(mailbox), now=clock())
    assert mailbox.take() == []
    assert list(tmp_path.iterdir()) == []


def test_a_newer_database_is_reported_and_then_refused(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock)
    with sqlite3.connect(archive) as connection:
        connection.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values ('portal-archive', 'm9999', '')"
        )
    connection.close()
    ended = notify(archive, targets=mailbox.target)
    assert ended.code == 2  # type: ignore[attr-defined]
    assert "update portal-archive" in ended.err  # type: ignore[attr-defined]
    assert "a newer version" in mailbox.take()[0]
    assert notify(archive, targets=mailbox.target).code == 2  # type: ignore[attr-defined]
    assert mailbox.take() == []


def test_an_archive_that_vanished_beside_its_files_is_reported(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock)
    archive.unlink()
    notify_operator(archive, settings_of(mailbox), now=clock())
    assert "there is no database" in mailbox.take()[0]


def test_a_journal_that_cannot_be_written_stops_no_message(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock, "partial", "x")
    journal_path(archive).write_bytes(b"no database" * 1000)
    notify_operator(archive, settings_of(mailbox), now=clock())
    (said,) = mailbox.take()
    assert "incomplete" in said
    assert "this message comes again until it can" in said


def test_two_at_once_do_not_tell_twice(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock, "partial", "x")
    with hold_lock(archive.parent / LOCK_NAME, "taken"), pytest.raises(ArchiveLockedError, match="another `notify`"):
        notify_operator(archive, settings_of(mailbox), now=clock())
    assert mailbox.take() == []


def test_messages_are_in_the_operators_language_and_name_the_site(
    archive: Path, clock: Clock, mailbox: Mailbox
) -> None:
    add_run(archive, clock, "partial", "x")
    settings = NotificationSettings((mailbox.target,), site="https://luutru.example.vn")
    notify_operator(archive, settings, now=clock())
    (said,) = mailbox.take()
    assert said.startswith("Kho lưu trữ: 1 việc cần xử lý (luutru.example.vn)\n")
    assert "chưa đầy đủ từ 01:30 ngày 02/09/2026" in said


def test_every_kind_of_problem_has_a_message_for_its_end() -> None:
    for language in ("vi", "en"):
        for kind in KINDS:
            alarm = Alarm(1, kind, "sapa", "2026-09-01T18:30:00Z", "", "", None)
            assert "sapa" in make_alarm_message([], [alarm], lasting=[], language=language, site=None).body


def test_what_is_sent_is_plain_text_as_it_stands(mailbox: Mailbox) -> None:
    hostile = "*b* _i_ [x](https://evil.example) <script>alert(1)</script> &amp; \\n {{7*7}} :smile:"
    for more in ("", "?format=markdown", "?format=html"):
        assert send(Message("T", clean(hostile), "info"), [mailbox.target + more]).reached == ("json://…",)
    plain, markdown, html = (post["message"] for post in mailbox.posts)
    assert plain == hostile
    # What a service takes for markup, Apprise escapes.
    assert "[x](" not in markdown
    assert "<script>" not in html
    assert "&amp;amp;" in html


def test_a_long_message_is_cut_with_the_rest_counted() -> None:
    alarms = [Alarm(n, "partial", f"{n}" * 300, "2026-09-01", "", "", None) for n in range(30)]
    body = make_alarm_message([], alarms, lasting=[], language="en", site=None).body
    assert len(body) <= MAX_BODY_CHARACTERS
    assert body.endswith(")")
    assert "… (+" in body


def test_secrets_are_in_no_log_no_journal_and_no_output(
    archive: Path, clock: Clock, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    add_run(archive, clock, "partial", "x")
    caplog.set_level(logging.DEBUG)
    mailbox.status = 401
    refused = ("json://user:s3cr3t@127.0.0.1:1/s3cr3t", "tgram://s3cr3t", "slack://s3cr3t/x")
    notified = notify_operator(archive, settings_of(mailbox, *refused), now=clock())
    trial = send_test_message(settings_of(mailbox, *refused))
    assert trial.reached == ()
    assert len(trial.failed) == 4
    assert "s3cr3t" not in repr(notified) + repr(trial) + caplog.text
    assert b"s3cr3t" not in journal_path(archive).read_bytes()


def notify(archive: Path, *arguments: str, targets: str = "", now: str = "2026-09-01T20:00:00Z", **more: str) -> object:
    extra = {"PORTAL_ARCHIVE_NOTIFY": targets, "PORTAL_ARCHIVE_NOW": now, "PORTAL_ARCHIVE_LANGUAGE": "en", **more}
    return command("notify", "--archive", archive, *arguments, extra=extra)


def test_the_command_is_quiet_without_an_address(archive: Path, clock: Clock) -> None:
    add_run(archive, clock, "partial", "x")
    ended = notify(archive)
    assert (ended.code, ended.out, ended.err) == (0, "", "")  # type: ignore[attr-defined]
    ended = notify(archive, "--test")
    assert (ended.code, ended.out) == (1, "")  # type: ignore[attr-defined]
    assert "PORTAL_ARCHIVE_NOTIFY" in ended.err  # type: ignore[attr-defined]


def test_the_command_tells_and_never_fails_by_a_service(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock, "partial", "x")
    shown = notify(archive, "--dry-run")
    assert shown.code == 0  # type: ignore[attr-defined]
    assert "incomplete since" in shown.out  # type: ignore[attr-defined]
    assert not journal_path(archive).exists()
    assert mailbox.take() == []
    mailbox.status = 500
    ended = notify(archive, targets=mailbox.target)
    assert (ended.code, ended.err) == (0, "portal-archive: not taken by json://…\n")  # type: ignore[attr-defined]
    assert "nobody; it is tried again" in ended.out  # type: ignore[attr-defined]
    mailbox.status = 200
    ended = notify(archive, targets=f"{mailbox.target}\n  {mailbox.target} ")
    assert (ended.code, ended.err) == (0, "")  # type: ignore[attr-defined]
    assert len(mailbox.take()) == 2
    assert notify(archive, targets=mailbox.target).out == ""  # type: ignore[attr-defined]


def test_the_trial_says_by_its_exit_code_whether_messages_come(archive: Path, mailbox: Mailbox) -> None:
    ended = notify(archive, "--test", targets=mailbox.target, PORTAL_ARCHIVE_LANGUAGE="vi")
    assert (ended.code, ended.err) == (0, "")  # type: ignore[attr-defined]
    assert mailbox.take()[0].startswith("Kho lưu trữ: tin thử\n")
    ended = notify(archive, "--test", targets=f"{mailbox.target} json://127.0.0.1:1/?cto=0.5")
    assert ended.code == 1  # type: ignore[attr-defined]
    assert "json://…" in ended.err  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "value"), [("LANGUAGE", "fr"), ("DIGEST", "hourly"), ("SITE", "ftp://x"), ("SITE", "https://user:pw@x/")]
)
def test_a_setting_that_cannot_be_used_is_wrong_use(archive: Path, name: str, value: str) -> None:
    ended = notify(archive, targets="json://127.0.0.1:1/", **{f"PORTAL_ARCHIVE_{name}": value})
    assert ended.code == 2  # type: ignore[attr-defined]
    assert f"PORTAL_ARCHIVE_{name}" in ended.err  # type: ignore[attr-defined]


def test_alarms_of_one_kind_and_subject_stand_once(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock, "partial", "x")
    notify_operator(archive, settings_of(mailbox), now=clock())
    with sqlite3.connect(journal_path(archive)) as journal, pytest.raises(sqlite3.IntegrityError):
        journal.execute("insert into alarms (kind, subject, since, sentence) values ('partial', 'sapa', '', '')")
    journal.close()


def test_a_message_says_what_status_says(archive: Path, clock: Clock, mailbox: Mailbox) -> None:
    add_run(archive, clock)
    now = clock() + timedelta(days=4)
    ended = command("status", "--archive", archive, "--json", extra={"PORTAL_ARCHIVE_NOW": now.isoformat()})
    assert ended.code == 1
    (problem,) = json.loads(ended.out)["problems"]
    notify_operator(archive, settings_of(mailbox), now=now)
    assert problem["sentence_en"] in mailbox.take()[0]
    assert read_rows(archive, "select count(*) from crawls") == [(1,)]
