"""Propose what to withhold: personal numbers in texts. A person decides; this room withholds nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.withholding.personal_numbers import FoundNumber, find_numbers

# A telephone or account number in this many articles belongs to an office.
PUBLIC_FROM_ARTICLES = 4


@dataclass(frozen=True, slots=True)
class Proposal:
    """A number to check: its place in the form of `withhold`, its kind, its digits half hidden, the words around it."""

    place: str
    kind: str
    shown: str
    context: str
    url: str | None = None


def find_proposals(archive: Path) -> list[Proposal]:
    """Find personal numbers in the texts of public articles and attachments, newest first.

    Raises:
        ArchiveUnusableError: if the archive cannot be read.
    """
    found: list[tuple[Proposal, FoundNumber]] = []
    named_in: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for place, url, text in _read_texts(archive):
        for finding in find_numbers(text):
            named_in[finding.kind, finding.digits][place] += 1
            found.append((Proposal(place, finding.kind, _hide(finding.digits), finding.context, url), finding))
    kept: dict[tuple[str, str, str], Proposal] = {}
    for proposal, finding in found:
        is_public = len(named_in[finding.kind, finding.digits]) >= PUBLIC_FROM_ARTICLES
        if not (is_public and finding.may_be_public):
            kept.setdefault((proposal.place, finding.kind, finding.digits), proposal)
    return [replace(proposal, context=_hide_in(proposal.context)) for proposal in kept.values()]


def _read_texts(archive: Path) -> Iterator[tuple[str, str | None, str]]:
    """Read all public texts: every revision of the articles, and the texts of attachments."""
    with closing(open_for_reading(archive)) as connection:
        rows = connection.execute(
            """select a.id, a.url, r.title, r.summary, r.body, (
                 select group_concat(i.caption, char(10)) from revision_images i
                 where i.article_id = r.article_id and i.number = r.number) as captions
               from articles a join revisions r on r.article_id = a.id order by a.sort_key desc, r.number desc"""
        )
        for row in rows:
            text = "\n".join(part for part in (row["title"], row["summary"], row["body"], row["captions"]) if part)
            yield f"article:{row['id']}", row["url"], text
        files = connection.execute(
            "select attachment_sha256, text from attachment_texts where text is not null order by rowid desc"
        )
        for sha256, text in files:
            yield f"attachment:{sha256}", None, text


def _hide(digits: str) -> str:
    """Hide the middle of a number; the rest is enough to find it.

    >>> _hide("001099012345")
    '001******345'
    """
    return f"{digits[:3]}{'*' * (len(digits) - 6)}{digits[-3:]}"


def _hide_in(context: str) -> str:
    """Hide the middle of every long number in a text."""
    out, run = [], ""
    for char in f"{context}\0":
        if char.isdigit():
            run += char
            continue
        out.append(_hide(run) if len(run) >= 8 else run)
        run = ""
        out.append(char)
    return "".join(out)[:-1]
