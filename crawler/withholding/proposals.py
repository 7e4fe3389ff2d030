"""What may have to be withheld: numbers of persons in texts. A person looks at it; nothing is done by itself."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.withholding.personal_numbers import Finding, find_numbers

# A telephone or an account that so many articles name is an office's.
PUBLIC_FROM_ARTICLES = 4


@dataclass(frozen=True, slots=True)
class Proposal:
    """Something to look at: where (as `withhold` takes it), what kind of number, its digits half hidden, its words."""

    place: str
    kind: str
    shown: str
    context: str
    url: str | None = None


def find_proposals(archive: Path) -> list[Proposal]:
    """Find numbers of persons in the texts of articles and attachments that are not withheld, newest first.

    Raises:
        ArchiveUnusableError: if the archive cannot be read.

    """
    found: list[tuple[Proposal, Finding]] = []
    named_in: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for place, url, text in _read_texts(archive):
        for finding in find_numbers(text):
            named_in[finding.kind, finding.digits][place] += 1
            found.append((Proposal(place, finding.kind, _hide(finding.digits), finding.context, url), finding))
    told: dict[tuple[str, str, str], Proposal] = {}
    for proposal, finding in found:
        is_public = len(named_in[finding.kind, finding.digits]) >= PUBLIC_FROM_ARTICLES
        if not (is_public and finding.may_be_public):
            told.setdefault((proposal.place, finding.kind, finding.digits), proposal)
    return [replace(proposal, context=_hide_in(proposal.context)) for proposal in told.values()]


def _read_texts(archive: Path) -> Iterator[tuple[str, str | None, str]]:
    """Read the texts that anybody can read: articles in all their revisions, and what was read of attachments."""
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
    """Show enough of a number to find it again.

    >>> _hide("001099012345")
    '001******345'
    """
    return f"{digits[:3]}{'*' * (len(digits) - 6)}{digits[-3:]}"


def _hide_in(context: str) -> str:
    """Half hide every long number of a text."""
    out, run = [], ""
    for char in f"{context}\0":
        if char.isdigit():
            run += char
            continue
        out.append(_hide(run) if len(run) >= 8 else run)
        run = ""
        out.append(char)
    return "".join(out)[:-1]
