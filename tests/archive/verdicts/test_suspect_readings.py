"""What most looks of a night say together of the readings of its articles."""

from pathlib import Path

from crawler.archive.verdicts.suspect_readings import LEAST_EDITS, find_mass_edit
from tests.support.build import Clock, Night, article, new_address


def mass_edit(archive: Path, *, held: int, edited: int) -> str | None:
    """Hold articles, edit some of them on the next night, and give what that night says of its edits."""
    clock = Clock()
    with Night(archive, clock) as first:
        for number in range(held):
            first.put(article(f"Tin {number}", "Thân bài cũ."), new_address(number + 1))
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        for number in range(held):
            body = "Thân bài cũ." + ("\n\nQuản trị viên" if number < edited else "")
            night.put(article(f"Tin {number}", body), new_address(number + 1))
        night.put(article("Tin mới"), new_address(held + 1))
        connection = night.writer.connection
        (on,) = connection.execute("select max(seen_on) from articles").fetchone()
        found = find_mass_edit(connection, "sapa", crawl_id=night.writer.crawl_id, night=on)
    return None if found is None else str(found)


def test_a_night_that_edits_most_of_what_it_looks_at_is_doubted(archive: Path) -> None:
    said = mass_edit(archive, held=30, edited=29)
    assert said == "29 of 30 articles that were looked at read otherwise than before: has the layout changed?"


def test_edits_of_half_of_the_looks_or_of_few_articles_are_no_doubt(archive: Path, tmp_path: Path) -> None:
    assert mass_edit(archive, held=2 * LEAST_EDITS, edited=LEAST_EDITS) is None
    assert mass_edit(tmp_path / "few.db", held=LEAST_EDITS - 1, edited=LEAST_EDITS - 1) is None
