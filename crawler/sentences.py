"""The sentences that tables and the ledger keep: for each kind its English template, and its way back.

Code makes a `Sentence` (kind and arguments); the prose is rendered from it, so the two cannot differ. Tables keep both:
the prose for people and old queries, `…_kind` and `…_args` for programs and other languages. `parse` reads the prose
of version 0.1.0, which kept nothing else; free text becomes a sentence of kind `other`.

Templates are format strings. What a field holds follows from its name (`_PATTERNS`); `!r` marks text in quotation
marks. A sentence inside another one is an object with `kind` and `args`. Change no template: old ledgers know them.
"""

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from string import Formatter
from typing import Any

from crawler.wire_sentences import (
    ANSWER_MESSAGES,
    BOUND_PROBLEMS,
    BOUND_REASONS,
    FILE_MESSAGES,
    FILE_REASONS,
    HOME_REASONS,
    HOME_SIGNS,
    NETWORK_MESSAGES,
    NO_LISTS,
    PAGE_MESSAGES,
    PARSER_MESSAGES,
    SCRAPY_MESSAGES,
    TLS_MESSAGES,
    TLS_REASONS,
    WAYS,
)

OTHER = "other"
SEPARATOR = "; "

# article_events.detail. `found` and `completed` have none.
DETAILS = {
    "merged": "article {article}",
    "returned": "was {state}, last seen on {seen_on}",
    "removed": "missed on {nights} nights since {since}",
    "removed-ended": "missed on {nights} nights since {since}; its last text names {ends_on} as an end",
    "removed-listed": "missed on {nights} nights since {since}; a listing still names it",
    "decided-removed": "{by} decided that it is removed: {reason}",
    "decided-live": "{by} decided that it is not removed: {reason}",
    "missed": "{miss}",
    "listing": "{listing}",
    "fields-changed": "{fields}",
}

# quarantined_readings.why
SUSPICIONS = {
    "words-lost": "its body had {before} words and has {now}",
    "fields-lost": "it lost at once: {fields}",
    "number-reused": "its number now has another article, {url}",
}

# crawl_errors.message
MESSAGES = {
    "answered": "answered {status}",
    "file-off-host": "lies on no host of this profile; not fetched",
    "page-off-host": "{host} is no host of this profile",
    "answered-from-private": "{host} answered from {address}, which is not public",
    "resolves-to-private": "{host} resolves to {address}, which is not a public address",
    "host-unresolved": "{host} cannot be resolved",
    "robots-unreachable": "robots.txt of {host} cannot be had ({error}): not now",
    "robots-answered": "robots.txt of {host} answered {status}: not now",
    "robots-unreadable": "robots.txt of {host} is unreadable ({error}): not now",
    "robots-no-text": "it is no text",
    "robots-disallows": "robots.txt does not allow it",
    **ANSWER_MESSAGES,
    **FILE_MESSAGES,
    **NETWORK_MESSAGES,
    **TLS_MESSAGES,
    "asked-to-wait": "the host asked to wait for {seconds} s more",
    "stopping": "left to the next run, since this one is asked to stop",
    "unasked-304": "answered 304 for what was never had",
    "as-for-nothing": "answers as for an address that names nothing",
    "page-of-another": "shows the article of {url}, not its own",
    "page-lacks-end": "the page was cut after {words} words: it lacks what follows its article",
    "led-home": "led to the home page, which is no article's address",
    "led-away": "led to {url}, which is no article's address",
    "led-elsewhere": "led to {url}, which is another article's address",
    "not-a-list": "{listing}: {no_list}",
    **PAGE_MESSAGES,
    **PARSER_MESSAGES,
    "empty": "the answer holds no bytes",
    "no-picture": "no picture: {error}",
    "picture-too-large": "the picture is kept, but {width} x {height} pixels are too many to draw",
    "bad-coding": "not {coding_name} as its header says: {error}",
    "unknown-coding": "content coding {coding!r} is unknown",
    **SUSPICIONS,
    **SCRAPY_MESSAGES,
}  # fmt: skip

