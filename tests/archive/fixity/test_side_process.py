"""What a process beside compares is what this process would compare; without it, this process compares by itself."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.fixity import verify
from crawler.archive.fixity.facts import ComparedSums
from crawler.archive.fixity.index import ComparedIndex
from crawler.archive.fixity.side_process import asking
from crawler.archive.fixity.side_process.asking import SideComparison
from crawler.archive.fixity.side_process.comparison import ComparedTexts, compare_texts
from tests.support.build import Clock
from tests.support.withholding import SECRET, act, make_nights


@pytest.fixture(params=["public", "withheld"])
def archive(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path, clock = tmp_path / "archive.db", Clock()
    make_nights(path, clock, first=1, last=3)
    if request.param == "withheld":
        act(path, "withhold", SECRET.url, at=clock())
    return path


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a small archive have a process too, also on a machine of one core."""
    monkeypatch.setattr(asking, "LEAST_BYTES", 0)
    monkeypatch.setattr(asking, "count_cores", lambda: 2)


def _alter(archive: Path, sql: str) -> None:
    with closing(sqlite3.connect(archive, isolation_level=None)) as connection:
        assert connection.execute(sql).rowcount > 0


def _result(archive: Path) -> ComparedTexts:
    with SideComparison(archive) as texts:
        return texts.result()


@pytest.mark.usefixtures("beside")
def test_a_sound_archive_gives_nothing(archive: Path) -> None:
    assert _result(archive) == ComparedTexts(ComparedIndex(), ComparedSums())
    assert verify(archive).findings == []


@pytest.mark.usefixtures("beside")
def test_the_process_finds_what_this_one_finds(archive: Path) -> None:
    _alter(archive, "update articles set body = body || ' Kinh phí 12 triệu đồng.'")
    _alter(archive, "update articles_fts_config set v = 5 where k = 'version'")
    found = _result(archive)
    assert found == compare_texts(archive)
    assert found.sums is not None
    assert found.sums.odd
    assert found.index != ComparedIndex()


@pytest.mark.usefixtures("beside")
def test_a_verification_says_what_the_process_found(archive: Path) -> None:
    _alter(archive, "insert into revision_sums values (999, 1, 0, 'body', 0, 1, 1, null, '1', '1')")
    assert any("revision 1 of article 999" in one for one in verify(archive).differences)


def test_a_process_that_cannot_read_leaves_the_comparison_to_this_one(
    archive: Path, beside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = verify(archive)
    (archive.parent / "other").mkdir()
    (archive.parent / "other" / "archive.db").write_bytes(b"no database")
    assert _result(archive.parent / "other" / "archive.db") == ComparedTexts()

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no process can be started")

    monkeypatch.setattr(asking.side_process, "start", refuse)
    assert _result(archive) == ComparedTexts()
    assert verify(archive) == expected


def test_a_small_archive_starts_no_process(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking.side_process, "start", None)
    assert verify(archive).findings == []
