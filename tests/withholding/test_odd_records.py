"""Withholding goes past records that no database can hold, which a dead run left, and names them."""

import gzip
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.archive.fixity import verify
from crawler.archive.warc.reader import warc_files
from crawler.archive.warc.writer import new_record_id, render_exchange
from tests.support.archives.rows import copy_archive
from tests.support.build import BASE, Clock, Night, exchange, read_rows
from tests.support.withholding import SECRET, act, night_of_secret


def _date(by: bytes) -> Callable[[bytes], bytes]:
    return lambda plain: re.sub(rb"WARC-Date: [^\r]*", b"WARC-Date: " + by, plain)


def _same(plain: bytes) -> bytes:
    return plain


@pytest.mark.parametrize(
    ("status", "edit"),
    [(2**64, _same), (200, _date(b"2026-02-31T00:00:00Z")), (200, _date(b"yesterday")), (200, _date(b"9" * 400))],
)
def test_a_record_that_no_row_can_hold_as_it_is_hinders_no_withholding(
    tmp_path: Path, clock: Clock, status: int, edit: Callable[[bytes], bytes]
) -> None:
    archive = tmp_path / "alive" / "archive.db"
    with Night(archive, clock) as night:
        night_of_secret(night, 1)
    clock.go_on(days=1)
    alive = Night(archive, clock)
    alive.capture(f"{BASE}/x")
    dead = copy_archive(archive, tmp_path / "dead")
    alive.writer.commit().result()
    shutil.rmtree(dead.parent / "warc")
    shutil.copytree(alive.writer.folder, dead.parent / "warc")
    alive.writer.close()
    path = warc_files(dead.parent / "warc")[-1]
    odd = render_exchange(exchange(f"{BASE}/odd", b"x", status=status), new_record_id(), refers_to=None)
    parts = [one if isinstance(one, bytes) else b"".join(one) for one in odd]
    with path.open("ab") as stream:
        for part in parts:
            stream.write(gzip.compress(edit(gzip.decompress(part)), mtime=0))
    result = act(dead, "withhold", SECRET.url, at=clock())
    assert result is not None
    assert read_rows(dead, "select count(*) from captures where status = 451")[0][0] > 0
    found = read_rows(dead, "select status from captures where url like '%/odd'")
    lost = read_rows(dead, "select warc_file from losses")
    name = path.name.removesuffix(".open")
    assert (found, lost) in (([], [(name,)]), ([(None,)], []), ([(0,)], [])), (found, lost)
    assert verify(dead).differences == []
    act(dead, "release", SECRET.url, at=clock())
    assert verify(dead).differences == []
