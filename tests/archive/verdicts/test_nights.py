"""A night is the date on which its run began; by rules 1, the date of each capture."""

import pytest

from crawler.archive.verdicts.nights import night_of_run
from tests.support.build import Night, make_profile


@pytest.mark.parametrize(("rules", "night_of_capture"), [(1, "2026-09-03"), (2, "2026-09-02")])
def test_old_runs_keep_the_date_of_each_capture(night: Night, rules: int, night_of_capture: str) -> None:
    connection, crawl_id = night.writer.connection, night.writer.crawl_id
    night.writer.commit().result()
    connection.execute("update crawls set rules = ? where id = ?", (rules, crawl_id))
    # The run began at 01:30 of the 2nd at the portal; this capture is of 00:30 of the 3rd.
    found = night_of_run(connection, make_profile(), crawl_id=crawl_id, at="2026-09-02T17:30:00Z")
    assert found == night_of_capture
