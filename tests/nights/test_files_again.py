"""Whole crawls on later nights: replaced files, files that are none, downloads without a name, hosts that are down."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from crawler.replica import Replica
from tests.support.crawling import Ended, command, crawl, rows, tables, value

KINDS = (
    "file-replaced", "file-replaced-bare", "file-replaced-304", "file-fails-conditionally", "file-text", "file-json",
    "file-page", "file-half",
)  # fmt: skip
LATE_NIGHTS = 4


def night(portal: Replica, folder: Path, number: int, *arguments: str, **overrides: object) -> Ended:
    now = f"{date(2025, 6, 1) + timedelta(days=number)}T01:00:00+07:00"
    portal.forget_requests()
    return crawl(portal, folder, *arguments, extra={"PORTAL_ARCHIVE_NOW": now}, **overrides)


def path_of(url: str) -> str:
    return unquote(urlsplit(url).path)


@dataclass(frozen=True)
class Story:
    """An archive whose portal replaced files after the first night, the file of each fault, and how nights ended."""

    archive: Path
    files: dict[str, str]
    codes: list[int]

    def changes(self, kind: str) -> list[tuple[str, int]]:
        """Give what happened to the file of a fault: the kind of event, and the night."""
        told = rows(
            self.archive, "select kind, date(at, '+7 hours') as night from file_events where url = ? order by id",
            self.files[kind],
        )  # fmt: skip
        return [(row["kind"], (date.fromisoformat(row["night"]) - date(2025, 6, 1)).days) for row in told]

    def revisions(self, kind: str) -> int:
        sql = """select max(r.number) from revisions r join revision_attachments a on a.article_id = r.article_id
          and a.number = r.number where a.url = ?"""
        return int(value(self.archive, sql, self.files[kind]))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One clean night, then four on which every file was asked for again."""
    folder = tmp_path_factory.mktemp("files")
    with Replica(articles=60) as portal:
        codes = [night(portal, folder, 1).code]
        held = rows(
            folder / "archive.db",
            """select f.url from files f join attachments a on a.sha256 = f.sha256 where role = 'attachment'
               and a.size_bytes > 4096 and a.media_type = 'application/pdf'
               and (select count(*) from article_attachments t where t.url = f.url) = 1
               and f.url like ? order by f.url""",
            # All on one host, since the one that fails on conditions decides how its host is asked.
            f"http://{portal.files_host}/%",
        )
        files = dict(zip(KINDS, (row["url"] for row in held), strict=False))
        assert len(files) == len(KINDS)
        for kind, url in files.items():
            portal.faults.set(path_of(url), kind)
        codes += [night(portal, folder, 2 + number, "--full", "--files").code for number in range(LATE_NIGHTS)]
    return Story(folder / "archive.db", files, codes)


@pytest.mark.slow
def test_every_night_is_complete(story: Story) -> None:
    assert story.codes == [0] * (1 + LATE_NIGHTS)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["file-replaced", "file-replaced-bare"])
def test_a_replaced_file_is_a_revision_on_its_night(story: Story, kind: str) -> None:
    assert (story.changes(kind), story.revisions(kind)) == ([("replaced", 2)], 2)


@pytest.mark.slow
def test_a_server_that_says_304_wrongly_is_found_out_by_a_plain_look(story: Story) -> None:
    # Here it is the third: another file of the host fails on conditions, so the host is asked plainly from then on.
    assert (story.changes("file-replaced-304"), story.revisions("file-replaced-304")) == ([("replaced", 3)], 2)


@pytest.mark.slow
def test_a_server_that_fails_on_conditional_requests_is_asked_plainly(story: Story) -> None:
    assert story.changes("file-fails-conditionally") == []
    url = story.files["file-fails-conditionally"]
    assert rows(story.archive, "select kind from crawl_errors where url = ?", url) == []
    assert value(story.archive, "select count(*) from captures where url = ? and status = 200", url) == 1 + LATE_NIGHTS


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["file-text", "file-json", "file-page"])
def test_what_is_no_file_leaves_the_old_one(story: Story, kind: str) -> None:
    assert (story.changes(kind), story.revisions(kind)) == ([("gone", 2)], 1)
    assert value(
        story.archive, "select sha256 is not null and error = 'not-a-file' from files where url = ?", story.files[kind]
    )


