"""The profiles of a plan, read again at every tick, so that a change takes effect without a restart."""

import logging
import os
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from crawler.cron import PlanLine
from crawler.errors import ProfileError, WrongUseError
from crawler.fleet.folder import FLEET_FILE_NAME
from crawler.profile import NAME_PATTERN, Profile, bundled_profile_names, load_profile, parse_profile

logger = logging.getLogger(__name__)

# A file that changed so short a time ago is read again at the next look, in seconds.
_FRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Planned:
    """A portal in the plan: the name or file its profile comes from, and the profile.

    `text` is the last usable text if the file cannot be used now, else None.
    """

    source: str
    profile: Profile
    text: str | None = None

    @property
    def schedule(self) -> str:
        """The plan in one line, a `PlanLine`."""
        return str(PlanLine.of(self.profile))

    @contextmanager
    def usable_source(self) -> Iterator[str]:
        """Return what a crawl reads its profile from while the block runs: the source, or a file of `text`."""
        if self.text is None:
            yield self.source
            return
        with tempfile.TemporaryDirectory(prefix="portal-archive-") as folder:
            kept = Path(folder) / f"{self.profile.name}.toml"
            kept.write_text(self.text, encoding="utf-8")
            yield str(kept)


@dataclass(slots=True)
class Plan:
    """The portals to crawl: bundled names, files, and folders in which every *.toml is a profile.

    If a file cannot be used, its last usable version stays in the plan, and `faults` says so, by portal.
    """

    arguments: Sequence[str]
    faults: dict[str, str] = field(default_factory=dict)
    _good: dict[str, tuple[str, Profile]] = field(default_factory=dict)
    # Files that need not be read again, by source.
    _unchanged: dict[str, tuple[tuple[int, int, int], Planned]] = field(default_factory=dict)

    def check(self) -> None:
        """Refuse a name or file that cannot be used, before anything runs; a folder's files are not refused.

        Raises:
            ProfileError: if a name or file cannot be used.
            WrongUseError: if two name one portal.
        """
        sources: dict[str, str] = {}
        for argument in self.arguments:
            if _is_folder(argument):
                if not _profiles_in(argument):
                    logger.warning("%s: the folder holds no profile (*.toml)", argument)
                continue
            name = load_profile(argument).name
            if sources.setdefault(name, argument) != argument:
                raise WrongUseError(f"{argument} and {sources[name]} are profiles of one portal, {name!r}; name one")

    def read(self) -> list[Planned]:
        """Read the profiles again; give the portals, in the order of the arguments."""
        former, self.faults = self.faults, {}
        planned: dict[str, Planned] = {}
        sources = dict.fromkeys(self._sources())
        for source in sources:
            found = self._read(source)
            if found is None:
                continue
            name = found.profile.name
            first = planned.setdefault(name, found)
            if first is not found:
                self.faults[name] = f"{source} and {first.source} are profiles of one portal; {source} is not used"
        for kept in (self._good, self._unchanged):
            for source in kept.keys() - sources.keys():
                del kept[source]
        for portal, message in self.faults.items():
            if former.get(portal) != message:
                logger.error("%s: %s", portal, message)
        for portal in former.keys() - self.faults.keys():
            logger.info("%s: the profile can be used again", portal)
        return list(planned.values())

    def _sources(self) -> Iterator[str]:
        for argument in dict.fromkeys(self.arguments):
            if _is_folder(argument):
                yield from _profiles_in(argument)
            else:
                yield argument

    def _read(self, source: str) -> Planned | None:
        """Read one profile; if it cannot be used, give its last usable version, None if there is none."""
        fingerprint = _fingerprint(source)
        known = self._unchanged.get(source)
        if known is not None and known[0] == fingerprint:
            return known[1]
        self._unchanged.pop(source, None)
        try:
            text, profile = _load(source)
        except ProfileError as error:
            kept = self._good.get(source)
            if kept is None:
                self.faults[Path(source).stem] = f"{error}; it is left out of the plan until it can be used"
                return None
            text, profile = kept
            self.faults[profile.name] = f"{error}; the plan goes on with the profile as it was"
            return Planned(source, profile, text)
        self._good[source] = (text, profile)
        found = Planned(source, profile)
        if fingerprint is not None:
            self._unchanged[source] = (fingerprint, found)
        return found


def _is_folder(argument: str) -> bool:
    """True for a folder of profiles. The name of a bundled profile is not a folder, even if one exists here."""
    is_bundled = re.fullmatch(NAME_PATTERN, argument) and argument in bundled_profile_names()
    return not is_bundled and Path(argument).is_dir()


def _profiles_in(folder: str) -> list[str]:
    """Return the profiles of a folder. What holds for all portals is beside them, and is not a profile."""
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".toml") and name != FLEET_FILE_NAME]
    except OSError:
        return []
    return sorted(str(Path(folder, name)) for name in names)


def _fingerprint(source: str) -> tuple[int, int, int] | None:
    """Return what changes with a file; None if that is not certain: it may change again within its clock's step."""
    try:
        found = os.stat(source)
    except OSError:
        return None
    if time.time() - found.st_mtime < _FRESH_SECONDS:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _load(source: str) -> tuple[str, Profile]:
    """Read a profile and its text; the text is empty for a bundled profile, which is not edited."""
    if re.fullmatch(NAME_PATTERN, source):
        return "", load_profile(source)
    try:
        text = Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{source}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return text, parse_profile(text, source)
