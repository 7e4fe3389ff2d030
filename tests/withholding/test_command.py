"""`withhold` and `release` from the command line: what is meant, exit codes, proposals, and a crawl under way."""

import json
import resource
from pathlib import Path

import pytest

from crawler.archive.fixity import verify
from crawler.replica import Replica
from tests.support.build import BASE, Clock, Night, article_page, make_archive, new_address, read_rows
from tests.support.crawling import ROOT, Ended, command, environment, rows, start, write_profile
from tests.support.withholding import leaks

PUBLIC = ("--reason", "lộ thông tin cá nhân", "--by", "Ban biên tập")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("made"), nights=2)


def say(archive: Path, do: str, *what: str) -> Ended:
    return command(do, *what, *PUBLIC, "--archive", archive)


def test_an_article_is_meant_by_id_and_by_any_address(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    old = f"{BASE}/1227/27461/54439/103/tin-tuc/ba?fbclid=x"
    for what in ("3", "article:3", old, old.replace("https://", ""), "http://127.0.0.1:8001/article/3?lang=en"):
        done = say(archive, "withhold", what)
        assert (done.code, done.err) == (0, ""), done
        assert read_rows(archive, "select max(id), kind, what from withholdings where released_at is null")[0][1:] == (
            "article", "3",
        )  # fmt: skip
        again = say(archive, "withhold", "3")
        assert again.code == 0
        assert "already" in again.out
        assert say(archive, "release", "3").code == 0
    assert read_rows(archive, "select count(*) from articles") == [(3,)]
    assert verify(archive).differences == []


def test_files_and_captures_are_meant_by_digest_address_and_id(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    ((image, url),) = read_rows(archive, "select sha256, url from files where role = 'image' and sha256 is not null")
    ((attachment,),) = read_rows(archive, "select sha256 from attachments")
    for what, kind in (
        (url, "image"), (image.upper(), "image"), (f"attachment:{attachment}", "attachment"), ("capture:1", "capture"),
    ):  # fmt: skip
        assert say(archive, "withhold", what).code == 0
        assert read_rows(archive, "select kind from withholdings where released_at is null") == [(kind,)]
        assert say(archive, "release", what).code == 0
    assert verify(archive).differences == []


@pytest.mark.parametrize(
    "what", ["99", "capture:9999", "image:" + "0" * 64, "một bài nào đó", "https://sapa.example.vn/khong-co", "-1", ""]
)
def test_what_is_unclear_is_wrong_use_and_one_line(what: str, made: Path) -> None:
    ended = say(made, "withhold", f"{what}")
    assert ended.code == 2
    assert ended.out == ""


@pytest.mark.parametrize(
    "words", [["1"], ["1", "--reason", "x"], ["1", "--by", "x"], ["1", "--reason", " ", "--by", "x"]]
)
def test_reason_and_decider_are_both_needed(words: list[str], made: Path) -> None:
    for do in ("withhold", "release"):
        ended = command(do, *words, "--archive", made)
        assert ended.code == 2
        assert len(ended.err.strip().splitlines()) == 1


def test_a_reason_that_tells_the_title_is_refused(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    with Night(archive, clock) as night:
        night.read(new_address(1, "bi-mat").url, article_page("Chuyện bí mật của ông A", "Thân bài có đủ chữ."))
    ended = command("withhold", "1", "--reason", "bài CHUYEN BI MAT CUA ONG A", "--by", "x", "--archive", archive)
    assert ended.code == 2
    assert "public" in ended.err


def test_what_is_not_withheld_cannot_be_released(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    assert say(archive, "release", "1").code == 2
    ((sha256,),) = read_rows(archive, "select sha256 from images")
    assert say(archive, "withhold", "1").code == 0
    ended = say(archive, "release", f"image:{sha256}")
    assert ended.code == 2
    assert "with article 1" in ended.err


def test_without_an_archive_nothing_is_made(tmp_path: Path) -> None:
    assert say(tmp_path / "archive.db", "withhold", "1").code == 1
    assert list(tmp_path.iterdir()) == []


def test_proposals_name_places_and_withhold_nothing(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    with Night(archive, clock) as night:
        for number in range(1, 7):
            body = (
                f"Liên hệ 0912 345 678 để biết thêm. Quyết định 12345678{number}/QĐ-UBND, 12.345.678.90{number} đồng."
            )
            if number == 5:
                body += " Ông Sùng A Lử, CCCD số 010090001234, ĐT 0987.654.321, trú tại thôn 2."
            night.read(new_address(number, f"tin-{number}").url, article_page(f"Thông báo số {number}", body))
    ended = command("withhold", "--proposals", "--json", "--archive", archive)
    assert ended.code == 0
    found = json.loads(ended.out)
    assert {(one["place"], one["kind"], one["shown"]) for one in found} == {
        ("article:5", "identity", "010******234"), ("article:5", "telephone", "098****321"),
    }  # fmt: skip
    assert "010090001234" not in ended.out
    assert read_rows(archive, "select count(*) from withholdings") == [(0,)]
    assert command("withhold", "1", "--proposals", "--archive", archive).code == 2


@pytest.mark.slow
def test_a_crawl_under_way_withholds_at_once_and_ends_well(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=60) as portal:
        first = write_profile(portal, tmp_path, pace={"delay_seconds": 0})
        assert command("crawl", "--portal", first, "--archive", archive).code == 0
        row = rows(archive, "select id, title, url from articles order by id limit 1")[0]
        slow = write_profile(portal, tmp_path, pace={"delay_seconds": 0.3})
        crawl = start("crawl", "--portal", slow, "--archive", archive, "--full")
        try:
            while not rows(archive, "select 1 from crawls where outcome = 'running'"):
                assert crawl.poll() is None
            done = say(archive, "withhold", str(row["id"]))
            assert done.code == 0, done
            assert crawl.poll() is None, "the crawl was over too soon to prove anything"
            assert leaks(archive, (row["url"].rpartition("/")[2],)) == []
            _, err = crawl.communicate(timeout=200)
            assert crawl.returncode == 0, err
        finally:
            crawl.kill()
            crawl.communicate()
    assert leaks(archive, (row["url"].rpartition("/")[2],)) == []
    assert command("verify", "--archive", archive).code == 0
    assert say(archive, "release", str(row["id"])).code == 0
    assert rows(archive, "select title from articles where id = ?", row["id"])[0]["title"] == row["title"]


def test_the_tests_ask_the_program_of_this_checkout() -> None:
    assert (ROOT / "crawler" / "withholding").is_dir()
    assert "PORTAL_ARCHIVE_NOW" not in environment()


@pytest.mark.parametrize("bytes_left", [40_000, 60_000, 120_000, 200_000])
def test_an_act_that_cannot_be_written_says_so_in_one_line(tmp_path: Path, bytes_left: int) -> None:
    archive = make_archive(tmp_path)

    def fill_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, bytes_left))

    ended = command("withhold", "3", *PUBLIC, "--archive", archive, preexec_fn=fill_disk)
    assert ended.code == 1
    assert ended.err.count("\n") == 1, ended.err
    assert "archive.db: cannot be written: " in ended.err or "withheld.db: cannot be used: " in ended.err
    assert say(archive, "withhold", "3").code == 0
    assert verify(archive).differences == []
