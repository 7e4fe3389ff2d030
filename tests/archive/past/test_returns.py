"""Revisions that are an older one again, and revisions that came after an absence."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.database import open_for_reading
from crawler.archive.past.returns import RevisionNote, read_notes
from tests.support.build import BASE, Clock, Night, article_page

URL = f"{BASE}/tin-tuc/hop-dan-1001"
GONE = None


@pytest.mark.parametrize(
    ("bodies", "expected"),
    [
        (("A", "A"), {}),
        (("A", "B"), {}),
        (("A", "B", "A"), {3: RevisionNote(put_back_to=1)}),
        (("A", "B", "A", "B"), {3: RevisionNote(put_back_to=1), 4: RevisionNote(put_back_to=2)}),
        (("A", GONE, GONE, GONE, "A"), {}),
        (("A", GONE, GONE, GONE, "B"), {2: RevisionNote(came_back=True)}),
        (("A", GONE, GONE, GONE, "A", "B"), {}),
        (("A", "B", GONE, GONE, GONE, "A"), {3: RevisionNote(put_back_to=1, came_back=True)}),
    ],
)
def test_the_notes_of_revisions(
    bodies: Sequence[str | None], expected: dict[int, RevisionNote], archive: Path, clock: Clock
) -> None:
    for body in bodies:
        with Night(archive, clock) as night:
            night.read(URL, article_page("Họp dân", f"Họp dân ở xã {body}.")) if body else night.put_gone(URL)
        clock.go_on(days=1)
    with closing(open_for_reading(archive)) as connection:
        assert read_notes(connection, 1) == expected
