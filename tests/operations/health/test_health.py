"""The status of an archive: the last nights, and each problem in a sentence."""

import json
import os
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive.warc.ledger import HostUnverified
from crawler.language.dates import to_iso_utc
from crawler.operations.health.disk import DiskSpace
from crawler.operations.health.nights import HUNG_AFTER
from crawler.operations.health.problems import KINDS, Phrase, make_problem, quote
from crawler.operations.health.status import NIGHTS_SHOWN, read_status
from crawler.operations.journal.database import write_journal
from crawler.operations.journal.runs import EndedFor, begin_run, end_run
from tests.support.build import Clock, Night, make_archive, make_profile
from tests.support.crawling import command
from tests.support.operations import PLANNED, add_run, only


def test_a_night_that_went_well_is_all_well(tmp_path: Path) -> None:
    status = read_status(make_archive(tmp_path), PLANNED + timedelta(hours=3))
    assert status.problems == ()
    (night,) = status.nights
    assert (night.portal, night.outcome, night.articles_new, night.errors) == ("sapa", "complete", 3, 3)
    lines = status.lines()
    assert lines[0] == "2026-09-01T18:30:00Z  sapa  complete  3 new, 0 changed, 3 errors"
    assert lines[1] == "next: sapa 2026-09-02T18:30:00Z"
    assert lines[-1] == "all well"
    vietnamese = status.lines("vi")
    one = replace(status, nights=(replace(night, errors=1),))
    assert one.lines()[0].endswith("0 changed, 1 error")
    disk = DiskSpace(0, 0, 5_800_000, 0, None, None)
    assert any("5,8 MB" in line and "0 byte" in line for line in replace(status, disk=disk).lines("vi"))
    assert vietnamese[:2] == [
        "02/09/2026 01:30  sapa  đầy đủ  3 bài mới, 0 bài sửa, 3 lỗi",
        "tiếp theo: sapa 03/09/2026 01:30",
    ]
    assert vietnamese[-2:] == ["sao lưu tốt gần nhất: chưa có; diễn tập tốt gần nhất: chưa có", "mọi thứ đều ổn"]
    assert len(vietnamese) == len(lines)


