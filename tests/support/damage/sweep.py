"""Seeded alterations of an archive with everything in it, of any file and any row: what a stranger would try.

The archive was begun by 0.1.0 (files without record lists), has nights of today with pages that have an ETag and
answer 304, and withheld things.
"""

import gzip
import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from crawler.archive.database import open_for_writing
from crawler.archive.warc.ledger import PageRead
from crawler.extract.answer import read_page
from crawler.items import Purpose
from tests.support.build import Clock, Night, article_page, new_address
from tests.support.damage.alteration_lists import HARMLESS, LOSSY, OF_LISTS_AND_FOLDER
from tests.support.damage.alterations import members_of
from tests.support.withholding import LONG, SECRET, act, night_of_secret

FIXTURE = Path(__file__).parents[2] / "fixtures" / "archive-0.1.0"
TAGGED = [new_address(number, f"the-{number}") for number in (701, 702, 703)]
_LIST = ".sha256"
# A person's notes are not part of the archive. Two missing files give two lines.
_NOT_ONE_LINE = {"notes beside", "no file at all"}
# Names of migrations are checked at opening.
_NAMES = "name not like 'sqlite_%' and name not like 'articles_fts%' and name <> '_sqlite_migrations'"


def build_archive(folder: Path) -> Path:
    """Build the archive: the nights of 0.1.0, four of today, things withheld and released between them."""
    shutil.copytree(FIXTURE, folder)
    archive, clock = folder / "archive.db", Clock()
    for number in range(1, 5):
        with Night(archive, clock, with_adoption=True) as night:
            night_of_secret(night, number)
            _read_tagged(night, is_first=number == 1)
        clock.go_on(days=1)
        if number in (2, 3):
            act(archive, "withhold", [SECRET.url, TAGGED[1].url][number - 2], at=clock())
    with closing(open_for_writing(archive)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    return archive


def _read_tagged(night: Night, *, is_first: bool) -> None:
    """Read pages that have an ETag: whole at first, then as answers 304."""
    for number, at in enumerate(TAGGED):
        tag = [(b"ETag", b'"v%d"' % number)]
        if is_first:
            night.read(at.url, article_page(f"Bài có thẻ {number}", f"{LONG} Thẻ {number}."), headers=tag)
            continue
        found = night.capture(at.url, b"", status=304, headers=tag)
        answer = night.queries.answer(found)
        reading, addresses = read_page(
            answer, Purpose.ARTICLE, asked=at.url, listing=None, page=None, profile=night.profile
        )
        entry = PageRead(found.record_id, Purpose.ARTICLE.value, at.url)
        night.writer.apply_page(entry, reading, addresses=addresses).result()


@dataclass(frozen=True)
class Alteration:
    """An alteration in words; `alter` does it to an archive, and returns False if it alters nothing there.

    The line that says so has one of `names` in it.
    """

    what: str
    alter: Callable[[Path], bool]
    names: tuple[str, ...]


def make_alterations(archive: Path, *, seed: int, rows: int, files: int) -> Iterator[Alteration]:
    """Choose alterations by a seed: so many of rows, a quarter of them of the withheld database, and of files."""
    rng = Random(seed)
    for number in range(rows):
        yield _alter_row(archive if number % 4 else archive.with_name("withheld.db"), rng)
    for _ in range(files):
        yield rng.choice([_alter_pair, _alter_record])(archive, rng)


def copy_whole(archive: Path, into: Path) -> Path:
    """Copy an archive with everything beside it."""
    shutil.copytree(archive.parent, into)
    return into / archive.name


def _alter_row(database: Path, rng: Random) -> Alteration:
    """Choose a row of any table, and the alteration."""
    with closing(sqlite3.connect(database)) as connection:
        names = [
            row[0] for row in connection.execute(f"select name from sqlite_master where type='table' and {_NAMES}")
        ]
        counts = {name: connection.execute(f"select count(*) from {name}").fetchone()[0] for name in names}
        table = rng.choice([name for name in names if counts[name]])
        info = connection.execute(f"pragma table_info({table})").fetchall()
        columns, keys = [row[1] for row in info], [row[1] for row in info if row[5]]
        where = " and ".join(f"{key} is ?" for key in keys or ["rowid"])
        picked = f"select {', '.join(keys or ['rowid'])}, * from {table} limit 1 offset {rng.randrange(counts[table])}"
        row = connection.execute(picked).fetchone()
    width = len(keys) or 1
    key, values = row[:width], dict(zip(columns, row[width:], strict=True))
    what = rng.choice(["update", "update", "update", "delete", "insert"])
    parameters = list(key)
    if what == "delete":
        sql = f"delete from {table} where {where}"
    elif what == "insert":
        values |= {name: _another(values[name], rng) for name in keys or columns[:1]}
        sql = f"insert into {table} ({', '.join(values)}) values ({', '.join('?' * len(values))})"
        parameters = list(values.values())
    else:
        column = rng.choice(columns)
        sql = f"update {table} set {column} = ? where {where}"
        parameters = [_another(values[column], rng), *key]
    shown = ", ".join(str(one)[:40] for one in parameters)
    # A row of a WARC file is named by the file, what is withheld by the database.
    named = (table.strip("_"), table.removesuffix("s"), "warc/", "withheld")
    alter = partial(_execute, name=database.name, sql=sql, parameters=parameters)
    return Alteration(f"{database.name}: {sql} ({shown})", alter, named)


def _another(value: object, rng: Random) -> object:
    if value is None:
        return rng.choice(["x", 7])
    if isinstance(value, int):
        return rng.choice([value + 1, value + rng.randrange(2, 10**6), -value - 3])
    if isinstance(value, bytes):
        return rng.choice([value[:-1], value + b"x"]) if value else b"x"
    text = str(value)
    at = rng.randrange(len(text) + 1)
    others = (text[:at] + "x" + text[at:], text[:at], text + " ", text.swapcase())
    return rng.choice([one for one in others if one != text])


def _execute(archive: Path, *, name: str, sql: str, parameters: list[object]) -> bool:
    with closing(sqlite3.connect(archive.with_name(name), isolation_level=None)) as connection:
        try:
            return connection.execute(sql, parameters).rowcount > 0
        except sqlite3.IntegrityError:
            return False


def _alter_pair(archive: Path, rng: Random) -> Alteration:
    """Choose one of the alterations of whole files, and two files for it."""
    every = {name: one for name, one in (LOSSY | HARMLESS | OF_LISTS_AND_FOLDER).items() if name not in _NOT_ONE_LINE}
    name = rng.choice(sorted(every))
    files = sorted(path.name for path in (archive.parent / "warc").glob("*.warc.gz"))
    chosen = rng.sample(files, 2)

    def alter(copy: Path) -> bool:
        folder, apart = copy.parent / "warc", copy.parent / "apart"
        apart.mkdir()
        for one in sorted(chosen):
            for path in (folder / one, folder / (one + _LIST)):
                if path.exists():
                    path.rename(apart / path.name)
        try:
            every[name](apart)
        except (IndexError, AssertionError):  # not of such files
            return False
        else:
            return True
        finally:
            for path in apart.iterdir():
                path.rename(folder / path.name)
            apart.rmdir()

    return Alteration(f"{name}: {sorted(chosen)}", alter, ("warc/",))


def _alter_record(archive: Path, rng: Random) -> Alteration:
    """Choose a record of any file, and the alteration."""
    files = sorted(path.name for path in (archive.parent / "warc").glob("*.warc.gz"))
    chosen, other = rng.sample(files, 2)
    kind = rng.choice(["delete", "twice", "swap", "move", "copy", "flip", "edit", "replace"])
    share, share_too, spot = rng.random(), rng.random(), rng.random()

    def alter(copy: Path) -> bool:
        path, second = (copy.parent / "warc" / name for name in (chosen, other))
        members, others = members_of(path), members_of(second)
        at, again, to = (
            int(one * len(of)) for one, of in ((share, members), (share_too, members), (share_too, others))
        )
        was = list(members)
        if kind == "delete":
            del members[at]
        elif kind == "twice":
            members.insert(again, members[at])
        elif kind == "swap":
            members[at], members[again] = members[again], members[at]
        elif kind == "move":
            others.insert(to, members.pop(at))
        elif kind == "copy":
            others.insert(to, members[at])
        elif kind == "replace":
            members[at] = others[to]
        elif kind == "flip":
            members[at] = _flipped(members[at], spot)
        else:
            members[at] = gzip.compress(_flipped(gzip.decompress(members[at]), spot), mtime=0)
        path.write_bytes(b"".join(members))
        second.write_bytes(b"".join(others))
        # Some bits of a gzip header mean nothing.
        return members != was and not (kind == "flip" and _unpacked(members[at]) == _unpacked(was[at]))

    return Alteration(
        f"{kind} a record: {chosen} {share:.4f} {share_too:.4f} {spot:.4f}, other file {other}",
        alter,
        ("warc/", "capture"),
    )


def _flipped(data: bytes, spot: float) -> bytes:
    at = int(spot * len(data))
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _unpacked(member: bytes) -> bytes | None:
    try:
        return gzip.decompress(member)
    except (OSError, EOFError, zlib.error):
        return None
