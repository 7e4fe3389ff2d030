"""`fleet.toml`: what holds for all portals of a folder. Unknown keys and wrong values are refused."""

import tomllib
from collections.abc import Mapping
from typing import Any

from crawler.errors import ProfileError
from crawler.fleet.folder import FleetFolder
from crawler.politeness.caps import DEFAULT_ADDRESS, DEFAULT_HOST, Cap, Caps

_TABLES = ("hosts", "addresses")


def read_caps(fleet: FleetFolder) -> Caps:
    """Read the caps of hosts and addresses. What the file does not say is as in the file of a new folder.

    Raises:
        ProfileError: if the file cannot be read, or says something else.
    """
    try:
        stated = tomllib.loads(fleet.file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ProfileError(f"{fleet.file}: cannot be read: {error}") from error
    for key in stated:
        if key not in _TABLES:
            raise ProfileError(f"{fleet.file}: key `{key}`: unknown; expected {' or '.join(_TABLES)}")
    hosts = _read_table(fleet, "hosts", stated=stated, default=DEFAULT_HOST)
    return Caps(hosts, _read_table(fleet, "addresses", stated=stated, default=DEFAULT_ADDRESS))


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
