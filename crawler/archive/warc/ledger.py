"""The ledger: WARC metadata records of what a run did with its captures, so that the WARC files alone are enough.

HTTP records do not say how a capture was read, which id an article got, which requests failed, or when a run began and
ended. Ledger entries say so. Before every commit of the database, the run writes one ledger record. A replay applies
the entries in order and makes the same rows again (`replay`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crawler.archive.history.lineage import HistoryLink, Ids
from crawler.archive.warc.plain_types import check_types
from crawler.errors import WarcError
from crawler.sentences import (
    ILLNESSES,
    MESSAGES,
    PAGES,
    REASONS,
    Sentence,
    as_json,
    from_json,
    join,
    parse,
    parse_joined,
)

LEDGER_FORMAT = "portal-archive-ledger/1"
# The WARC-Target-URI of ledger records. A replay tool finds no page under it.
LEDGER_URN = "urn:portal-archive:ledger"

# By table and by key as JSON: the digest of a row (`archive.row_digests`), None if the row was deleted.
RowDigests = Mapping[str, Mapping[str, str | None]]


@dataclass(frozen=True, slots=True)
class CrawlStarted:
    """A run began. `profile` is the profile as JSON (`profile.render_profile`).

    `rules` is the version of the rules that judge all entries of the run (`verdicts.rules`).
    """

    crawl_id: int
    at: str
    profile: str
    full: bool
    rules: int = 1


@dataclass(frozen=True, slots=True)
class PageRead:
    """A captured page was read for a purpose. `asked` is the requested address, before redirects.

    `listing` is the address of the listing that the page belongs to. `article_id` is the id of the article, None if the
    page is not an article. `chain` are the statuses of the answers that led to the page, separated by spaces. `reader`
    is the version of the reader (`extract.version`); None is version 1.
    """

    capture: str
    purpose: str
    asked: str
    listing: str | None = None
    page: int | None = None
    article_id: int | None = None
    chain: str = ""
    reader: int | None = None


@dataclass(frozen=True, slots=True)
class PageReread:
    """Another version of the reader read the capture of a revision again, and the revision has this reading now."""

    capture: str
    article_id: int
    number: int
    reader: int


@dataclass(frozen=True, slots=True)
class FileRead:
    """A captured file was examined for a role (`items.FileRole`). `asked` is its address in pages.

    `reader` is the version of the reader, as in `PageRead`.
    """

    capture: str
    role: str
    asked: str
    reader: int | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A request failed, or its answer is unusable. `role` is the purpose or file role of the request."""

    crawl_id: int
    url: str
    at: str
    kind: str
    message: Sentence
    role: str
    capture: str | None = None
    attempted: bool = False


@dataclass(frozen=True, slots=True)
class ListingWalked:
    """A walk through a listing ended.

    `whole`: it was read to its end, no page is missing, and no row moved meanwhile, so an address that it no longer
    names has left it. `to_end`: the walk did not stop early, at known rows or at a bound. `end_by`, `rows_unknown`,
    `cut_at` and `resumed_at` as `crawl.listings.walk_item`.
    """

    crawl_id: int
    url: str
    at: str
    pages_announced: int | None
    pages_read: int
    rows_seen: int
    missing: tuple[Sentence, ...]
    whole: bool
    to_end: bool = True
    end_by: str | None = None
    rows_unknown: int = 0
    cut_at: int | None = None
    resumed_at: int | None = None


@dataclass(frozen=True, slots=True)
class HostPlain:
    """A host (host or host:port) answered a conditional request with a failure, and the plain one with 200."""

    crawl_id: int
    at: str
    host: str
    status: int


