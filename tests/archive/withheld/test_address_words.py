"""The words of addresses in texts: a withholding finds by them what names an address, and reads no other text."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.database import open_for_writing
from crawler.archive.fixity import verify
from crawler.archive.withheld.address_words import find_articles_that_name, list_words, search_new_texts
from crawler.archive.withheld.overlay import Overlay
from crawler.withholding.act import Intent, WithholdingResult, carry_out
from tests.support.build import DESCRIBE, Clock, read_rows
from tests.support.withholding import SECRET, act, leaks, make_nights

ADDRESS = "sapa.example.vn/tin-tuc-su-kien/khanh-thanh-cau-1000777"
ARTICLE = 77


def search(text: str, *addresses: str) -> set[int] | None:
    """Search an index that has the words of one text, of article 77."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(
            """create table _address_words (word, article_id, primary key (word, article_id)) without rowid;
               create table _unsearched (article_id integer primary key);"""
        )
        rows = [(word, ARTICLE) for word in list_words(text)]
        connection.executemany("insert into _address_words values (?, ?)", rows)
        return find_articles_that_name(connection, addresses)


@pytest.mark.parametrize(
    "text",
    [
        f'<p><a href="https://{ADDRESS}">Xem</a></p>', f"<p>Xem {ADDRESS}.</p>", f"<p>http://{ADDRESS}/</p>",
        f'<a href="//{ADDRESS}?print=1&amp;lang=vi#top">in</a>', f"({ADDRESS})", f"<b>www.{ADDRESS}</b>",
        f"<p>{'Một đoạn văn dài. ' * 300}</p><p>{ADDRESS}/trang-2</p>", f"12/5\t{ADDRESS}", f"Tin:<br>{ADDRESS}",
        f"12/5 a\u00a0{ADDRESS}\u00a0b", f"Theo quyết định 12/QĐ-UBND và {ADDRESS}",
    ],
)  # fmt: skip
def test_what_names_an_address_is_found(text: str) -> None:
    assert search(text, "sapa.example.vn/gioi-thieu-chung/so-do-tong-the", ADDRESS) == {ARTICLE}


@pytest.mark.parametrize(
    "text",
    [
        "<p>Khánh thành cầu</p>", f'<a href="https://{ADDRESS}8">bài khác</a>',
        '<a href="https://sapa.example.vn/tin-tuc-su-kien/bai-khac-1000778">bài khác</a>',
    ],
)  # fmt: skip
def test_what_names_another_address_is_not_read(text: str) -> None:
    assert search(text, ADDRESS) == set()


@pytest.mark.parametrize("address", ["sapa.example.vn/", "sapa.example.vn/tin/7", "data:,anh", "thanh-pho-sapa.vn/a"])
def test_an_address_without_a_long_word_is_sought_in_every_text(address: str) -> None:
    assert search("", ADDRESS, address) is None


def test_articles_that_wait_for_their_search_are_found(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(
            "create table _address_words (word, article_id); create table _unsearched (article_id integer primary key);"
        )
        connection.execute("insert into _unsearched values (5)")
        assert find_articles_that_name(connection, [ADDRESS]) == {5}


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Path:
    make_nights(tmp_path / "archive.db", clock, first=1, last=2)
    return tmp_path / "archive.db"


def test_a_run_leaves_no_article_waiting_and_a_withholding_no_word(archive: Path, clock: Clock) -> None:
    words = list_words(SECRET.url)
    held = "select distinct article_id from _address_words where word in (select value from json_each(?))"
    assert read_rows(archive, "select * from _unsearched") == []
    (linking,) = read_rows(archive, held, str(sorted(words)))
    act(archive, "withhold", SECRET.url, at=clock())
    assert read_rows(archive, held, str(sorted(words))) == []
    act(archive, "release", SECRET.url, at=clock())
    assert read_rows(archive, held, str(sorted(words))) == [linking]
    assert read_rows(archive, "select * from _unsearched") == []


def test_a_withholding_scans_no_table_of_texts_or_addresses(archive: Path) -> None:
    growing = ("articles", "article_urls", "revision_rows", "captures", "frontier", "listing_rows", "mentions", "files")
    pattern = re.compile(rf"SCAN ({'|'.join(growing)})\b(?! USING (?:COVERING )?INDEX listing_rows_gone)")
    with closing(open_for_writing(archive)) as connection, closing(Overlay(connection, archive)) as overlay:
        traced: list[str] = []
        connection.set_trace_callback(traced.append)
        with overlay.restored():
            connection.execute(
                """insert into withholdings (id, kind, what, reason, by, withheld_at)
                   select 1, 'article', id, 'r', 'b', '' from articles where url = ?""",
                (SECRET.url,),
            )
        connection.set_trace_callback(None)
        scans = set()
        for sql in traced:
            if sql.lstrip().lower().startswith(("select", "with")):
                plan = "; ".join(row[3] for row in connection.execute(f"explain query plan {sql}"))
                scans |= {(sql, found) for found in pattern.findall(plan)}
    assert len(traced) > 40
    assert not scans


def test_it_is_told_before_the_words_are_erased_and_a_death_between_is_made_good(archive: Path, clock: Clock) -> None:
    told = []

    def die(done: WithholdingResult) -> None:
        told.append((done.number, read_rows(archive, "select count(*) from articles where url = ?", SECRET.url)))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(
            archive,
            Intent("withhold", SECRET.url, "lý do", "toà soạn"),
            clock=clock,
            warcinfo_fields=DESCRIBE,
            tell=die,
        )
    assert told == [(1, [(0,)])]
    assert read_rows(archive, "select count(*) from _unerased") == [(1,)]
    make_nights(archive, clock, first=3, last=3)
    assert read_rows(archive, "select count(*) from _unerased") == [(0,)]
    assert leaks(archive) == []


def test_texts_of_another_program_are_searched_at_the_next_commit(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("update articles set body_html = ? where id = 1", (f"<p>{ADDRESS}</p>",))
        assert find_articles_that_name(connection, [ADDRESS]) == {1}
        search_new_texts(connection)
        assert connection.execute("select count(*) from _unsearched").fetchone() == (0,)
        assert find_articles_that_name(connection, [ADDRESS]) == {1}


def test_a_missing_word_is_a_difference(archive: Path) -> None:
    assert verify(archive).differences == []
    with closing(sqlite3.connect(archive)) as connection, connection:
        word, article_id = connection.execute("select word, article_id from _address_words limit 1").fetchone()
        connection.execute("delete from _address_words where word = ?", (word,))
    assert verify(archive).differences[0] == f"_address_words: a word of article {article_id} is missing"