# Why a page of a listing is missing, or the home page.
PROBLEMS = {
    "it-answered": "it answered {status}",
    "pager-unknown": "the page shows more pages, but no script that says how to ask for them",
    "same-rows": "shows the rows of the page before it",
    "endless-pager": "the pager does not end",
    **BOUND_PROBLEMS,
    "pager-silent": "the pager gives rows for no page any more",
    "end-unproved": "whether the list ends here cannot be proved (said once; nothing is taken off the list by it)",
    "no-rows": "came without rows, though {pages} pages are announced",
    **MESSAGES,
}

# listing_walks.missing: joined, in order of pages.
PAGES = {
    "page-missing": "page {page}: {problem}",
    "more-pages-missing": "{count} more pages",
    "rows-unknown": "{count} rows lead to addresses of an unknown form",
}

# Inside `another-portal` and `handed-over`.
SIGNS = {
    "title-changed": "its title was {old!r} and is {new!r}",
    "site-id-changed": "its site id was {old_id} and is {new_id}",
    "tenant-changed": "its files' tenant was {old_id} and is {new_id}",
    "menu-changed": "its menu is another one",
    **HOME_SIGNS,
}

# The ledger's crawl-finished.ill: why no miss of a night counts.
ILLNESSES = {
    "pages-failing": "{count} of {total} article pages could not be had",
    "found-nothing": "{count} of {total} looks at held articles found nothing",
    "another-portal": "the host shows another portal than before: {signs}",
    **HOME_REASONS,
}

# crawls.reason: joined, doubts first.
REASONS = {
    "run-died": "the run died; the next one closed it",
    "stopped-on-request": "stopped on request; the next run goes on with the same frontier",
    "handed-over": (
        "the host shows another portal than before: {signs}. Nothing more was asked of it, and no removal is counted"
    ),
    "not-written": "nothing more could be written: {error}",
    "cannot-write": "nothing more can be written",
    "home-failed": "the portal's home page could not be had: {problem}",
    "no-listing-found": "no listing was found in the portal's menu",
    "portal-silent": "no listing could be read: the portal does not answer",
    "no-listing-read": "no listing could be read: {missing}",
    "stopped-early": "stopped early: {error}",
    "night-limit": "the night's limit of {size} is reached",
    **BOUND_REASONS,
    "disk-full": "only {free} are free on the disk; {reserved} are reserved",
    "listing-gaps": "{listing}: {missing}",
    "more-listing-gaps": "{count} more listings with gaps",
    "listings-failed": "{count} listings could not be read",
    "articles-failed": "{count} listed articles could not be had",
    "new-gaps": "{count} articles failed for nights and are known gaps from now on",
    "own-errors": "{count} pages failed by an error of our own; see the log",
    "layout-changed": "{count} of {total} article pages have no article's parts: has the layout changed?",
    "nearly-empty": "{count} articles suddenly read as nearly empty and were put aside: has the layout changed?",
    "mass-edit": "{count} of {total} articles that were looked at read otherwise than before: has the layout changed?",
    "listing-collapsed": "{listing} names {count} articles, where it named {before}",
    "silent": "nothing new for {days} days, where the longest pause so far was {longest}",
    "outage-or-move": (
        "{count} of {total} looks at held articles found nothing: an outage, or has the portal moved? "
        "No removal is counted tonight"
    ),
    "many-gone": (
        "{count} of {total} articles that were looked at are gone at once: removals are certain after {nights} nights, "
        "if other categories answer"
    ),
    "category-gone": (
        "{count} articles of the category {category} are gone at once, half of it or more: removals are certain after "
        "{nights} nights, if other categories answer"
    ),
    "too-few-articles": "{count} articles are held, where the profile expects {expected}",
    **FILE_REASONS,
    **TLS_REASONS,
    **HOME_REASONS,
    "silent-for-profile": "nothing new for {days} days, where the profile expects something within {expected}",
}

TEMPLATES: Mapping[str, str] = {
    **DETAILS, **NO_LISTS, **WAYS, **PROBLEMS, **PAGES, **SIGNS, **ILLNESSES, **REASONS, OTHER: "{text}",
}  # fmt: skip

