"""`fleet.toml`: what holds for all portals of a folder. Unknown keys and wrong values are refused."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from crawler.errors import ProfileError, WrongUseError
from crawler.fleet.folder import FleetFolder
from crawler.politeness.caps import DEFAULT_ADDRESS, DEFAULT_HOST, Cap, Caps

_TABLES = ("hosts", "addresses", "parking")
_STORAGE = "storage"


@dataclass(frozen=True, slots=True)
class ParkingRule:
    """After this many dead nights in a row a portal is parked, and asked again after this many days. 0 nights: never.

    Two weeks are longer than the holidays over which servers are switched off.
    """

    nights: int = 14
    probe_days: int = 7


def read_caps(fleet: FleetFolder) -> Caps:
    """Read the caps of hosts and addresses. What the file does not say is as in the file of a new folder.

    Raises:
        ProfileError: if the file cannot be read, or says something else.
    """
    stated = _read_file(fleet)
    hosts = _read_table(fleet, "hosts", stated=stated, default=DEFAULT_HOST)
    return Caps(hosts, _read_table(fleet, "addresses", stated=stated, default=DEFAULT_ADDRESS))


def read_parking(fleet: FleetFolder) -> ParkingRule:
    """Read when portals are parked.

    Raises:
        ProfileError: if the file cannot be read, or says something else.
    """
    row = _read_file(fleet).get("parking", {})
    if not isinstance(row, dict):
        raise ProfileError(f"{fleet.file}: key `parking`: expected a table")
    known = {one.name for one in fields(ParkingRule)}
    for key, value in row.items():
        if key not in known:
            raise ProfileError(f"{fleet.file}: key `parking.{key}`: unknown; expected nights or probe_days")
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 365:
            raise ProfileError(f"{fleet.file}: key `parking.{key}`: expected 0 to 365, got {value!r}")
    return ParkingRule(**row)


def read_storage(fleet: FleetFolder) -> str | None:
    """Read the place below which each archive's backups go: a folder or an fsspec URL. None if there is none.

    Raises:
        ProfileError: if the file cannot be read, or says something else.
    """
    stated = _read_file(fleet).get(_STORAGE)
    if stated is not None and (not isinstance(stated, str) or not stated.strip()):
        raise ProfileError(f"{fleet.file}: key `storage`: expected a folder or a URL, got {stated!r}")
    return stated


def prepare_fleet(fleet: FleetFolder) -> str | None:
    """Make the folder of a fleet if there is none. Return why its `fleet.toml` cannot be used, as `find_fault` does.

    Raises:
        WrongUseError: if the folder cannot be made.
    """
    try:
        fleet.prepare()
    except OSError as error:
        raise WrongUseError(f"{error.filename or fleet.path}: cannot be written: {error.strerror}") from error
    return find_fault(fleet)


def find_fault(fleet: FleetFolder) -> str | None:
    """Return why the file cannot be used, and what holds instead. None if it can be used, or there is none."""
    if not fleet.file.is_file():
        return None
    first, instead = None, []
    for read, said in (
        (read_caps, "the rates of a new folder hold"),
        (read_parking, "portals are parked as in a new folder"),
        (read_storage, "nothing is shipped to a storage"),
    ):
        try:
            read(fleet)
        except ProfileError as error:
            first = first or error
            instead.append(said)
    return f"{first}; until it is corrected, {', and '.join(instead)}" if first is not None else None


def _read_file(fleet: FleetFolder) -> dict[str, Any]:
    try:
        stated = tomllib.loads(fleet.file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProfileError(f"{fleet.file}: cannot be read: {error}") from error
    for key in stated:
        if key not in (*_TABLES, _STORAGE):
            raise ProfileError(f"{fleet.file}: key `{key}`: unknown; expected {' or '.join((*_TABLES, _STORAGE))}")
    return stated


def _read_table(fleet: FleetFolder, table: str, *, stated: Mapping[str, Any], default: Cap) -> dict[str, Cap]:
    rows = stated.get(table, {})
    if not isinstance(rows, dict):
        raise ProfileError(f'{fleet.file}: key `{table}`: expected tables such as [{table}."*"]')
    return {name.lower(): _read_cap(fleet, f"{table}.{name}", row=row, default=default) for name, row in rows.items()}


def _read_cap(fleet: FleetFolder, key: str, *, row: object, default: Cap) -> Cap:
    if not isinstance(row, dict):
        raise ProfileError(f"{fleet.file}: key `{key}`: expected a table")
    values = {"requests_per_second": default.requests_per_second, "connections": default.connections, **row}
    rate, connections = values.pop("requests_per_second"), values.pop("connections")
    for unknown in values:
        raise ProfileError(f"{fleet.file}: key `{key}.{unknown}`: unknown")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0.01 <= rate <= 1000:
        raise ProfileError(f"{fleet.file}: key `{key}.requests_per_second`: expected 0.01 to 1000, got {rate!r}")
    if isinstance(connections, bool) or not isinstance(connections, int) or not 1 <= connections <= 1000:
        raise ProfileError(f"{fleet.file}: key `{key}.connections`: expected 1 to 1000, got {connections!r}")
    return Cap(float(rate), connections)
