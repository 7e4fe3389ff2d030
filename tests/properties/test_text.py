"""What holds for every text: normal form, folding, tones, slugs, document numbers, numbers, cells, queries."""

import sqlite3
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crawler.archive.articles.search_index import TOKENIZE
from crawler.archive.database import open_for_writing
from crawler.language.csv_cells import escape_cell
from crawler.language.facts import find_documents, make_byline_key, make_title_key
from crawler.language.numbers import LARGEST, whole_number
from crawler.language.query.expressions import build_fts_query, split_query
from crawler.language.query.faults import find_faults
from crawler.language.text import find_document_numbers, fold, mark_tones, matches_slug, normalize_text, slugify
from tests.support.hostile.examples import PROPERTY, QUERIES, TEXTS


@PROPERTY
@given(TEXTS)
def test_the_normal_form_is_one_line_and_stays(text: str) -> None:
    normal = normalize_text(text)
    assert normalize_text(normal) == normal
    assert unicodedata.is_normalized("NFC", normal)
    assert normal == " ".join(normal.split())
    normal.encode()


@PROPERTY
@given(TEXTS)
def test_folding_is_the_same_for_every_spelling_and_leaves_the_tokens(text: str) -> None:
    normal = normalize_text(text)
    assert fold(fold(normal)) == fold(normal)
    assert fold(normal).count(" ") == normal.count(" ") == mark_tones(normal).count(" ")
    assert len(_tokens(fold(normal))) == len(_tokens(normal)) == len(_tokens(mark_tones(normal)))


def _tokens(text: str) -> list[str]:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(f"create virtual table t using fts5(a, {TOKENIZE})")
        connection.execute("create virtual table v using fts5vocab(t, 'instance')")
        connection.execute("insert into t values (?)", (text,))
        return [term for (term,) in connection.execute("select term from v order by offset")]
    finally:
        connection.close()


@PROPERTY
@given(TEXTS, TEXTS)
def test_keys_and_slugs_come_of_every_text(text: str, other: str) -> None:
    slug = slugify(text)
    assert slug.isascii() or not slug
    assert matches_slug(text, slug) or not slug
    assert make_title_key(normalize_text(text)) == make_title_key(normalize_text(f" {text} "))
    assert isinstance(make_byline_key(text), str)
    assert all(number in normalize_text(text) or fold(number) for number in find_document_numbers(text))
    find_documents([(text, other), (other, None)])


@PROPERTY
@given(some.one_of(TEXTS, some.integers().map(str), some.text("0123456789²٣-+_. ", max_size=25)))
def test_a_number_from_outside_fits_a_database_or_is_none(text: str) -> None:
    number = whole_number(text)
    assert number is None or 0 <= number <= LARGEST
    assert (number is None) or text.strip().isascii()


@PROPERTY
@given(some.integers(0, LARGEST))
def test_every_number_that_a_database_stores_is_read(number: int) -> None:
    assert whole_number(str(number)) == number
    assert whole_number(str(number + LARGEST + 1)) is None


@PROPERTY
@given(TEXTS)
def test_no_cell_is_a_formula_and_none_loses_a_letter(text: str) -> None:
    cell = escape_cell(text)
    assert cell.removeprefix("'") == text.removeprefix("'") or cell == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    connection = open_for_writing(tmp_path_factory.mktemp("queries") / "archive.db")
    yield connection
    connection.close()


@PROPERTY
@given(text=QUERIES)
def test_whatever_a_person_types_is_a_valid_query(archive: sqlite3.Connection, text: str) -> None:
    query = build_fts_query(text)
    archive.execute("select count(*) from articles_fts where articles_fts match ?", (query,)).fetchone()
    split_query(text)
    find_faults(text)
