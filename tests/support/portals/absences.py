"""A portal of some categories for tests of absences, described night by night."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from crawler.items import Address, Outcome
from crawler.profile import Profile
from tests.support.build import BASE, Clock, Night, article, link, listing, new_address, read_rows


class Portal:
    """A portal of some categories. The first night fetches it; each later night is described by a test.

    `categories` give the number of articles of each; `gone` are absent from then on, `listed` are named all the same,
    `mute` answer with an error.
    """

    def __init__(self, archive: Path, clock: Clock, *, profile: Profile | None = None, **categories: int) -> None:
        self.archive, self.clock, self.profile = archive, clock, profile
        self.shelf: dict[str, list[Address]] = {}
        number = 0
        for category, count in categories.items():
            self.shelf[category] = []
            for _ in range(count):
                number += 1
                at = new_address(number, f"bai-{number}", category.replace("_", "-"))
                self.shelf[category].append(at)
        self.gone: set[Address] = set()
        self.listed: set[Address] = set()
        self.mute: set[Address] = set()
        self.unwalked: set[str] = set()
        self.night()

    def at(self, category: str, *places: int) -> set[Address]:
        return {self.shelf[category][place] for place in places}

    def night(self, days: int = 1, **more: Any) -> None:
        """Tell one night, then let time pass."""
        with Night(self.archive, self.clock, self.profile, **more) as night:
            for category, shelf in self.shelf.items():
                named = [at for at in shelf if at not in self.gone or at in self.listed]
                where = f"{BASE}/{category.replace('_', '-')}"
                if category not in self.unwalked:
                    night.put_listing(listing(*map(link, named), url=where))
                    night.walked(where)
                for at in shelf:
                    if at in self.mute:
                        night.put_failure(at.url, "http-500", capture=night.capture(at.url, b"", status=500).record_id)
                    elif at in self.gone:
                        night.put_gone(at.url)
                    else:
                        night.put(article(f"Bài {at.source_id}", f"Thân bài {at.source_id}."), at)
            if night.queries.facts().unlike_before:
                night.outcome = Outcome.SUSPECT
        self.clock.go_on(days=days)

    def nights(self, count: int) -> None:
        for _ in range(count):
            self.night()

    def states(self, of: Iterable[Address]) -> set[str]:
        rows = dict(read_rows(self.archive, "select url, state from articles"))
        return {rows[at.url] for at in of}

    def removed_after(self, of: set[Address], *, at_most: int = 40) -> int:
        """Tell nights until all of them are removed; give the number of nights."""
        for night in range(1, at_most + 1):
            self.night()
            if self.states(of) == {"removed"}:
                return night
        return 0
