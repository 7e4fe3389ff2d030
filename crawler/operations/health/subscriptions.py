"""Whether the operator's subscriptions get their messages, by the journal."""

from collections.abc import Iterable, Iterator

from crawler.language.dates import parse_iso
from crawler.operations.health.problems import Phrase, Problem, make_problem, quote
from crawler.operations.journal.subscriptions import THE_FILE, Follower


def judge_subscriptions(failing: Iterable[Follower]) -> Iterator[Problem]:
    """Name the subscriptions whose messages fail, and the file if it cannot be used."""
    for one in failing:
        since, reason = parse_iso(one.failed_since or one.since), quote(one.fault, Phrase("problem_no_reason"))
        if one.name == THE_FILE:
            yield make_problem("subscription/file", since=since, reason=reason)
        else:
            yield make_problem("subscription", one.name, since=since, reason=reason)
