"""The portals whose home this node is, as far as their archives are on its disk: the fence against second archives."""

import json
import logging
import re
import socket
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import Connection

from crawler.archive.lock import is_held
from crawler.errors import ArchiveUnusableError, ProfileError, WrongUseError
from crawler.fleet.epoch import EpochMark, read_mark, set_aside, write_mark
from crawler.fleet.folder import FleetFolder, write_whole
from crawler.fleet.registry import keep_numbers, read_numbers
from crawler.fleet.server.portals import Portal, add_portal, note_on_disk, put_profile, read_portals
from crawler.profile import load_profile

logger = logging.getLogger(__name__)

# Procrastinate names a channel of the server by it, whose names end at 63 bytes.
_NODE_NAME = re.compile("[a-z0-9][a-z0-9.-]{0,30}")


@dataclass(frozen=True, slots=True)
class NodeIdentity:
    """The name of a node, and the mark of its disk."""

    name: str
    id: str


def has_joined(fleet: FleetFolder) -> bool:
    """True if the folder is a node's."""
    return _identity_path(fleet).is_file()


def _identity_path(fleet: FleetFolder) -> Path:
    return fleet.path / "node.json"


def read_identity(fleet: FleetFolder, name: str | None) -> NodeIdentity:
    """Read who this folder is in its fleet; the first time, it is noted: by `name`, else the name of the machine.

    Raises:
        WrongUseError: if the name is not valid, or the folder joined under another one.
        ArchiveUnusableError: if the file cannot be read or written.
    """
    path = _identity_path(fleet)
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        known = NodeIdentity(str(row["name"]), str(row["id"]))
    except FileNotFoundError:
        stated = name or socket.gethostname().partition(".")[0].lower()
        if not _NODE_NAME.fullmatch(stated):
            raise WrongUseError(f"{stated}: no name of a node; expected --name of a-z, 0-9, . and -") from None
        known = NodeIdentity(stated, str(uuid.uuid4()))
        try:
            write_whole(path, json.dumps({"name": known.name, "id": known.id}) + "\n")
        except OSError as error:
            raise ArchiveUnusableError(f"{path}: cannot be written: {error}") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ArchiveUnusableError(f"{path}: cannot be read: {error!r}") from error
    if name is not None and name != known.name:
        raise WrongUseError(f"{fleet.path}: joined its fleet as {known.name}, not as {name}")
    return known


def find_fault(fleet: FleetFolder, portal: Portal | None, *, node: str) -> str | None:
    """Say why a node must not crawl a portal now, None if it may. Writes nothing.

    Raises:
        ArchiveUnusableError: if the epoch beside the archive cannot be read.
    """
    if portal is None:
        return "the fleet has no such portal"
    if portal.home != node:
        return f"its home is {portal.home or 'no node yet'}, not {node}"
    mark = read_mark(fleet, portal.name)
    if mark is None or not mark.is_whole:
        return f"the archive of its epoch {portal.epoch} is not on this disk"
    if mark.epoch != portal.epoch:
        return f"this disk has the archive of its epoch {mark.epoch}, and the fleet goes on with epoch {portal.epoch}"
    return None


