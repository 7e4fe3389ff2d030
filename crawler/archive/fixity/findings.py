"""The result of a verification: counts, findings, and notes on what could not be compared."""

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import msgspec

from crawler.archive.warc.finding import Finding
from crawler.language.text import show_count

# Errors from reading an altered value: text instead of a number, bytes instead of text, or no value.
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, msgspec.MsgspecError)


# The kinds of findings that report lost or changed bytes of WARC files.
OF_RECORDS = frozenset({"file", "damage", "record"})
_ROWS = "warc_files"


def decode_any(data: bytes) -> str:
    """Decode text of a database; write bytes that are not UTF-8 in hex. It never fails, so that the row is compared."""
    return data.decode("utf-8", "backslashreplace")


class Steps:
    """The steps of a verification. If a step cannot read a value, the next step continues."""

    def __init__(self) -> None:
        self._stopped: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Run the block. An altered value that it cannot read ends the block, and no more."""
        try:
            yield
        except UNREADABLE as error:
            self._stopped.append(f"{name}: not compared to the end, since a value cannot be read: {error}")

    def end(self, found: "Verification") -> None:
        """Report the steps that ended early: as notes if another step found the altered value, else as a finding."""
        if found.findings:
            found.notes += self._stopped
        elif self._stopped:
            found.findings.append(Finding("database", "; ".join(self._stopped)))


@dataclass(slots=True)
class Verification:
    """The result of a verification: what it counted, each finding, and notes on what was not compared.

    `rows` are those compared with the ledger. `readers` counts pages and files by the version of their reader.
    """

    records: int = 0
    captures: int = 0
    files: int = 0
    articles: int = 0
    revisions: int = 0
    rows: int = 0
    readers: dict[int, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def differences(self) -> list[str]:
        """Each finding in words."""
        return [finding.text for finding in self.findings]

    def lines(self) -> list[str]:
        """Return the result as lines for a person: one for each finding, the notes, then the counts."""
        looked = ", ".join(
            [
                show_count(self.records, "WARC record"),
                show_count(self.captures, "capture"),
                f"{self.files} images and attachments",
                show_count(self.articles, "article"),
                show_count(self.revisions, "revision"),
                f"{show_count(self.rows, 'row')} of the ledger",
            ]
        )
        verdict = show_count(len(self.findings), "difference") if self.findings else "all as it should be"
        return [*self.differences, *self.notes, f"{looked}: {verdict}"]

    def as_json(self) -> dict[str, Any]:
        """Return the result as JSON: counts, `differences` in words, `findings` with their places, `notes`."""
        return {**asdict(self), "differences": self.differences}

    @property
    def lost(self) -> int:
        """The number of findings of WARC files or records that are missing, or differ from what was written."""
        return sum(one.kind in OF_RECORDS for one in self.findings)

    def add(self, finding: Finding) -> None:
        """Add a finding. If its row has a finding already, add the words to that one."""
        for place, one in enumerate(self.findings):
            if finding.table is not None and one.table == finding.table and finding.key in (one.key, one.former_key):
                former = one.former_key or finding.former_key
                self.findings[place] = replace(one, text=f"{one.text}; {finding.text}", former_key=former)
                return
        self.findings.append(finding)

    def keys_of(self, *tables: str) -> set[str]:
        """Return the keys of all rows with a finding in these tables."""
        found = [finding for finding in self.findings if finding.table in tables]
        return {key for one in found for key in (one.key, one.former_key) if key is not None}


def join_tied(findings: Sequence[Finding], *, ties: Set[tuple[str, str]]) -> list[Finding]:
    """Join the findings of files that hold each other's records, or have each other's lists.

    A finding about the list or the row of a file is a consequence of the finding about the file. Other findings stay
    unchanged.

    Args:
        ties: pairs of files.
    """
    groups = _join_pairs(ties)
    groups_of = [groups.get(name, name) for name in map(_file_of, findings)]
    named = {group for group, one in zip(groups_of, findings, strict=True) if one.kind == "file"}
    made: list[Finding] = []
    places: dict[str, int] = {}
    for group, one in zip(groups_of, findings, strict=True):
        follows = group in named and (one.kind == "list" or one.table == _ROWS)
        if follows or (group in places and _is_of_file(one)):
            if not follows:
                first = made[places[group]]
                made[places[group]] = replace(first, text=f"{first.text}; {one.text}")
            continue
        if _is_of_file(one):
            places[group] = len(made)
        made.append(one)
    return made


def _file_of(one: Finding) -> str:
    return one.file or (one.key if one.table == _ROWS else None) or ""


def _is_of_file(one: Finding) -> bool:
    return one.file is not None and (one.kind in ("file", "list") or (one.kind == "record" and one.key is None))


def _join_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return for each name the first name, in alphabetical order, of all names that pairs connect it with.

    >>> _join_pairs([("b", "c"), ("a", "b"), ("x", "y")])
    {'b': 'a', 'c': 'a', 'a': 'a', 'x': 'x', 'y': 'x'}
    """
    groups: dict[str, set[str]] = {}
    for pair in pairs:
        joined = {name for one in pair for name in groups.get(one, {one})}
        groups |= dict.fromkeys(joined, joined)
    return {name: min(groups[name]) for pair in pairs for name in pair}