@pytest.mark.slow
def test_half_a_file_leaves_the_whole_one_until_it_comes_again(story: Story) -> None:
    assert (story.changes("file-half"), story.revisions("file-half")) == ([("replaced", 3)], 2)


@pytest.mark.slow
def test_no_other_article_has_a_second_revision_and_a_rebuild_is_equal(story: Story, tmp_path: Path) -> None:
    assert value(story.archive, "select count(*) from revisions where number > 1") == 4
    assert command("rebuild", "--archive", story.archive, "--into", tmp_path / "new.db").code == 0
    assert tables(story.archive) == tables(tmp_path / "new.db")
    verified = command("verify", "--archive", story.archive)
    assert verified.code == 0, verified.out


def test_a_file_host_that_is_down_makes_the_night_partial_and_its_files_come_the_next_night(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    # The first try of a host that is down is its robots.txt.
    missing = """select count(*) from files where role <> 'requisite' and sha256 is null
      and error in ('connection-lost', 'no-answer', 'robots-not-now', 'host-down')"""
    with Replica(articles=40) as portal:
        portal.faults.set("@file-host", "reset")
        down = night(portal, tmp_path, 1)
        assert down.code == 3, down.out
        assert portal.files_host in value(archive, "select reason from crawls")
        assert value(archive, "select reason_kind from crawls") in ("files-missing", "file-host-down")
        assert value(archive, missing) > 10
        portal.faults.clear()
        well = night(portal, tmp_path, 2)
        assert well.code == 0, well.out
    assert value(archive, missing) == 0
    assert value(archive, "select count(*) from revisions where number > 1") == 0


def test_files_on_a_host_that_the_profile_does_not_name_make_the_night_partial(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        unnamed = night(portal, tmp_path, 1, asset_hosts=["cdn.example.vn"])
        assert unnamed.code == 3, unnamed.out
        reason = value(archive, "select reason from crawls")
        assert f"lie on {portal.files_host}, which the profile does not name" in reason
        assert "asset_hosts" in reason
        assert [one for one in portal.requests if one.server == "files"] == []
        named = night(portal, tmp_path, 2)
        assert named.code == 0, named.out
    assert (
        value(archive, "select count(*) from files where sha256 is not null and url like ?", f"%{portal.files_host}%")
        > 10
    )


def test_downloads_without_a_name_are_attachments_by_what_they_answer(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=24) as portal:
        portal.faults.set("@articles", "with-download")
        portal.faults.set("^/DownloadFile.ashx", "file-named")
        portal.faults.set("/huong-dan/xem", "soft404")
        assert night(portal, tmp_path, 1).code == 0
        asked = [one.path for one in portal.requests if one.path.startswith("/huong-dan/xem")]
        assert len(asked) == 1
        assert night(portal, tmp_path, 2, "--full").code == 0
        assert [one.path for one in portal.requests if one.path.startswith(("/huong-dan", "/DownloadFile"))] == []
    articles = value(archive, "select count(*) from articles")
    found = rows(
        archive, "select label, attachment_sha256 from article_attachments where url like '%/DownloadFile.ashx%'"
    )
    assert len(found) > articles / 2
    assert all(row["label"] == "Tải về" and row["attachment_sha256"] for row in found)
    assert value(archive, "select count(*) from article_attachments where url like '%/huong-dan/%'") == 0
    assert value(archive, "select count(*) from crawl_errors where url like '%/huong-dan/%'") == 0
    assert value(archive, "select distinct name from files where url like '%/DownloadFile.ashx%'") == "Quyết định.pdf"
    assert value(archive, "select count(*) from revisions where number > 1") == 0


def test_files_is_wrong_use_without_full(tmp_path: Path) -> None:
    ended = command("crawl", "--portal", "sapa", "--archive", tmp_path / "a.db", "--files")
    assert (ended.code, (tmp_path / "a.db").exists()) == (2, False)
    assert "--full" in ended.err
