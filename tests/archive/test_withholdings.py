"""The table of withholdings: an entry that names nothing is refused, so that no row stops every later start."""

from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.database import open_for_writing
from crawler.archive.warc.ledger import Released, Withheld
from crawler.archive.withheld.reach import find_reach
from crawler.archive.withholdings import put_released, put_withheld, read_active
from crawler.errors import WarcError
from tests.support.build import make_archive

AT = "2026-09-01T00:00:00Z"


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("article", "abc"), ("article", "99999999999999999999999"), ("article", ""), ("article", "-1"),
        ("article", "²"), ("capture", "1.5"), ("image", "1"), ("attachment", "AA" * 32), ("mystery", "1"),
    ],
)  # fmt: skip
def test_an_entry_that_names_nothing_is_refused(tmp_path: Path, kind: str, what: str) -> None:
    with closing(open_for_writing(tmp_path / "archive.db")) as connection:
        with pytest.raises(WarcError, match="withholding 1"):
            put_withheld(connection, Withheld(1, AT, kind, what, "lý do", "toà soạn"))
        assert read_active(connection) == []


def test_the_release_of_nothing_is_refused(tmp_path: Path) -> None:
    with closing(open_for_writing(tmp_path / "archive.db")) as connection:
        put_withheld(connection, Withheld(1, AT, "article", "7", "lý do", "toà soạn"))
        with pytest.raises(WarcError, match="withholding 77"):
            put_released(connection, Released(77, AT, "lý do", "toà soạn"))
        put_released(connection, Released(1, AT, "lý do", "toà soạn"))
        assert read_active(connection) == []


@pytest.fixture
def looping(tmp_path: Path) -> Path:
    archive = make_archive(tmp_path)
    with closing(open_for_writing(archive)) as connection:
        connection.execute("pragma foreign_keys = off")
        connection.execute("insert into article_redirects (id, article_id) values (1, 1)")
    return archive


def test_a_redirect_to_itself_ends(looping: Path) -> None:
    with closing(open_for_writing(looping)) as connection:
        put_withheld(connection, Withheld(1, AT, "article", "1", "lý do", "toà soạn"))
        assert 1 in find_reach(connection, read_active(connection)).articles
