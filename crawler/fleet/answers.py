"""On which nights some portal of a fleet was answered: where none is, our own line is down, not the portals."""

import json
import logging
from datetime import date
from pathlib import Path

from crawler.fleet.folder import FleetFolder, write_whole

logger = logging.getLogger(__name__)

# This many of the last nights are kept.
_KEPT = 400


def read_answered(fleet: FleetFolder) -> set[str]:
    """Return the nights (ISO dates) on which a portal answered; empty if unknown."""
    try:
        return {str(one) for one in json.loads(_path(fleet).read_text(encoding="utf-8"))}
    except (OSError, ValueError, TypeError):
        return set()


def note_answered(fleet: FleetFolder, night: date) -> None:
    """Note a night on which a portal was answered; a failure is only logged."""
    known = read_answered(fleet)
    if night.isoformat() in known:
        return
    path = _path(fleet)
    try:
        write_whole(path, json.dumps(sorted({*known, night.isoformat()})[-_KEPT:]) + "\n")
    except OSError as error:
        logger.warning("%s: cannot be written; no portal is parked by this night: %s", path, error)


def _path(fleet: FleetFolder) -> Path:
    return fleet.state / "answered.json"