# What fields hold; any other holds free text.
_COUNTS = (
    "article", "before", "bound", "bytes", "count", "days", "depth", "expected", "height", "limit_bytes", "links",
    "listed", "longest", "minutes", "nights", "now", "page", "pages", "rechecks", "requisites", "status", "total",
    "width", "words",
)  # fmt: skip
_WORDS = "host address suffix expected_cms old_id new_id seen_on since ends_on coding_name day pin"
_ADDRESS = r"\w+://\S+|withheld:\d+\S*"
_PATTERNS = {
    **dict.fromkeys(_COUNTS, r"[0-9]{1,19}"),
    **dict.fromkeys(_WORDS.split(), r"\S+"),
    **dict.fromkeys(("url", "listing"), _ADDRESS),
    "kind": r"[a-z-]+",
    "seconds": r"[0-9]{1,19}(?:\.[0-9]{1,15})?",
    "state": "suspect|removed",
    "miss": "http-4(?:04|10)|soft-404|redirected-away|no-title|no-body|listing|document",
    "fields": r"[a-z_]+(?:, [a-z_]+)*",
}
_QUOTED = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
# Fields that hold a sentence of these templates (`missing` and `signs`: several, joined). `problem` may be free text.
_NESTED = {"no_list": NO_LISTS, "way": WAYS, "missing": PAGES, "signs": SIGNS}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its kind, a key of `TEMPLATES`, and the values of the template's fields, as JSON has them."""

    kind: str
    args: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the English prose."""
        return render(self.kind, self.args)


@dataclass(frozen=True, slots=True)
class ProseColumn:
    """A column of prose: its table, its name, the templates of its sentences, and whether it joins several."""

    table: str
    name: str
    templates: Mapping[str, str]
    is_joined: bool = False


COLUMNS = (
    ProseColumn("article_events", "detail", DETAILS),
    ProseColumn("quarantined_readings", "why", SUSPICIONS),
    ProseColumn("crawl_errors", "message", MESSAGES),
    ProseColumn("listing_walks", "missing", PAGES, is_joined=True),
    ProseColumn("crawls", "reason", REASONS, is_joined=True),
)


def say(kind: str, /, **args: object) -> Sentence:
    """Make a sentence. Arguments may be sentences, and tuples of them.

    Raises:
        TypeError: if the arguments are not just the fields of the kind.

    >>> str(say("home-failed", problem=say("it-answered", status=503)))
    "the portal's home page could not be had: it answered 503"
    """
    if args.keys() != set(fields_of(kind)):
        raise TypeError(f"the sentence {kind!r} takes {fields_of(kind)}, not {tuple(args)}")
    return Sentence(kind, {name: as_json(value) for name, value in args.items()})


def render(kind: str, args: Mapping[str, Any]) -> str:
    """Return the English prose of a sentence.

    >>> render("returned", {"state": "removed", "seen_on": "2025-06-02"})
    'was removed, last seen on 2025-06-02'
    """
    return TEMPLATES[kind].format(**{name: _show(value) for name, value in args.items()})


def parse(prose: str, templates: Mapping[str, str]) -> Sentence:
    """Read one sentence back; kind `other` if no template fits. `render` gives the same prose again.

    >>> parse("answered 404", MESSAGES)
    Sentence(kind='answered', args={'status': 404})
    """
    return _parse(prose, templates) or Sentence(OTHER, {"text": prose})


def parse_joined(prose: str | None, templates: Mapping[str, str]) -> tuple[Sentence, ...]:
    """Read sentences back that "; " joins; one of kind `other` if they are not all known, none for null.

    Sentences hold "; " themselves, so each ends where it and all that follows fit a template.

    >>> [one.kind for one in parse_joined("only 1 GB are free on the disk; 2 GB are reserved; 1 listed articles \
could not be had", REASONS)]
    ['disk-full', 'articles-failed']
    """
    return (_split(prose, templates) or (Sentence(OTHER, {"text": prose}),)) if prose else ()


def join(sentences: Iterable[Sentence]) -> str | None:
    """Return the prose of sentences joined by "; ", None if there are none."""
    return SEPARATOR.join(map(str, sentences)) or None


def to_columns(said: Sentence | tuple[Sentence, ...] | None) -> tuple[str | None, str | None, str | None]:
    """Return the three columns of a place: prose, kind and arguments as JSON; all null if nothing is said.

    Of joined sentences, the kind is that of the first, and the JSON an array of objects with `kind` and `args`.
    """
    if not said:
        return None, None, None
    if isinstance(said, Sentence):
        return str(said), said.kind, _to_json(said.args)
    return join(said), said[0].kind, _to_json(as_json(said))


def as_json(value: object) -> Any:
    """Return a sentence as a JSON object with `kind` and `args`, several as an array; any other value unchanged."""
    if isinstance(value, Sentence):
        return {"kind": value.kind, "args": value.args}
    return [as_json(one) for one in value] if isinstance(value, tuple | list) else value


def from_columns(prose: str | None, column: ProseColumn) -> tuple[str | None, str | None, str | None]:
    """Return the three columns of a place from its prose alone."""
    if prose is None:
        return None, None, None
    return to_columns((parse_joined if column.is_joined else parse)(prose, column.templates))


def from_json(said: Iterable[Mapping[str, Any] | None], prose: str | None) -> tuple[Sentence, ...]:
    """Make sentences of their JSON objects; none if they do not give the prose, or a newer version wrote them."""
    try:
        found = tuple(Sentence(one["kind"], one["args"]) for one in said if one)
        return found if join(found) == prose else ()
    except (LookupError, TypeError, ValueError):
        return ()


@cache
def fields_of(kind: str) -> tuple[str, ...]:
    """Name the fields of a kind, in the order of its template.

    >>> fields_of("listing-collapsed")
    ('listing', 'count', 'before')
    """
    return tuple(name for _, name, _, _ in Formatter().parse(TEMPLATES[kind]) if name)


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _show(value: Any) -> Any:
    if isinstance(value, dict):
        return render(value["kind"], value["args"])
    if isinstance(value, list):
        separator = SEPARATOR if value and isinstance(value[0], dict) else ", "
        return separator.join(_show(one) for one in value)
    return value


def _parse(prose: str, templates: Mapping[str, str]) -> Sentence | None:
    for kind in templates:
        found = _pattern(kind).fullmatch(prose)
        try:
            args = {name: _read(name, text) for name, text in found.groupdict().items()} if found else None
        except (ValueError, SyntaxError):
            continue
        if args is not None and render(kind, args) == prose:
            return Sentence(kind, args)
    return None


def _split(prose: str, templates: Mapping[str, str]) -> tuple[Sentence, ...] | None:
    for end in (*(found.start() for found in re.finditer(SEPARATOR, prose)), len(prose)):
        first = _parse(prose[:end], templates)
        rest = _split(prose[end + len(SEPARATOR) :], templates) if first and end < len(prose) else ()
        if first and rest is not None:
            return first, *rest
    return None


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    parts = []
    for literal, name, _, conversion in Formatter().parse(TEMPLATES[kind]):
        parts.append(re.escape(literal))
        if name:
            pattern = _QUOTED if conversion == "r" else _PATTERNS.get(name, ".+")
            parts.append(f"(?P<{name}>{pattern})")
    return re.compile("".join(parts), re.DOTALL)


def _read(name: str, text: str) -> Any:
    """Read a field back.

    Raises:
        ValueError, SyntaxError: if the text is not what the field holds.
    """
    if name == "problem":
        return as_json(parse(text, PROBLEMS))
    if name in _NESTED:
        found = (_split if name in ("missing", "signs") else _parse)(text, _NESTED[name])
        if found is None:
            raise ValueError(text)
        return as_json(found)
    if name in _COUNTS or name == "seconds":
        return float(text) if "." in text else int(text)
    if name == "fields":
        return text.split(", ")
    if name in ("title", "old", "new", "cms", "coding", "location", "mark"):
        return ast.literal_eval(text)
    return None if name == "seen_on" and text == "None" else text
