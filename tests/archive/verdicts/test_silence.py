"""A portal's own rhythm, by the days on which its articles were first seen."""

from datetime import date, timedelta
from pathlib import Path

from crawler.archive.verdicts.silence import NEW_RHYTHM_DAYS, find_silence
from tests.support.build import FIRST_NIGHT, Clock, Night, article, new_address


def publish(archive: Path, nights: int, every_days: int) -> tuple[Night, date]:
    """Publish an article every few days; give the night of the last, still open, and its date at the portal."""
    clock = Clock()
    for number in range(nights - 1):
        with Night(archive, clock) as night:
            night.put(article(f"Tin {number}"), new_address(number + 1))
        clock.go_on(days=every_days)
    night = Night(archive, clock)
    night.put(article("Tin cuối"), new_address(nights))
    return night, (clock() + timedelta(hours=7)).date()


def silence(night: Night, on: date) -> str | None:
    connection = night.writer.connection
    return find_silence(connection, "sapa", night=on.isoformat())


def test_a_silence_is_said_from_two_weeks_on_and_no_longer_once_it_is_the_rhythm(archive: Path) -> None:
    night, last = publish(archive, 12, 1)
    said = [days for days in range(120) if silence(night, last + timedelta(days=days))]
    night.writer.close()
    assert (said[0], said[-1], len(said)) == (15, 14 + NEW_RHYTHM_DAYS, NEW_RHYTHM_DAYS)


def test_long_pauses_allow_long_silences(archive: Path) -> None:
    night, last = publish(archive, 12, 20)
    said = [days for days in range(200) if silence(night, last + timedelta(days=days))]
    night.writer.close()
    assert (said[0], said[-1]) == (81, 80 + NEW_RHYTHM_DAYS)


def test_few_pauses_give_no_sentence(archive: Path) -> None:
    night, last = publish(archive, 3, 1)
    assert silence(night, last + timedelta(days=30)) is None
    night.writer.close()
    assert FIRST_NIGHT.date() < last
