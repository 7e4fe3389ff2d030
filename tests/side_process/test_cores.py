"""How many cores this process may use."""

from crawler.side_process.cores import count_cores


def test_a_machine_has_a_core() -> None:
    assert count_cores() >= 1