@dataclass(frozen=True, slots=True)
class HostUnverified:
    """The crawl did not verify the certificate of a host, as the profile asks.

    `host` is host or host:port. `pin` is the SHA-256 of the key that it showed, None if there was none to see.
    `problem` is the kind of error that a verification gives, None if the certificate is valid.
    """

    crawl_id: int
    at: str
    host: str
    pin: str | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class CrawlFinished:
    """A run ended, or the next run closed it after its death.

    `night` is the date in the portal's zone whose misses are judged now, None if the run ended before that. `ill` is
    the reason why the misses do not count, None if they count. `clock_offset_seconds` is the portal's clock minus ours
    in seconds, None if unknown.
    """

    crawl_id: int
    at: str
    outcome: str
    reason: tuple[Sentence, ...]
    night: str | None
    ill: Sentence | None
    clock_offset_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """Something was withheld. `kind` and `what` are as in the table `withholdings`."""

    withholding_id: int
    at: str
    kind: str
    what: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Released:
    """Something withheld was released."""

    withholding_id: int
    at: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A person decided that an article is `removed` or `live`: the verdict, why, and who."""

    article_id: int
    at: str
    verdict: str
    reason: str
    by: str


# The entries of runs. The operator's acts write the others.
RunEntry = (
    CrawlStarted
    | PageRead
    | PageReread
    | FileRead
    | Failed
    | ListingWalked
    | HostPlain
    | HostUnverified
    | CrawlFinished
)
Entry = RunEntry | Withheld | Released | Decided
_KINDS: dict[str, type[Entry]] = {
    "crawl-started": CrawlStarted,
    "page-read": PageRead,
    "page-reread": PageReread,
    "file-read": FileRead,
    "failed": Failed,
    "listing-walked": ListingWalked,
    "host-plain": HostPlain,
    "host-unverified": HostUnverified,
    "crawl-finished": CrawlFinished,
    "withheld": Withheld,
    "released": Released,
    "decided": Decided,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
# The fields that hold sentences, with their templates. Each member of an entry has the prose, as in version 0.1.0.
_SENTENCES: dict[type[Entry], dict[str, Mapping[str, str]]] = {
    Failed: {"message": MESSAGES},
    ListingWalked: {"missing": PAGES},
    CrawlFinished: {"reason": REASONS, "ill": ILLNESSES},
}
_JOINED = {"missing", "reason"}
_LEDGER = b'"portal-archive-ledger/'


@dataclass(frozen=True, slots=True)
class LedgeredRows:
    """The digests of rows in one ledger record. `anew`: the digests in all earlier records are no longer valid."""

    digests: RowDigests
    anew: bool


def render_rows(rows: RowDigests, *, anew: bool) -> bytes:
    """Return digests of rows as the JSON of a ledger record without entries, as `LedgeredRows`."""
    record = {"format": LEDGER_FORMAT, "entries": [], **({"rows_anew": True} if anew else {}), "rows": rows}
    return json.dumps(record, ensure_ascii=False).encode()


def parse_rows(content: bytes) -> LedgeredRows | None:
    """Parse the digests of rows in a ledger record; None if it has none, or is no ledger record."""
    try:
        record = json.loads(content)
        is_ledger = record.get("format", "") == LEDGER_FORMAT and "rows" in record
        return LedgeredRows(record["rows"], bool(record.get("rows_anew"))) if is_ledger else None
    except (ValueError, AttributeError):
        return None


def render_entries(entries: Sequence[Entry], rows: RowDigests | None = None) -> bytes:
    """Return entries as the JSON of one ledger record.

    The member `rows` has the digests of all rows that were written since the previous record. The member `said` has
    the kind and arguments of the entries' sentences, by the entry's index in the list and by field. It is separate from
    `entries`, because version 0.1.0 ignores it there, but refuses an entry with an unknown member.
    """
    done = [{"do": _NAMES[type(entry)], **asdict(entry)} for entry in entries]
    said: dict[str, dict[str, object]] = {}
    for place, entry in enumerate(entries):
        for name in _SENTENCES.get(type(entry), ()):
            value = getattr(entry, name)
            done[place][name] = join(value) if name in _JOINED else value and str(value)
            if value:
                said.setdefault(str(place), {})[name] = as_json(value)
    members: dict[str, object] = {"format": LEDGER_FORMAT, "entries": done}
    record = members | ({"said": said} if said else {}) | ({"rows": rows} if rows else {})
    return json.dumps(record, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class UnknownEntry:
    """A part of a ledger record that this version cannot read, and the reason."""

    what: str


def parse_entries(content: bytes) -> list[Entry]:
    """Parse the entries of a ledger record, in order. [] for a metadata record of another kind.

    Raises:
        WarcError: if the format or an entry is unknown to this version.
    """
    found = read_entries(content)
    for one in found:
        if isinstance(one, UnknownEntry):
            raise WarcError(one.what)
    return [one for one in found if not isinstance(one, UnknownEntry)]


def read_entries(content: bytes) -> list[Entry | UnknownEntry]:
    """Read the entries of a ledger record in order; unreadable ones are `UnknownEntry`. [] for another record."""
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        return [UnknownEntry(f"ledger that is no JSON: {error}")] if _LEDGER in content[:200] else []
    format_name = str(record.get("format", "")) if isinstance(record, dict) else ""
    if not format_name.startswith("portal-archive-ledger/"):
        return []
    if format_name != LEDGER_FORMAT:
        return [UnknownEntry(f"ledger of format {format_name!r}: written by a newer version; update portal-archive")]
    rows, said = record.get("entries"), record.get("said", {})
    if not isinstance(rows, list) or not isinstance(said, dict):
        return [UnknownEntry("ledger without a list of entries")]
    return [_read_entry(row, said.get(str(place), {})) for place, row in enumerate(rows)]


def _read_entry(row: Any, said: Any) -> Entry | UnknownEntry:
    named = row.get("do") if isinstance(row, dict) else row
    try:
        entry = _parse_entry(dict(row), said)
        check_types(entry)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        why = f"{type(error).__name__}: {error}"
        return UnknownEntry(f"ledger entry {str(named)[:80]!r} that this version does not know: {why[:200]}")
    return entry


def name_entry(entry: Entry) -> str:
    """Return a name of an entry for a person: its kind and its subject."""
    about = next((str(value) for name in ("asked", "url", "host", "what") if (value := getattr(entry, name, None))), "")
    return f"{_NAMES[type(entry)]} {about[:300]}".strip()


def is_ledger(content: bytes) -> bool:
    """Return whether the content of a metadata record is a ledger record of any version."""
    return content.startswith((b'{"format": "portal-archive-ledger/', b'{"format":"portal-archive-ledger/'))


def add_link(content: bytes, link: HistoryLink) -> bytes:
    """Return a ledger record with the link of the segment that it begins, in the member `history`."""
    record = json.loads(content)
    members = {"format": record.pop("format"), "history": asdict(link), **record}
    return json.dumps(members, ensure_ascii=False).encode()


def parse_link(content: bytes) -> HistoryLink | None:
    """Parse the link of a ledger record; None if the record begins no segment.

    Raises:
        WarcError: if this version does not know its form.
    """
    # Most records have no link, and parsing is slow, since they are large.
    if not is_ledger(content) or b'"history":' not in content[:100]:
        return None
    try:
        stated = json.loads(content)["history"]
        above, taken = (Ids(**ids) if (ids := stated.pop(name, None)) else None for name in ("above", "taken"))
        return HistoryLink(**stated, above=above, taken=taken)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WarcError(f"ledger with a history that this version does not know: {error}") from error


def _parse_entry(row: dict[str, Any], said: Mapping[str, Any]) -> Entry:
    """Make an entry from its members. Parse the sentences of version 0.1.0, which has only prose."""
    kind = _KINDS[row.pop("do")]
    for name, templates in _SENTENCES.get(kind, {}).items():
        prose = row[name]
        if name in _JOINED:
            row[name] = from_json(said.get(name, ()), prose) or parse_joined(prose, templates)
        elif prose is not None:
            known = from_json([said.get(name)], prose)
            row[name] = known[0] if known else parse(prose, templates)
    return kind(**row)
