"""The profiles of a plan: read again at each tick, from files and folders; the last usable version stays."""

import os
from pathlib import Path

import pytest

from crawler.errors import ProfileError, WrongUseError
from crawler.operations.schedule.portals import Plan
from crawler.profile import load_profile
from tests.support.build import PROFILE_TOML


def write(path: Path, name: str = "sapa", cron: str = "30 1 * * *") -> str:
    text = PROFILE_TOML.replace('"sapa"', f'"{name}"') + f'[schedule]\ncron = "{cron}"\n'
    path.write_text(text, encoding="utf-8")
    return str(path)


def names(plan: Plan) -> list[str]:
    return [planned.profile.name for planned in plan.read()]


def test_a_change_of_a_profile_is_seen_at_the_next_tick(tmp_path: Path) -> None:
    source = write(tmp_path / "a.toml")
    plan = Plan([source])
    (before,) = plan.read()
    write(tmp_path / "a.toml", cron="0 4 * * *")
    (after,) = plan.read()
    assert (before.profile.schedule.cron, after.profile.schedule.cron) == ("30 1 * * *", "0 4 * * *")
    assert before.schedule != after.schedule


def test_a_profile_that_breaks_stays_as_it_was_and_is_reported(tmp_path: Path) -> None:
    plan = Plan([write(tmp_path / "a.toml")])
    plan.read()
    (tmp_path / "a.toml").write_text("no = [toml", encoding="utf-8")
    (kept,) = plan.read()
    assert list(plan.faults) == ["sapa"]
    assert "not TOML" in plan.faults["sapa"]
    with kept.usable_source() as source:
        assert load_profile(source) == kept.profile
    assert not Path(source).exists()
    write(tmp_path / "a.toml")
    (again,) = plan.read()
    assert (plan.faults, again.text) == ({}, None)
    with again.usable_source() as source:
        assert source == str(tmp_path / "a.toml")


def test_a_folder_without_a_profile_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Plan([str(tmp_path)]).check()
    assert caplog.messages == [f"{tmp_path}: the folder holds no profile (*.toml)"]


def test_a_file_that_is_removed_stays_in_the_plan_where_it_was_named(tmp_path: Path) -> None:
    plan = Plan([write(tmp_path / "a.toml")])
    plan.read()
    (tmp_path / "a.toml").unlink()
    assert names(plan) == ["sapa"]
    assert "cannot be read" in plan.faults["sapa"]


def test_every_profile_of_a_folder_is_in_the_plan_with_new_ones_and_without_removed_ones(tmp_path: Path) -> None:
    write(tmp_path / "b.toml", "b")
    (tmp_path / "notes.txt").write_text("no profile")
    plan = Plan([str(tmp_path)])
    plan.check()
    assert names(plan) == ["b"]
    write(tmp_path / "a.toml", "a")
    assert names(plan) == ["a", "b"]
    (tmp_path / "b.toml").unlink()
    assert names(plan) == ["a"]
    assert plan.faults == {}


def test_a_folders_file_that_never_could_be_used_is_left_out_and_reported(tmp_path: Path) -> None:
    write(tmp_path / "good.toml", "good")
    (tmp_path / "bad.toml").write_text("name = 1", encoding="utf-8")
    plan = Plan([str(tmp_path)])
    plan.check()
    assert names(plan) == ["good"]
    assert list(plan.faults) == ["bad"]
    assert "left out" in plan.faults["bad"]


def test_two_profiles_of_one_portal_are_refused_where_named_and_reported_in_a_folder(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.toml"), write(tmp_path / "b.toml")
    with pytest.raises(WrongUseError, match="one portal"):
        Plan([first, second]).check()
    plan = Plan([str(tmp_path)])
    plan.check()
    assert names(plan) == ["sapa"]
    assert "b.toml is not used" in plan.faults["sapa"]


def test_a_portal_named_twice_is_in_the_plan_once(tmp_path: Path) -> None:
    source = write(tmp_path / "a.toml")
    plan = Plan([source, source])
    plan.check()
    assert names(plan) == ["sapa"]


def test_a_named_profile_that_cannot_be_used_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="none"):
        Plan([write(tmp_path / "a.toml"), str(tmp_path / "none.toml")]).check()
    with pytest.raises(ProfileError, match="elsewhere"):
        Plan(["elsewhere"]).check()


def test_a_bundled_name_is_a_bundled_profile_also_beside_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sapa").mkdir()
    assert names(Plan(["sapa"])) == ["sapa"]
    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "x.toml", "x")
    assert names(Plan(["folder"])) == ["x"]


def test_an_empty_folder_is_an_empty_plan(tmp_path: Path) -> None:
    plan = Plan([str(tmp_path)])
    plan.check()
    assert plan.read() == []


def test_what_holds_for_all_portals_lies_beside_profiles_and_is_none(tmp_path: Path) -> None:
    write(tmp_path / "a.toml")
    (tmp_path / "fleet.toml").write_text("[hosts]\n", encoding="utf-8")
    plan = Plan([str(tmp_path)])
    plan.check()
    assert names(plan) == ["sapa"]
    assert plan.faults == {}


def test_a_profile_that_is_left_alone_is_not_read_again(tmp_path: Path) -> None:
    source = write(tmp_path / "a.toml")
    os.utime(source, (1, 1))
    plan = Plan([source])
    assert plan.read()[0] is plan.read()[0]
    write(tmp_path / "a.toml", cron="0 4 * * *")
    assert plan.read()[0].profile.schedule.cron == "0 4 * * *"