@dataclass(slots=True)
class OwnPortals:
    """Keeps this disk as the registry says.

    `ready` are the portals to crawl, `awaited` those to be restored first, `gone` those that others crawl now, or that
    came back with a later epoch.
    """

    fleet: FleetFolder
    node: str
    ready: dict[str, Portal] = field(default_factory=dict)
    awaited: dict[str, Portal] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    _said: dict[str, str] = field(default_factory=dict)

    def adopt(self, connection: Connection[tuple[object, ...]]) -> None:
        """Bring the portals of this folder into the fleet that it does not know yet, with their numbers and archives.

        Raises:
            WrongUseError: if a number is another portal's.
            ArchiveUnusableError: if the folder cannot be read or written.
        """
        known = {portal.name for portal in read_portals(connection)}
        numbers = read_numbers(self.fleet)
        for path in sorted(self.fleet.profiles.glob("*.toml")):
            try:
                name = load_profile(str(path)).name
            except ProfileError as error:
                logger.error("%s; it stays out of the fleet", error)  # noqa: TRY400 - the message is for the operator
                continue
            if name in known:
                continue
            has_archive = self.fleet.archive_of(name).is_file()
            portal = add_portal(
                connection, name, profile=path.read_text(encoding="utf-8"), number=numbers.get(name), home=self.node,
                origin="disk" if has_archive else "nothing",
            )  # fmt: skip
            if has_archive:
                write_mark(self.fleet, name, mark=EpochMark(portal.epoch))

    def follow(self, connection: Connection[tuple[object, ...]], *, busy: set[str]) -> None:
        """Read which portals are this node's, and make room for new ones. What cannot be used is left out, and logged.

        Args:
            connection: to the server.
            busy: portals that have a job running here; they are left as they are.

        Raises:
            ArchiveLockedError: if another process holds the registry of the folder for long.
            ArchiveUnusableError: if that registry cannot be read or written.
        """
        portals = {portal.name: portal for portal in read_portals(connection)}
        own = {name: portal for name, portal in portals.items() if portal.home == self.node}
        keep_numbers(self.fleet, {name: portal.number for name, portal in own.items()})
        ready, awaited = {}, {}
        gone = {name for name, portal in portals.items() if portal.home not in (self.node, None)}
        for name, portal in own.items():
            try:
                found = portal if name in busy or portal.origin == "disk" else self._begin(connection, portal)
                fault = find_fault(self.fleet, found, node=self.node)
                if fault is None:
                    ready[name] = found
                    self._keep_profile(connection, found)
                elif found.origin == "backup":
                    awaited[name] = found
                else:
                    self._say(name, f"is not crawled: {fault}")
                if name in busy and (mark := read_mark(self.fleet, name)) is not None and mark.epoch < portal.epoch:
                    gone.add(name)
            except (ArchiveUnusableError, OSError) as error:
                self._say(name, f"is not crawled: {error}")
        self.ready, self.awaited, self.gone = ready, awaited, gone
        self._clear(gone - own.keys() - busy)

    def _clear(self, others: set[str]) -> None:
        """Move the archives of portals that have another home now out of the way: no site or message shows them."""
        for name in others & self.fleet.archives().keys():
            try:
                mark = read_mark(self.fleet, name)
                if mark is not None and not is_held(self.fleet.archive_of(name)):
                    place = set_aside(self.fleet, name, epoch=mark.epoch)
                    logger.warning("%s: has another home now; its archive of epoch %d is %s", name, mark.epoch, place)
            except ArchiveUnusableError as error:
                self._say(name, str(error))

    def _begin(self, connection: Connection[tuple[object, ...]], portal: Portal) -> Portal:
        """Begin the epoch of a portal on this disk: an archive of a former epoch is moved out of the way."""
        mark = read_mark(self.fleet, portal.name)
        if mark is not None and mark.epoch < portal.epoch:
            if is_held(self.fleet.archive_of(portal.name)):
                return portal
            place = set_aside(self.fleet, portal.name, epoch=mark.epoch)
            logger.warning("%s: the archive of its epoch %d is now %s", portal.name, mark.epoch, place)
            mark = None
        if mark is None:
            if self.fleet.archive_of(portal.name).exists():
                self._say(portal.name, "an archive without an epoch lies here; move it away")
                return portal
            write_whole(self.profile_of(portal.name), portal.profile)
            mark = EpochMark(portal.epoch, is_whole=portal.origin == "nothing")
            write_mark(self.fleet, portal.name, mark=mark)
        if mark.is_whole and note_on_disk(connection, portal):
            return Portal(portal.name, portal.number, portal.profile, portal.home, portal.epoch, "disk")
        return portal

    def profile_of(self, name: str) -> Path:
        """Return the path of a portal's profile."""
        return self.fleet.profiles / f"{name}.toml"

    def _keep_profile(self, connection: Connection[tuple[object, ...]], portal: Portal) -> None:
        """Push the profile if the operator changed it here; write it if it is missing."""
        path = self.profile_of(portal.name)
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            write_whole(path, portal.profile)
            return
        except (OSError, UnicodeDecodeError):
            return  # the plan says so
        if text != portal.profile:
            put_profile(connection, portal, profile=text)

    def _say(self, portal: str, sentence: str) -> None:
        if self._said.get(portal) != sentence:
            self._said[portal] = sentence
            logger.error("%s: %s", portal, sentence)
