"""The status of a fleet: every portal, the worst first, and the exit code says it."""

import json
import re
from datetime import timedelta
from pathlib import Path

from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import number_portals
from crawler.language.dates import to_iso_utc
from tests.support.archives.rows import change
from tests.support.build import FIRST_NIGHT, PROFILE_TOML, make_archive
from tests.support.crawling import command
from tests.support.portals.many import make_small

HOUR = {"PORTAL_ARCHIVE_NOW": to_iso_utc(FIRST_NIGHT + timedelta(hours=1))}


def make_fleet(folder: Path, *names: str) -> FleetFolder:
    fleet = FleetFolder(folder)
    fleet.prepare()
    number_portals(fleet, names)
    for name in names:
        archive = fleet.archive_of(name)
        archive.parent.mkdir()
        make_archive(archive.parent)
    return fleet


def test_the_worst_portal_stands_first_and_a_broken_archive_hides_no_other(tmp_path: Path) -> None:
    fleet = make_fleet(tmp_path, "sapa", "b")
    fleet.archive_of("b").write_bytes(b"no database at all" * 99)
    number_portals(fleet, ["new"])
    done = command("fleet", "status", "--archives", tmp_path, "--json", extra=HOUR)
    found = {row["portal"]: row for row in json.loads(done.out)["portals"]}
    assert done.code == 1
    assert next(iter(found)) == "b"
    assert found["b"]["problems"][0]["kind"] == "archive"
    assert (found["sapa"]["verdict"], found["sapa"]["number"], found["sapa"]["problems"]) == ("complete", 1, [])
    assert (found["new"]["verdict"], found["new"]["last_night_at"]) == ("none", None)
    shown = command("fleet", "status", "--archives", tmp_path, extra=HOUR).out.splitlines()
    named = [line.split()[1] for line in shown if line.startswith("  ")]
    assert (named[0], sorted(named)) == ("b", sorted(found))
    assert [line for line in shown[:-1] if not line.startswith("  ")] == ["Province unknown (2)", "example.vn (1)"]
    assert shown[-1] == "3 portals are watched. 1 of them has a problem."
    assert [(row["due_since"], row["province"]) for row in (found["sapa"], found["new"])] == [
        (None, "example.vn"), (None, ""),
    ]  # fmt: skip
    said = command("fleet", "status", "--archives", tmp_path, extra={**HOUR, "PORTAL_ARCHIVE_LANGUAGE": "vi"}).out
    assert re.findall(r"\b(?:next|never|complete|portals?|problems?|due|none|archive)\b", said) == []
    assert "lần tới 03/09/2026 01:30" in said
    late = {"PORTAL_ARCHIVE_NOW": to_iso_utc(FIRST_NIGHT + timedelta(hours=25))}
    assert (
        f"due since {to_iso_utc(FIRST_NIGHT + timedelta(days=1))}"
        in command("fleet", "status", "--archives", tmp_path, extra=late).out
    )


def test_a_portal_without_an_archive_is_due_and_in_its_province(tmp_path: Path) -> None:
    fleet = make_fleet(tmp_path, "sapa")
    number_portals(fleet, ["new", "unusable"])
    text = 'name = "new"\ntitle = "Xã Mới"\ncms = "vnpt"\nbase_url = "https://moi.laocai.gov.vn/"\n'
    (fleet.profiles / "new.toml").write_text(text, encoding="utf-8")
    (fleet.profiles / "unusable.toml").write_text("name = 1", encoding="utf-8")
    done = command("fleet", "status", "--archives", tmp_path, "--json", extra=HOUR)
    new = {row["portal"]: row for row in json.loads(done.out)["portals"]}["new"]
    planned = [to_iso_utc(FIRST_NIGHT + timedelta(days=day)) for day in (0, 1)]
    assert (done.code, new["verdict"], new["due_since"], new["next_planned_at"]) == (0, "none", *planned)
    assert new["province"] == "laocai.gov.vn"
    shown = command("fleet", "status", "--archives", tmp_path, extra=HOUR).out
    assert f"due since {planned[0]}" in shown
    assert "The night of 1 portal is due." in shown


def test_a_fleet_that_is_well_is_answered_with_0(tmp_path: Path) -> None:
    fleet = make_fleet(tmp_path, "sapa")
    assert command("fleet", "status", "--archives", tmp_path, extra=HOUR).code == 0
    change(fleet.archive_of("sapa"), "update crawls set outcome = 'failed', reason_kind = 'writer'")
    assert command("fleet", "status", "--archives", tmp_path, extra=HOUR).code == 1


def test_a_folder_without_portals_is_wrong_use(tmp_path: Path) -> None:
    assert command("fleet", "status", "--archives", tmp_path).code == 2


def test_a_portal_whose_profile_was_taken_away_is_left_and_misses_no_night(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    for name in ("sapa", "b"):
        make_small(fleet.archive_of(name), name)
        text = PROFILE_TOML.replace('"sapa"', f'"{name}"')
        (fleet.profiles / f"{name}.toml").write_text(text, encoding="utf-8")
    change(fleet.archive_of("b"), "update crawls set outcome = 'partial'")
    where, profile = ("--archives", str(tmp_path)), fleet.profiles / "b.toml"

    def verdict_after(*more: str) -> tuple[str, str | None, int]:
        assert command("schedule", *where, "--once", *more, extra=HOUR).code == 0
        later = {"PORTAL_ARCHIVE_NOW": to_iso_utc(FIRST_NIGHT + timedelta(days=3))}
        rows = json.loads(command("fleet", "status", *where, "--json", extra=later).out)["portals"]
        (row,) = [row for row in rows if row["portal"] == "b"]
        return row["verdict"], row["due_since"], len(row["problems"])

    assert verdict_after()[0] == "night-missed"
    away = profile.rename(tmp_path / "b.txt")
    assert verdict_after("--portal", str(fleet.profiles / "sapa.toml"))[0] == "night-missed", "one names some portals"
    (fleet.profiles / "c.toml").write_text("name = 3", encoding="utf-8")
    assert verdict_after()[0] == "night-missed", "a profile that cannot be used may be its own"
    (fleet.profiles / "c.toml").unlink()
    assert verdict_after() == ("left", None, 0)
    change(fleet.archive_of("b"), "update crawls set started_at = '2026-09-01T19:40:00Z'")  # by hand
    assert verdict_after() == ("partial", None, 1)
    away.rename(profile)
    assert verdict_after()[0] == "night-missed"
