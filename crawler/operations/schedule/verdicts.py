"""Verdicts kept from one look to the next: a look judges only what may be judged otherwise than before."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler import __version__
from crawler.cron import next_planned
from crawler.fleet.folder import write_whole
from crawler.language.dates import parse_iso, to_iso_utc
from crawler.operations.schedule.due import NightVerdict
from crawler.operations.schedule.places import Mark
from crawler.operations.schedule.portals import Planned

logger = logging.getLogger(__name__)

# A plan that never fires is looked at again after this time.
_SELDOM = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Kept:
    """A verdict, from when to when it holds, and from which plan and rows it was made."""

    verdict: NightVerdict
    schedule: str
    mark: Mark
    since: datetime
    until: datetime

    def holds(self, schedule: str, mark: Mark, *, now: datetime) -> bool:
        """True if the portal would be judged so again."""
        return self.schedule == schedule and self.mark == mark and self.since <= now < self.until


@dataclass(slots=True)
class KeptVerdicts:
    """The last verdict on each portal.

    A clock that is set back voids it, and so does the next planned night, a wait that is over, another plan, and a
    change of the portal's own archive.
    """

    _kept: dict[str, Kept] = field(default_factory=dict)
    _saved: str = ""

    def find(self, planned: Planned, mark: Mark, *, now: datetime) -> NightVerdict | None:
        """Return the verdict on a portal if it still holds, else None."""
        kept = self._kept.get(planned.profile.name)
        return kept.verdict if kept is not None and kept.holds(planned.schedule, mark, now=now) else None

    def keep(self, planned: Planned, verdict: NightVerdict, *, mark: Mark, now: datetime) -> datetime | None:
        """Keep a verdict that was made now; give the next planned time, None if there is none."""
        following = next_planned(planned.profile, now)
        until = min(filter(None, (following, verdict.not_before, now + _SELDOM)))
        self._kept[planned.profile.name] = Kept(verdict, planned.schedule, mark, now, until)
        return following

    def drop(self, portal: str) -> None:
        """Forget the verdict on a portal, so that the next look judges it."""
        self._kept.pop(portal, None)

    def seconds_to_change(self, now: datetime) -> float | None:
        """Return the seconds until some verdict no longer holds; None if none is kept."""
        ahead = [kept.until for kept in self._kept.values() if kept.until > now]
        return (min(ahead) - now).total_seconds() if ahead else None

    def load(self, path: Path) -> None:
        """Read the verdicts that another process of this version saved; nothing if they cannot be read."""
        try:
            text = path.read_text(encoding="utf-8")
            stored = json.loads(text)
            if stored["version"] == __version__:
                self._kept.update({portal: _restore(row) for portal, row in stored["settled"].items()})
                self._saved = text
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            logger.warning("%s: cannot be read, so every portal is judged again: %r", path, error)

    def save(self, path: Path) -> None:
        """Write the verdicts on portals whose night is settled, if they changed; a failure is only logged."""
        settled = {portal: _store(kept) for portal, kept in self._kept.items() if not kept.verdict.is_due}
        text = json.dumps({"version": __version__, "settled": settled})
        if text == self._saved:
            return
        try:
            write_whole(path, text)
            self._saved = text
        except OSError as error:
            logger.warning("%s: cannot be written; the next start judges every portal again: %s", path, error)


def _store(kept: Kept) -> dict[str, object]:
    planned = kept.verdict.planned
    return {
        "planned": to_iso_utc(planned) if planned else None, "schedule": kept.schedule, "mark": kept.mark,
        "since": to_iso_utc(kept.since), "until": to_iso_utc(kept.until),
    }  # fmt: skip


def _restore(row: Mapping[str, object]) -> Kept:
    planned, mark = row["planned"], row["mark"]
    if not isinstance(mark, list):
        raise TypeError(f"mark: expected a list, got {mark!r}")
    since, until = parse_iso(str(row["since"])), parse_iso(str(row["until"]))
    return Kept(
        NightVerdict(parse_iso(str(planned)) if planned else None), str(row["schedule"]), tuple(mark), since, until
    )
