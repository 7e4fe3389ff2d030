"""Split what a person typed into words, phrases and document numbers, and these into clauses."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from crawler.language.text import DOCUMENT_PATTERN, MARKS, SEPARATORS, SIGNS_ONLY, fold, normalize_text

SEARCH_FIELDS = ("title", "summary", "body", "captions", "byline", "files")
MAX_QUERY_CHARACTERS, MAX_QUERY_ITEMS = 2000, 48
MIN_PREFIX_LETTERS = 3  # two letters took three seconds with a million articles (measured)

# Field names before a colon: also in the singular, and in Vietnamese without marks.
FIELD_NAMES = {
    **{field: field for field in SEARCH_FIELDS},
    "caption": "captions", "file": "files", "tieude": "title", "tomtat": "summary", "noidung": "body",
    "chuthich": "captions", "tacgia": "byline", "tep": "files",
}  # fmt: skip
QUOTES = '"“”„«»'
TOKEN = rf"[^\W_](?:[^\W_]|[{MARKS}])*"
_OPERATORS = ("AND", "OR")
_QUERY_ITEM = re.compile(
    rf"(?P<minus>(?<!\S)-(?=[^\s-]))?[(^+*]*(?:(?P<field>(?i:{'|'.join(FIELD_NAMES)})):\s?(?=\S))?"
    rf"(?:[{QUOTES}](?P<phrase>[^{QUOTES}]*)[{QUOTES}]|(?P<document>{DOCUMENT_PATTERN})|(?P<chunk>[^\s{QUOTES}]+))"
)
# "số" glued to a document's number. A text can lack the word: it must be one of its own.
_GLUED_WORD = re.compile(
    rf"(?<!\w)((?i:số|so))(?:\s?:)?(?=[0-9]{{1,6}}(?:[{SEPARATORS}][0-9]{{4}})?(?:[{SEPARATORS}][^\W\d_]|[^\W\d_]{{4}}))"
)


@dataclass(frozen=True, slots=True)
class Item:
    """A word, phrase, prefix or document number, with the fields it is searched for in. `typed` is as typed."""

    kind: Literal["word", "prefix", "phrase", "document"]
    text: str
    fields: tuple[str, ...]
    is_excluded: bool
    is_quoted: bool
    typed: str

    @property
    def is_plain(self) -> bool:
        """Whether it may be a part of a run: not quoted, not excluded, no prefix, in any field."""
        is_exact = self.is_quoted or self.is_excluded or self.kind == "prefix"
        return not is_exact and self.fields == SEARCH_FIELDS


@dataclass(frozen=True, slots=True)
class Clause:
    """Items of which one must be found; or a run, of which all must be found, best side by side."""

    items: tuple[Item, ...]
    is_run: bool


@dataclass(frozen=True, slots=True)
class Clauses:
    """What must be found, and what must not."""

    wanted: tuple[Clause, ...]
    excluded: tuple[Item, ...]


def read_items(text: str) -> list[Item]:
    """Split a query into its items, operators among them, within the bounds of a query."""
    return list(islice(split_items(normalize_text(text[:MAX_QUERY_CHARACTERS])), MAX_QUERY_ITEMS))


def split_items(text: str) -> Iterator[Item]:
    """Yield the words, phrases and document numbers of a text. Pieces without a token are left out."""
    for match in _QUERY_ITEM.finditer(_GLUED_WORD.sub(r"\1 ", text)):
        content = (match["phrase"] or match["document"] or match["chunk"] or "").strip(" .,;:!?()[]")
        tokens = re.findall(TOKEN, content)
        fields = (FIELD_NAMES[match["field"].lower()],) if match["field"] else SEARCH_FIELDS
        is_excluded, is_quoted, typed = match["minus"] is not None, match["phrase"] is not None, match[0]
        if match["document"] or SIGNS_ONLY.fullmatch(content):
            yield Item("document", content, fields, is_excluded, is_quoted, typed)
        elif not is_quoted and len(tokens) == 1:
            is_prefix = content.endswith("*") and len(fold(tokens[0])) >= MIN_PREFIX_LETTERS
            yield Item("prefix" if is_prefix else "word", tokens[0], fields, is_excluded, is_quoted, typed)
        elif tokens:
            yield Item("phrase", content, fields, is_excluded, is_quoted, typed)


def is_operator(item: Item) -> bool:
    """Return whether an item is an operator, if others are beside it."""
    return item.kind == "word" and item.text in _OPERATORS and not item.is_excluded


def read_clauses(items: Sequence[Item]) -> Clauses:
    """Put items together: those around OR, and plain ones that are side by side, as a run."""
    groups: list[list[Item]] = []
    joined: list[bool] = []  # whether the group is beside the one before it, without an operator
    excluded: list[Item] = []
    operator, is_beside = "", False
    for item in items:
        if len(items) > 1 and is_operator(item):
            operator = item.text
        elif item.is_excluded:
            excluded.append(item)
            operator, is_beside = "", False
        else:
            if operator == "OR" and groups:
                groups[-1].append(item)
            else:
                groups.append([item])
                joined.append(is_beside and not operator)
            operator, is_beside = "", True
    return Clauses(tuple(_join_runs(groups, joined)), tuple(excluded))


def _join_runs(groups: Sequence[Sequence[Item]], joined: Sequence[bool]) -> Iterator[Clause]:
    run: list[Item] = []
    for group, is_beside in zip(groups, joined, strict=True):
        is_plain = len(group) == 1 and group[0].is_plain
        if run and not (is_plain and is_beside):
            yield Clause(tuple(run), is_run=True)
            run = []
        if is_plain:
            run += group
        else:
            yield Clause(tuple(group), is_run=False)
    if run:
        yield Clause(tuple(run), is_run=True)
