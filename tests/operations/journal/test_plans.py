"""The journal's faults of profiles and its plans."""

from datetime import timedelta
from pathlib import Path

from crawler.operations.journal.database import write_journal
from crawler.operations.journal.plans import ProfileFault, put_faults, put_plans, read_faults, read_plan
from tests.support.build import FIRST_NIGHT


def test_a_fault_keeps_its_since_until_it_is_over(archive: Path) -> None:
    with write_journal(archive) as journal:
        put_faults(journal, {"a": "not TOML", "b": "no name"}, now=FIRST_NIGHT)
        put_faults(journal, {"a": "no title"}, now=FIRST_NIGHT + timedelta(days=1))
        assert read_faults(journal) == [ProfileFault("a", "2026-09-01T18:30:00Z", "no title")]
        put_faults(journal, {}, now=FIRST_NIGHT)
        put_faults(journal, {"a": "again"}, now=FIRST_NIGHT + timedelta(days=2))
        assert read_faults(journal) == [ProfileFault("a", "2026-09-03T18:30:00Z", "again")]


def test_a_plan_is_written_with_its_since_and_replaced(archive: Path) -> None:
    with write_journal(archive) as journal:
        assert read_plan(journal, "a") is None
        put_plans(journal, [("a", "30 1 * * * UTC 0", None)])
        assert read_plan(journal, "a") == ("30 1 * * * UTC 0", None)
        put_plans(journal, [("a", "0 4 * * * UTC 0", FIRST_NIGHT)])
        assert read_plan(journal, "a") == ("0 4 * * * UTC 0", "2026-09-01T18:30:00Z")
