"""Absence: which answers are evidence that an article is gone. Any other is unreadable, and says nothing of it.

404 and 410 are evidence, and so is a page whose main message is "not found".
"""

from crawler.archive.verdicts.removals import MISS_KINDS

ABSENT_KINDS = frozenset({"http-404", "http-410", "soft-404"})


def absent_kinds(rules: int) -> frozenset[str]:
    """Return the kinds of answers that are evidence of absence by themselves, by the rules of a run."""
    return ABSENT_KINDS if rules > 1 else MISS_KINDS
