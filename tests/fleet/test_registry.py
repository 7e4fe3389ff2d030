"""The registry: a number for each portal, never given twice."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crawler.errors import ArchiveUnusableError, WrongUseError
from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import HIGHEST_NUMBER, number_portals, read_numbers


def test_a_number_stays_also_when_its_portal_leaves_the_plan(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    assert read_numbers(fleet) == {}
    assert number_portals(fleet, ["b", "a"]) == {"b": 1, "a": 2}
    assert number_portals(fleet, ["c", "b"]) == {"b": 1, "a": 2, "c": 3}
    assert read_numbers(fleet) == {"b": 1, "a": 2, "c": 3}


def test_two_that_add_portals_at_once_give_no_number_twice(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: number_portals(fleet, [f"p{number}"]), range(12)))
    assert sorted(read_numbers(fleet).values()) == list(range(1, 13))


def test_more_portals_than_numbers_are_refused_and_none_is_added(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    number_portals(fleet, [f"p{number}" for number in range(HIGHEST_NUMBER)])
    with pytest.raises(WrongUseError, match="4095"):
        number_portals(fleet, ["one-more"])
    assert len(read_numbers(fleet)) == HIGHEST_NUMBER


@pytest.mark.parametrize(
    "text",
    ["no json", "[]", '{"portals": {"a": {"number": 1}, "b": {"number": 1}}}', '{"portals": {"a": {"number": 4096}}}'],
)
def test_a_damaged_registry_is_refused_and_gives_no_new_numbers(tmp_path: Path, text: str) -> None:
    (tmp_path / "registry.json").write_text(text, encoding="utf-8")
    with pytest.raises(ArchiveUnusableError, match=r"registry\.json"):
        number_portals(FleetFolder(tmp_path), ["c"])
    assert (tmp_path / "registry.json").read_text(encoding="utf-8") == text
