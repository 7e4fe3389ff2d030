"""The logs: one file a night, without secrets; a log that fails never stops a crawl."""

import json
import logging
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.cli.terminal.logs import (
    LONGEST_MESSAGE,
    SCHEDULE_FILES,
    LogStyle,
    ScheduleFile,
    keep_night_log,
    keep_schedule_log,
    log_to_stderr,
    redact,
    remove_old_nights,
)
from crawler.errors import ArchiveLockedError
from tests.support.build import FIRST_NIGHT, Clock

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SECRET = "tgram://123456:AbCdEf/987"
log = logging.getLogger("tests.logs")


@pytest.fixture(autouse=True)
def _root_logger() -> None:
    logging.root.setLevel(logging.DEBUG)


def style(form: str = "text") -> LogStyle:
    return LogStyle(form, Clock(), HANOI, (SECRET,))


def fail(error: Exception) -> None:
    raise error


def test_a_nights_file_holds_what_was_logged_in_the_portals_time(tmp_path: Path) -> None:
    with keep_night_log(tmp_path / "logs", style(), night="2026-09-02"):
        log.info("hello %s", "you")
        log.debug("not this")
    log.info("after")
    text = (tmp_path / "logs" / "2026-09-02.log").read_text(encoding="utf-8")
    assert text == "2026-09-02 01:30:00+07:00 INFO tests.logs: hello you\n"


def test_several_runs_of_a_night_follow_each_other(tmp_path: Path) -> None:
    for number in (1, 2):
        with keep_night_log(tmp_path, style(), night="2026-09-02"):
            log.info("run %d", number)
    assert [path.name for path in tmp_path.iterdir()] == ["2026-09-02.log"]
    assert len((tmp_path / "2026-09-02.log").read_text().splitlines()) == 2


def test_json_lines_hold_the_public_fields_and_nothing_a_library_hangs_on(tmp_path: Path) -> None:
    with keep_night_log(tmp_path, style("json"), night="2026-09-02"):
        log.info("Thị xã %s", SECRET, extra={"spider": object(), "summary": {"outcome": "partial", "reason": SECRET}})
        try:
            fail(ValueError("x"))
        except ValueError:
            log.exception("failed")
    first, second = (json.loads(line) for line in (tmp_path / "2026-09-02.log").read_text("utf-8").splitlines())
    assert first == {
        "at": "2026-09-02T01:30:00+07:00",
        "level": "INFO",
        "logger": "tests.logs",
        "message": "Thị xã tgram://***",
        "summary": {"outcome": "partial", "reason": "tgram://***"},
    }
    assert second["trace"].endswith("ValueError: x")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://user:pass@host/x", "GET https://***@host/x"),
        ("to s3://KEY:SEC/RET@bucket", "to s3://KEY:SEC/RET@bucket"),
        ("http://h/x?token=abc123&page=2", "http://h/x?token=***&page=2"),
        ("access_token=abc", "access_token=***"),
        ('{"password": "hunter2", "a": 1}', '{"password": "***", "a": 1}'),
        ("Authorization: Bearer abcdefgh.ijk", "Authorization: Bearer ***"),
        ("api-key = k3y; next", "api-key = ***; next"),
        ("Set-Cookie: sid=1", "Set-Cookie: ***"),
        ("a mail to x@example.vn about http://host/a@b", "a mail to x@example.vn about http://host/a@b"),
        ("12 listed articles could not be had", "12 listed articles could not be had"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_and_nothing_else(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_a_known_secret_is_hidden_everywhere_also_in_a_trace(tmp_path: Path) -> None:
    with keep_night_log(tmp_path, style(), night="2026-09-02"):
        try:
            fail(OSError(f"cannot reach {SECRET}"))
        except OSError:
            log.exception("sending to %s", SECRET)
    text = (tmp_path / "2026-09-02.log").read_text()
    assert "AbCdEf" not in text
    assert text.count("tgram://***") == 2


def test_a_message_and_what_an_error_quotes_are_cut_short(tmp_path: Path) -> None:
    page = "Sáng nay, " * 5000
    with keep_night_log(tmp_path, style(), night="2026-09-02"):
        log.info(page)
        try:
            fail(ValueError(page))
        except ValueError:
            log.exception("failed")
    first, rest = (tmp_path / "2026-09-02.log").read_text("utf-8").split("\n", 1)
    assert len(first) < LONGEST_MESSAGE + 100
    assert rest.count("Sáng nay") < 30
    assert "in test_a_message_and_what" in rest


def test_an_error_that_ends_a_run_is_in_its_nights_file(tmp_path: Path) -> None:
    with pytest.raises(ArchiveLockedError), keep_night_log(tmp_path, style(), night="2026-09-02"):
        raise ArchiveLockedError("another run holds this archive")
    assert "ERROR crawler.cli.terminal.logs: not run: another run holds" in (tmp_path / "2026-09-02.log").read_text()


def test_only_the_last_nights_are_kept_and_other_files_stay(tmp_path: Path) -> None:
    nights = [(date(2026, 1, 1) + timedelta(days=day)).isoformat() for day in range(10)]
    for name in (*(f"{night}.log" for night in nights), "schedule.log", "notes.txt"):
        (tmp_path / name).write_text("x")
    remove_old_nights(tmp_path, kept=3)
    assert {path.name for path in tmp_path.iterdir()} == {
        *(f"{night}.log" for night in nights[-3:]), "schedule.log", "notes.txt",
    }  # fmt: skip


def test_a_folder_that_cannot_be_made_is_reported_once_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with keep_night_log(tmp_path / "file", style(), night="2026-09-02"):
        log.info("one")
        log.info("two")
    assert capsys.readouterr().err.count("warning: no log is kept in") == 1


def test_a_full_disk_is_reported_once_and_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "2026-09-02.log").symlink_to("/dev/full")
    with keep_night_log(tmp_path, style(), night="2026-09-02"):
        log.info("one")
        log.info("two")
    err = capsys.readouterr().err
    assert err.count("warning: the log") == 1
    assert "Traceback" not in err


def test_the_schedulers_file_is_rotated(tmp_path: Path) -> None:
    keep_schedule_log(tmp_path, style())
    (handler,) = (found for found in logging.root.handlers if isinstance(found, ScheduleFile))
    handler.maxBytes = 200
    for number in range(50):
        log.info("a line, number %d", number)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["schedule.log", *(f"schedule.log.{number}" for number in range(1, SCHEDULE_FILES + 1))]
    assert "number 49" in (tmp_path / "schedule.log").read_text()


def test_standard_error_has_the_same_lines_from_its_level_on(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr(style(), "WARNING")
    log.info("quiet")
    log.warning("loud %s", SECRET)
    assert capsys.readouterr().err == f"{FIRST_NIGHT.astimezone(HANOI)} WARNING tests.logs: loud tgram://***\n"
