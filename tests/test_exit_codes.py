"""Exit codes: the contract's numbers, and one for every outcome a run can have."""

from crawler.exit_codes import ExitCode, exit_code_of
from crawler.items import Outcome

OUTCOMES = {"complete": 0, "failed": 1, "running": 1, "partial": 3, "suspect": 4, "interrupted": 130}


def test_the_numbers_are_the_contracts() -> None:
    assert {code.name: int(code) for code in ExitCode} == {
        "OK": 0, "FAILED": 1, "WRONG_USE": 2, "INCOMPLETE": 3, "SUSPECT": 4, "LOCKED": 5, "INTERRUPTED": 130,
    }  # fmt: skip


def test_every_outcome_has_its_code() -> None:
    assert {outcome.value: exit_code_of(outcome) for outcome in Outcome} == OUTCOMES
