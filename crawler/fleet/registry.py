"""The registry: every portal of a fleet has a number from 1 to 4095, for good.

An index over all archives makes its ids of it (portal number << 24 | article id), so a number never changes hands.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveUnusableError, WrongUseError
from crawler.fleet.folder import FleetFolder, write_whole

# Twelve bits; no portal has the number 0.
HIGHEST_NUMBER = 4095

# How long to wait for another process that adds portals, in seconds.
_WAIT_SECONDS = 10.0


def read_numbers(fleet: FleetFolder) -> dict[str, int]:
    """Read the number of each portal, also of those that left the plan; empty if no portal has one yet.

    Raises:
        ArchiveUnusableError: if the registry cannot be read, or gives one number to two portals.
    """
    path = _path(fleet)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ArchiveUnusableError(f"{path}: cannot be read: {error}") from error
    try:
        numbers = {str(name): int(row["number"]) for name, row in json.loads(text)["portals"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArchiveUnusableError(f"{path}: is no registry; restore it from a backup: {error!r}") from error
    if len(set(numbers.values())) < len(numbers) or not all(0 < one <= HIGHEST_NUMBER for one in numbers.values()):
        raise ArchiveUnusableError(f"{path}: a number stands twice, or is none of 1 to {HIGHEST_NUMBER}")
    return numbers


def number_portals(fleet: FleetFolder, portals: Iterable[str]) -> dict[str, int]:
    """Give each portal without a number the next one, and return all numbers. A number is never given again.

    Raises:
        ArchiveLockedError: if another process holds the registry for long.
        ArchiveUnusableError: if the registry cannot be read or written.
        WrongUseError: if all numbers are given.
    """
    numbers = read_numbers(fleet)
    wanted = list(dict.fromkeys(portals))
    if all(name in numbers for name in wanted):
        return numbers
    lock = fleet.state / ".registry.lock"
    with hold_lock(lock, f"{fleet.path}: another process adds portals", wait_seconds=_WAIT_SECONDS):
        numbers = read_numbers(fleet)
        for name in wanted:
            if name not in numbers:
                numbers[name] = max(numbers.values(), default=0) + 1
        if max(numbers.values()) > HIGHEST_NUMBER:
            raise WrongUseError(f"{fleet.path}: holds {HIGHEST_NUMBER} portals, and no more have a number; use another")
        _write(fleet, numbers)
    return numbers


def keep_numbers(fleet: FleetFolder, given: Mapping[str, int]) -> None:
    """Keep numbers that a server gave, in a folder that is a part of a larger fleet.

    Raises:
        ArchiveLockedError: if another process holds the registry for long.
        ArchiveUnusableError: if the registry cannot be read or written, or has another number for a portal.
    """
    numbers = read_numbers(fleet)
    if given.items() <= numbers.items():
        return
    for name, number in given.items():
        if numbers.get(name, number) != number:
            raise ArchiveUnusableError(f"{_path(fleet)}: says {name} is {numbers[name]}, and the fleet says {number}")
    lock = fleet.state / ".registry.lock"
    with hold_lock(lock, f"{fleet.path}: another process adds portals", wait_seconds=_WAIT_SECONDS):
        _write(fleet, {**read_numbers(fleet), **given})


def _write(fleet: FleetFolder, numbers: Mapping[str, int]) -> None:
    rows = {name: {"number": number} for name, number in numbers.items()}
    try:
        write_whole(_path(fleet), json.dumps({"portals": rows}, indent=1) + "\n")
    except OSError as error:
        raise ArchiveUnusableError(f"{_path(fleet)}: cannot be written: {error}") from error


def _path(fleet: FleetFolder) -> Path:
    return fleet.path / "registry.json"
