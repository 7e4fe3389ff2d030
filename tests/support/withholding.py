"""Helpers for withholding: act on an archive of `build`, compare it with a twin, search for leaks, die at a step.

    python -m tests.support.withholding FOLDER withhold|release|night STEP

This child process dies of SIGKILL at a step: a statement of SQL or a write forced to disk. If it reaches its end, it
prints the number of its steps.
"""

import os
import signal
import sqlite3
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from crawler.withholding.act import Intent, WithholdingResult, carry_out
from tests.support.build import DESCRIBE, STORE, Clock, Night, article_page, new_address, small_portal

LONG = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản."
TITLE = "Bà Vàng Thị Sáu được cấp nhà mới"
SECRET = new_address(777, "ba-vang-thi-sau-duoc-cap-nha-moi")
PHOTO = f"{STORE}/lci/20251231/ba-vang-thi-sau.png"
# If one of these is in a table, an index or a free page, the article leaks.
WORDS = ("ba-vang-thi-sau", TITLE, "vang thi sau", "Vàng Thị Sáu")
# Rows of files are not compared: a withholding adds a WARC file.
APART = {"warc_files", "withholdings", "history"}
RANDOM = {"record_id", "warc_file", "warc_offset", "warc_length"}


def act(
    archive: Path, do: str, text: str, *, at: datetime, reason: str = "lý do", by: str = "toà soạn"
) -> WithholdingResult:
    return carry_out(archive, Intent(do, text, reason, by), clock=lambda: at, warcinfo_fields=DESCRIBE)


def night_of_secret(night: Night, number: int) -> None:
    """Crawl the small portal with an article that is to be withheld; it changes, is linked to, and goes missing."""
    from tests.support.build import picture

    small_portal(night, edition=number)
    if number == 1:
        night.put_file(PHOTO, picture("green"))
    if number == 4:
        night.put_gone(SECRET.url)
    else:
        night.read(SECRET.url, article_page(TITLE, f"{LONG} Lần {number}.", images=[PHOTO]))
    if number == 2:
        linking = article_page("Bài khác có dẫn", f"{LONG} Xem thêm.")
        linking = linking.replace("</div></div>", f'<p><a href="{SECRET.url}">Xem</a></p></div></div>')
        night.read(new_address(888, "khac").url, linking)
        night.read(SECRET.url, article_page(TITLE, f"{LONG} Lần 2.", images=[PHOTO]), asked=new_address(999, "cu").url)


def make_nights(archive: Path, clock: Clock, *, first: int, last: int) -> None:
    for number in range(first, last + 1):
        with Night(archive, clock, with_adoption=True) as night:
            night_of_secret(night, number)
        clock.go_on(days=1)


def all_tables(archive: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read every row with its rowid, without the columns that differ between any two archives."""
    connection = sqlite3.connect(archive)
    found = {}
    try:
        names = connection.execute(
            "select name, sql from sqlite_master where type = 'table' and sql not like 'create virtual%' order by name"
        ).fetchall()
        for name, sql in names:
            if name.startswith(("_", "sqlite_", "articles_fts")) or name in APART:
                continue
            columns = [row[1] for row in connection.execute(f"pragma table_info({name})")]
            kept = [column for column in columns if name != "captures" or column not in RANDOM]
            key = "1" if "without rowid" in sql else "rowid"
            rows = connection.execute(f"select {key}, {', '.join(kept)} from {name}").fetchall()
            found[name] = sorted(rows, key=repr)
    finally:
        connection.close()
    return found


def differing(one: Path, other: Path) -> list[str]:
    """Name the tables in which two archives differ."""
    rows, others = all_tables(one), all_tables(other)
    assert rows.keys() == others.keys()
    return [name for name in rows if rows[name] != others[name]]


def leaks(archive: Path, words: tuple[str, ...] = WORDS) -> list[str]:
    """Find words in any column of any table and view, in the index's own pages, and in the bytes of the files."""
    found = []
    connection = sqlite3.connect(archive)
    try:
        tables = connection.execute("select name from sqlite_master where type in ('table', 'view')").fetchall()
        for (name,) in tables:
            for column in [row[1] for row in connection.execute(f'pragma table_info("{name}")')]:
                for word in words:
                    sql = f'select count(*) from "{name}" where instr(cast("{column}" as blob), cast(? as blob))'
                    if connection.execute(sql, (word,)).fetchone()[0]:
                        found.append(f"{name}.{column}: {word}")
    finally:
        connection.close()
    for path in (archive, archive.with_name(archive.name + "-wal")):
        data = path.read_bytes() if path.exists() else b""
        found += [f"{path.name}: {word}" for word in words if word.encode() in data]
    return found


taken = 0


def step() -> None:
    global taken
    taken += 1
    if taken == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)


class Connection(sqlite3.Connection):
    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        found = super().execute(*arguments)
        step()
        return found

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        found = super().executemany(*arguments)
        step()
        return found


def main() -> None:
    connect, sync = sqlite3.connect, os.fsync

    def force(handle: int) -> None:
        sync(handle)
        step()

    sqlite3.connect = lambda *words, **more: connect(*words, **{**more, "factory": Connection})  # type: ignore
    os.fsync = force  # type: ignore[assignment]
    archive, clock = Path(sys.argv[1]) / "archive.db", Clock()
    clock.go_on(days=5)
    if sys.argv[2] == "night":
        with Night(archive, clock, with_adoption=True) as night:
            night_of_secret(night, 3)
    else:
        act(archive, sys.argv[2], SECRET.url, at=clock())
    sys.stdout.write(f"{taken}\n")


if __name__ == "__main__":
    main()