def test_the_command_speaks_english_unless_a_language_is_set(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    now = {"PORTAL_ARCHIVE_NOW": to_iso_utc(PLANNED + timedelta(hours=3))}
    assert command("status", "--archive", archive, extra=now).out.endswith("all well\n")
    set_to = {**now, "PORTAL_ARCHIVE_LANGUAGE": "vi"}
    assert command("status", "--archive", archive, extra=set_to).out.endswith("mọi thứ đều ổn\n")


def test_json_says_the_same(tmp_path: Path) -> None:
    status = read_status(make_archive(tmp_path), PLANNED + timedelta(days=2, hours=20))
    said = json.loads(json.dumps(status.as_json()))
    assert said["checked_at"] == "2026-09-04T14:30:00Z"
    assert [problem["kind"] for problem in said["problems"]] == ["night-missed"]
    assert said["nights"][0]["outcome"] == "complete"
    assert said["portals"][0]["next_planned_at"] == "2026-09-04T18:30:00Z"
    assert said["room"]["free_bytes"] > 0


@pytest.mark.parametrize("outcome", ["partial", "suspect", "failed", "interrupted"])
def test_a_last_night_that_did_not_go_well_is_a_problem_with_its_reason(
    archive: Path, clock: Clock, outcome: str
) -> None:
    add_run(archive, clock, outcome, "because")
    problem = only(read_status(archive, clock()), outcome)
    assert "because" in problem.sentence_en
    assert "because" in problem.sentence_vi
    assert problem.subject == "sapa"
    assert problem.since == "2026-09-01T18:30:00Z"


def test_a_reason_is_said_in_the_language(archive: Path, clock: Clock) -> None:
    add_run(archive, clock, "partial", "2 listings could not be read; 1 listed articles could not be had")
    status = read_status(archive, clock())
    problem = only(status, "partial")
    assert "is partial: 2 listings could not be read; 1 listed article could not be had. What" in problem.sentence_en
    lacks = "không đọc được 2 danh sách tin; không lấy được 1 bài có trong danh sách tin"
    assert f"một phần: {lacks}. Phần" in problem.sentence_vi
    assert status.lines("vi")[0].endswith(f"({lacks})")
    assert status.nights[0].reason_kind == "listings-failed"


def test_a_problem_that_stays_began_with_its_first_night(archive: Path, clock: Clock) -> None:
    for outcome in ("complete", "partial", "partial", "partial"):
        add_run(archive, clock, outcome, "because")
        clock.go_on(days=1)
    assert only(read_status(archive, clock() - timedelta(hours=20)), "partial").since == "2026-09-02T18:30:00Z"


def test_a_failed_night_that_succeeds_later_is_no_problem(archive: Path, clock: Clock) -> None:
    add_run(archive, clock, "partial", "because")
    clock.go_on(hours=1)
    add_run(archive, clock)
    assert read_status(archive, clock()).problems == ()


def test_a_run_under_way_is_no_problem_and_a_dead_one_is(archive: Path, night: Night, clock: Clock) -> None:
    status = read_status(archive, clock())
    assert status.problems == ()
    assert "next: sapa is under way" in status.lines()
    night.writer.close()
    assert only(read_status(archive, clock()), "died").since == "2026-09-01T18:30:00Z"


def make_open_files(archive: Path, at: datetime) -> None:
    for path in (archive.parent / "warc").glob("*.open"):
        os.utime(path, (at.timestamp(), at.timestamp()))


def test_a_run_without_progress_hung_by_rows_and_by_files(archive: Path, night: Night, clock: Clock) -> None:
    make_open_files(archive, clock())
    night.capture("https://sapa.example.vn/x")
    night.writer.commit().result()
    make_open_files(archive, clock())
    assert read_status(archive, clock() + HUNG_AFTER).problems == ()
    now = clock() + HUNG_AFTER + timedelta(seconds=1)
    assert only(read_status(archive, now), "hung").since == "2026-09-01T18:30:00Z"
    make_open_files(archive, now - timedelta(minutes=1))
    assert read_status(archive, now).problems == ()


def test_files_of_another_clock_do_not_hide_a_run_that_hung(archive: Path, night: Night, clock: Clock) -> None:
    make_open_files(archive, clock() + timedelta(days=400))
    assert only(read_status(archive, clock() + timedelta(hours=1)), "hung").subject == night.profile.name


def test_a_night_that_is_tried_again_now_is_undecided(archive: Path, clock: Clock) -> None:
    add_run(archive, clock, "failed", "no answer")
    clock.go_on(minutes=10)
    night = Night(archive, clock, with_adoption=True)
    status = read_status(archive, clock())
    night.writer.close()
    assert only(status, "failed")
    assert {("failed", "sapa"), ("died", "sapa")} <= status.undecided


def test_an_interrupted_run_that_goes_on_is_no_problem(archive: Path, clock: Clock) -> None:
    add_run(archive, clock, "interrupted", "stopped")
    night = Night(archive, clock, with_adoption=True)
    status = read_status(archive, clock())
    night.writer.close()
    assert status.problems == ()
    assert ("interrupted", "sapa") in status.undecided


def test_tries_that_are_refused_before_they_begin_are_reported_as_one_problem(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    clock.go_on(days=1)
    first = clock()
    for code in (1, 2, 1):
        with write_journal(archive) as journal:
            end_run(
                journal,
                begin_run(journal, "sapa", planned_at=first, now=clock()),
                exit_code=code,
                note=None,
                now=clock(),
            )
        last = clock()
        clock.go_on(hours=4)
    problem = only(read_status(archive, clock()), "failed")
    assert problem.since == to_iso_utc(first)
    assert "no run could begin" in problem.sentence_en
    assert f"{last:%Y-%m-%d %H:%M} UTC" in problem.sentence_en
    assert "exit code 1" in problem.sentence_en
    # The scheduler stopped as well: that is reported too, as soon as there are no more tries.
    late = read_status(archive, clock() + timedelta(days=2))
    assert {problem.kind for problem in late.problems} == {"failed", "night-missed"}
    add_run(archive, clock)
    assert read_status(archive, clock()).problems == ()


@pytest.mark.parametrize("code", [0, 5, 130, -9])
def test_a_try_that_ended_otherwise_is_no_refusal(archive: Path, clock: Clock, code: int) -> None:
    add_run(archive, clock)
    clock.go_on(days=1)
    with write_journal(archive) as journal:
        end_run(
            journal, begin_run(journal, "sapa", planned_at=clock(), now=clock()), exit_code=code, note=None, now=clock()
        )
    assert read_status(archive, clock()).problems == ()


def test_a_run_that_the_watchdog_ended_is_reported_as_such(archive: Path, clock: Clock) -> None:
    with write_journal(archive) as journal:
        noted = begin_run(journal, "sapa", planned_at=PLANNED, now=clock())
    add_run(archive, clock, "interrupted", "stopped on request")
    with write_journal(archive) as journal:
        end_run(
            journal,
            noted,
            exit_code=130,
            note="ended by the watchdog: no progress since …",
            now=clock() + timedelta(hours=1),
            ended_for=EndedFor.WATCHDOG,
        )
    problem = only(read_status(archive, clock() + timedelta(hours=1)), "hung")
    assert "no progress since" in problem.sentence_en


def test_the_newest_nights_come_first_and_only_the_last_are_shown(archive: Path, clock: Clock) -> None:
    for _ in range(NIGHTS_SHOWN + 2):
        add_run(archive, clock)
        clock.go_on(days=1)
    nights = read_status(archive, clock()).nights
    assert len(nights) == NIGHTS_SHOWN
    assert [night.started_at for night in nights] == sorted((night.started_at for night in nights), reverse=True)


def test_every_sentence_is_whole_in_both_languages() -> None:
    values = {
        "error": "E",
        "nights": "N",
        "planned": PLANNED,
        "last": PLANNED,
        "began": PLANNED,
        "reason": "R",
        "days": 3,
    }
    more = {"longest": 1, "what": "W", "free": "1 GB", "reserve": "2 GB", "probed": PLANNED, "following": PLANNED}
    for kind in sorted(KINDS):
        problem = make_problem(kind, "sapa", since=PLANNED, **values, **more)  # type: ignore[arg-type]
        for sentence in (problem.sentence_en, problem.sentence_vi):
            assert "{" not in sentence
            assert sentence.endswith(".")
            assert not sentence.endswith("..")
    assert set(KINDS) >= {
        "night-missed",
        "hung",
        "died",
        "partial",
        "suspect",
        "failed",
        "interrupted",
        "empty",
        "disk",
    }


def test_a_reason_is_quoted_as_one_short_line() -> None:
    nothing = Phrase("problem_no_reason")
    assert quote("a\nb\u202e c. ", nothing) == "a b c"
    assert quote(None, nothing) is nothing
    assert len(str(quote("x" * 1000, nothing))) == 301


def test_every_kind_of_problem_is_documented_with_its_words() -> None:
    text = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    alarms = text.partition("## Alarms")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| `([^`]+)` `([^`]+)` \| [^|]+ \| [^|]+ \|$", alarms, re.MULTILINE)
    assert {kind for kind, _, _ in rows} == KINDS
    assert len(rows) == sum(alarms.count(f"\n| `{kind}` |") for kind in KINDS)
    values = {"error": "…", "nights": "…", "last": "…", "began": "…", "reason": "…", "days": "…", "code": "…"}
    more = {"longest": "…", "what": "…", "free": "…", "reserve": "…", "probed": "…", "following": "…"}
    wordings = [*KINDS, "hung/ended", "night-missed/many", "failed/unbegun", "subscription/file", "parked/other-system"]
    said = {one: make_problem(one, "…", since=PLANNED, **values, **more) for one in wordings}  # type: ignore[arg-type]
    for wording, problem in said.items():
        kind, english = wording.partition("/")[0], problem.sentence_en.replace("2026-09-01 18:30 UTC", "…")
        found = [words for of, words, _ in rows if of == kind and words in english]
        assert found, (wording, english)
        assert [words for of, _, words in rows if of == kind and words in problem.sentence_vi], problem.sentence_vi
    for kind, words, _ in rows:
        every = [problem.sentence_en.replace("2026-09-01 18:30 UTC", "…") for problem in said.values()]
        assert any(words in english for english in every), (kind, words)


def test_a_profile_that_verifies_no_certificate_is_a_warning_with_the_pins_to_use(tmp_path: Path) -> None:
    archive, unverified = tmp_path / "archive.db", make_profile("[tls]\nverify = false\n")
    with Night(archive, Clock(PLANNED), unverified):
        pass
    now = PLANNED + timedelta(hours=3)
    first = read_status(archive, now)
    assert [one.sentence_en.rpartition("; ")[2] for one in first.warnings][1:] == ["the next crawl notes them"]
    with Night(archive, Clock(PLANNED), unverified) as night:
        at = to_iso_utc(PLANNED)
        for host, pin, problem in (("a.vn", "sha256//A=", "tls-expired"), ("b.vn:8443", None, "tls-failed")):
            night.writer.note_unverified(HostUnverified(night.writer.crawl_id, at, host, pin, problem)).result()
        night.writer.note_unverified(HostUnverified(night.writer.crawl_id, at, "c.vn", "sha256//C=", None)).result()
    status = read_status(archive, now)
    assert status.problems == first.problems
    assert [(one.host, one.pin) for one in status.warnings] == [
        (None, None), ("a.vn", "sha256//A="), ("b.vn:8443", None), ("c.vn", "sha256//C="),
    ]  # fmt: skip
    assert 'put "a.vn" = "sha256//A=" under [tls.pins]' in "\n".join(status.lines())
    assert "c.vn hợp lệ" in "\n".join(status.lines("vi"))
    assert status.as_json()["warnings"][1]["pin"] == "sha256//A="
    with Night(archive, Clock(PLANNED)):
        pass
    assert read_status(archive, now).warnings == ()
