"""SQL of visitors: what it may cost, what it may see, and that nothing else of the site notices it."""

import asyncio
import csv
import io
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from crawler.web.visitor_sql.bounds import MAX_VALUE_BYTES
from crawler.web.visitor_sql.messages import Answered, Ask, Refused
from crawler.web.visitor_sql.pool import MAX_WAITING, PROCESSES, BusyError, SqlPool
from tests.support.crawling import ROOT
from tests.support.web_archive import Site, build_archive, open_site

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
# One call of a function, which SQLite cannot interrupt.
UNBROKEN = "select instr(hex(zeroblob(8000000)), hex(zeroblob(3999999)) || '1')"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("sql")) as opened:
        yield opened


def query(site: Site, sql: str, form: str = "json") -> httpx.Response:
    return site.get(f"/archive.{form}?sql={quote(sql)}")


@pytest.mark.parametrize(
    "sql",
    [
        "select zeroblob(1000000000)",
        "select length(hex(zeroblob(200000000)))",
        "select group_concat(a.body) from articles a, captures b, captures c, captures d, captures e",
        f"select randomblob({MAX_VALUE_BYTES}), randomblob({MAX_VALUE_BYTES})",
        "select replace(hex(zeroblob(100000)), '0', hex(zeroblob(100000)))",
    ],
)
def test_a_value_or_answer_without_bound_is_refused(site: Site, sql: str) -> None:
    answer = query(site, sql)
    assert answer.status_code == 400
    assert answer.json()["ok"] is False
    assert query(site, sql, "csv").status_code == 400
    assert query(site, "select 1 as one").json()["rows"] == [[1]]


def test_a_refused_statement_is_no_empty_csv(site: Site) -> None:
    answer = query(site, "select a from no_such_table", "csv")
    assert answer.status_code == 400
    assert "no such table" in answer.text
    assert query(site, "select id from articles where id < 0", "csv").text == "id\r\n"


def test_a_statement_without_end_is_interrupted(site: Site) -> None:
    assert "interrupted" in query(site, ENDLESS).text.lower()


def test_a_process_that_cannot_be_interrupted_is_ended_and_replaced(tmp_path: Path) -> None:
    archive = build_archive(tmp_path)
    pool = SqlPool(f"{archive.as_uri()}?mode=ro")
    try:
        began = time.monotonic()
        reply = asyncio.run(pool.ask(Ask(UNBROKEN, {}, 100, None)))
        assert reply == Refused("interrupted", is_interrupted=True)
        assert time.monotonic() - began < 30
        assert asyncio.run(pool.ask(Ask("select 7", {}, 1000, None))) == Answered(["7"], [[7]], is_truncated=False)
    finally:
        pool.close()


def test_a_process_that_died_is_replaced(tmp_path: Path) -> None:
    archive = build_archive(tmp_path)
    pool = SqlPool(f"{archive.as_uri()}?mode=ro")
    one = Ask("select 1", {}, 1000, None)
    try:
        for _ in range(PROCESSES + 1):
            assert isinstance(asyncio.run(pool.ask(one)), Answered)
            for pid in _children():
                os.kill(pid, signal.SIGKILL)
                os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    finally:
        pool.close()


def test_a_full_queue_says_so_at_once(tmp_path: Path) -> None:
    archive = build_archive(tmp_path)
    pool = SqlPool(f"{archive.as_uri()}?mode=ro")

    async def crowd() -> list[object]:
        asks = [pool.ask(Ask(ENDLESS, {}, 200, None)) for _ in range(PROCESSES + MAX_WAITING + 5)]
        return await asyncio.gather(*asks, return_exceptions=True)

    try:
        replies = asyncio.run(crowd())
    finally:
        pool.close()
    assert sum(isinstance(reply, BusyError) for reply in replies) == 5
    assert sum(isinstance(reply, Refused) for reply in replies) == PROCESSES + MAX_WAITING


@pytest.mark.parametrize(
    "sql",
    [
        "select * from articles_fts_data",
        'select * from "ARTICLES_FTS_IDX"',
        "select * from main.[articles_fts_docsize]",
        "select sql from sqlite_stmt",
        "select * from sqlite_dbpage",
        "select * from dbstat",
        "select * from pragma_database_list",
        "select * from pragma_database_list()",
        "select load_extension('x')",
    ],
)
def test_what_is_not_for_visitors_cannot_be_read(site: Site, sql: str) -> None:
    answer = query(site, sql)
    assert answer.status_code == 400
    assert str(ROOT) not in answer.text
    assert "/tmp" not in answer.text


def test_a_search_and_a_description_of_tables_still_work(site: Site) -> None:
    found = query(site, "select count(*) from articles_fts where articles_fts match fts_query('khong ngay')")
    assert found.json()["rows"][0][0] > 0
    assert query(site, "select name from pragma_table_info('articles') where pk = 1").json()["rows"] == [["id"]]
    assert site.get("/archive/articles_fts_data").status_code == 403
    assert site.get("/archive/articles.json?_facet=state").status_code == 200


def test_cells_of_csv_are_no_formulas_and_numbers_stay_numbers(site: Site) -> None:
    sql = "select '=1+1' a, '-5 độ' b, -5 c, '+84' d, '@x' e, char(9) || 'x' f, 'Sa Pa' g, null h, -1.5 i"
    wanted = ["'=1+1", "'-5 độ", "-5", "'+84", "'@x", "'\tx", "Sa Pa", "", "-1.5"]
    assert list(csv.reader(io.StringIO(query(site, sql, "csv").text)))[1:] == [wanted]
    assert query(site, sql).json()["rows"][0][0] == "=1+1"


def test_names_of_columns_in_csv_are_no_formulas(site: Site) -> None:
    assert query(site, 'select 1 as "=1+1", 2 as id', "csv").text == "'=1+1,id\r\n1,2\r\n"


def _children() -> list[int]:
    """The processes that run SQL for this process."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            words = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"visitor_sql" in words:
            found.append(int(path.parent.name))
    return found
