"""Which archives a folder holds, with their numbers from the fleet's registry."""

from pathlib import Path

from crawler.fleet.folder import FleetFolder
from crawler.fleet.registry import number_portals
from crawler.union.follow import Member


def read_members(folder: Path) -> dict[str, Member]:
    """Find the archives of a folder, by name; those without a number get one.

    Raises:
        PortalArchiveError: if the registry cannot be read or written, or all numbers are given.
    """
    fleet = FleetFolder(folder)
    archives = fleet.archives()
    numbers = number_portals(fleet, archives)
    return {name: Member(numbers[name], archive) for name, archive in archives.items()}
