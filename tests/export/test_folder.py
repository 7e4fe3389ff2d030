"""Exports have the rows of the archive at one moment, in every format; an incomplete one does not show."""

import csv
import hashlib
import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import parquet

from crawler.errors import ArchiveLockedError, WrongUseError
from crawler.export.folder import FORMATS, export_archive, export_query
from crawler.export.package import read_package
from tests.support.archives.rows import change, utc
from tests.support.build import Clock, Night, article, make_archive, new_address, read_rows
from tests.support.crawling import command
from tests.support.web_archive import Site

NOW = utc("2026-09-05T00:00:00Z")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_archive(tmp_path, nights=2)


@pytest.fixture
def site(archive: Path) -> Iterator[Site]:
    export_archive(archive, archive.parent / "exports", now=NOW)
    opened = Site(archive)
    yield opened
    opened.close()


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_public_table_is_exported_in_every_format_with_the_same_rows(archive: Path, tmp_path: Path) -> None:
    done = export_archive(archive, tmp_path / "out", now=NOW)
    names = {file.name.rpartition(".")[0] for file in done.files if file.rows is not None}
    assert {"articles", "revisions", "captures", "removals", "article_images"} <= names
    assert not {name for name in names if name.startswith(("articles_fts", "articles_text", "search_meta", "_sqlite"))}
    snapshot = sqlite3.connect(tmp_path / "out" / "archive.db")
    for name in names:
        (count,) = snapshot.execute(f"select count(*) from {name}").fetchone()
        assert (
            len(_csv(tmp_path / "out" / f"{name}.csv"))
            == count
            == read_rows(archive, f"select count(*) from {name}")[0][0]
        )
        assert parquet.read_metadata(tmp_path / "out" / f"{name}.parquet").num_rows == count
    snapshot.close()


def test_texts_and_types_are_exported_unchanged(archive: Path, tmp_path: Path) -> None:
    export_archive(archive, tmp_path / "out", now=NOW)
    rows = read_rows(archive, "select id, title, body, byline, published_on, first_seen_at from articles order by id")
    told = sorted(_csv(tmp_path / "out" / "articles.csv"), key=lambda row: int(row["id"]))
    assert [(row["title"], row["body"], row["byline"] or None) for row in told] == [row[1:4] for row in rows]
    table = parquet.read_table(tmp_path / "out" / "articles.parquet").sort_by("id").to_pylist()
    for row, (article_id, title, _, byline, on, at) in zip(table, rows, strict=True):
        assert (row["id"], row["title"], row["byline"]) == (article_id, title, byline)
        assert (row["published_on"].isoformat() if row["published_on"] else None) == on
        assert row["first_seen_at"] == utc(at)
    assert b"\r\n" in (tmp_path / "out" / "articles.csv").read_bytes()
    assert "thumbnail" not in parquet.read_schema(tmp_path / "out" / "images.parquet").names


def test_digests_and_descriptions_match_the_files(archive: Path, tmp_path: Path) -> None:
    export_archive(archive, tmp_path / "out", now=NOW)
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text(encoding="utf-8"))
    assert package["created"] == "2026-09-05T00:00:00Z"
    for resource in package["resources"]:
        data = (tmp_path / "out" / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
        assert resource["bytes"] == len(data)
    (articles,) = [one for one in package["resources"] if one["path"] == "articles.csv"]
    fields = {field["name"]: field for field in articles["schema"]["fields"]}
    assert fields["published_on"]["type"] == "date"
    assert all(field["description"] for field in fields.values())
    assert articles["schema"]["primaryKey"] == ["id"]


def test_a_new_export_replaces_the_old_one_and_keeps_other_files(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_archive(archive, out, now=NOW)
    (out / "mine.txt").write_text("x")
    export_archive(archive, out, formats=("csv",), now=NOW)
    assert not list(out.glob("*.parquet"))
    assert not (out / "archive.db").exists()
    assert (out / "articles.csv").is_file()
    assert (out / "mine.txt").is_file()
    assert not (out / ".part").exists()


def test_a_failed_export_keeps_the_old_one_complete(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    export_archive(archive, out, now=NOW)
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}

    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("crawler.export.folder.render_sums", break_off)
    with pytest.raises(KeyboardInterrupt):
        export_archive(archive, out, now=NOW)
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before


def test_an_invalid_day_is_exported_as_text(archive: Path, tmp_path: Path) -> None:
    change(archive, "update articles set published_on = 'hôm qua' where id = 1")
    export_archive(archive, tmp_path / "out", formats=("parquet",), now=NOW)
    table = parquet.read_table(tmp_path / "out" / "articles.parquet").sort_by("id").to_pylist()
    assert table[0]["published_on"] == "hôm qua"


def test_thumbnails_can_be_left_out_of_the_snapshot(archive: Path, tmp_path: Path) -> None:
    for leave_out, least in (((), 1), (("thumbnails",), 0)):
        export_archive(archive, tmp_path / "out", formats=("sqlite",), now=NOW, leave_out=leave_out)
        snapshot = sqlite3.connect(tmp_path / "out" / "archive.db")
        assert snapshot.execute("select count(thumbnail) from images").fetchone()[0] == least
        snapshot.close()


def test_an_export_while_a_run_writes_has_the_committed_rows(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Night(archive, Clock()) as night:
        night.put(article("Một"), new_address(1))
        night.writer.commit().result()
        night.put(article("Hai"), new_address(2))
        export_archive(archive, tmp_path / "out", now=NOW)
    assert [row["title"] for row in _csv(tmp_path / "out" / "articles.csv")] == ["Một"]


def test_a_whole_query_is_written_and_missing_parameters_are_empty(archive: Path, tmp_path: Path) -> None:
    done = export_query(archive, tmp_path, query="articles_a_month", parameters={}, formats=("csv", "parquet"))
    assert [file.name for file in done.files] == ["articles_a_month.csv", "articles_a_month.parquet"]
    sql = "select id, title from articles where id = :n"
    export_query(archive, tmp_path, query=sql, parameters={"n": "2"}, formats=("csv",))
    assert [row["id"] for row in _csv(tmp_path / "query.csv")] == ["2"]
    other = tmp_path / "other.db"
    for wrong in ("selec 1", "delete from articles", "select 1 as a, 2 as a", sql, f"attach '{other}' as other"):
        with pytest.raises(WrongUseError):
            export_query(archive, tmp_path, query=wrong, parameters={}, formats=("csv",))
    assert not other.exists()
    assert read_rows(archive, "select count(*) from articles")[0][0] > 0


def test_the_command_writes_beside_the_archive_and_refuses_wrong_use(archive: Path, tmp_path: Path) -> None:
    ended = command("export", "--archive", archive)
    assert ended.code == 0, ended.err
    assert read_package(archive.parent / "exports") is not None
    for wrong in (("--format", "xls"), ("--set", "a=b"), ("--query", "nothing")):
        ended = command("export", "--archive", archive, *wrong)
        assert ended.code == 2
        assert len(ended.err.strip().splitlines()) == 1
    assert command("export", "--archive", tmp_path / "none.db").code == 1


def test_a_second_export_into_a_folder_in_use_is_refused(archive: Path, tmp_path: Path) -> None:
    from crawler.archive.lock import hold_lock

    (tmp_path / "out").mkdir()
    with hold_lock(tmp_path / "out" / ".lock", "x"), pytest.raises(ArchiveLockedError):
        export_archive(archive, tmp_path / "out", formats=FORMATS, now=NOW)


def test_the_site_offers_the_files_of_the_package_only(site: Site, archive: Path) -> None:
    assert 'href="/downloads/articles.csv"' in site.get("/downloads").text
    whole = (archive.parent / "exports" / "articles.csv").read_bytes()
    answer = site.get("/downloads/articles.csv")
    assert (answer.status_code, answer.content) == (200, whole)
    part = site.get("/downloads/articles.csv", Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, whole[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert site.get("/downloads/articles.csv", Range=f"bytes={len(whole)}-").status_code == 416
    assert site.get("/downloads/articles.csv", Range="bytes=0-1", If_Range='"other"').content == whole
    assert site.get("/downloads/articles.csv", If_None_Match=answer.headers["etag"]).status_code == 304
    (archive.parent / "exports" / "secret.csv").write_text("x")
    for path in ("secret.csv", ".lock", "..%2farchive.db", "%2e%2e/archive.db", "articles.csv%00"):
        assert site.get(f"/downloads/{path}").status_code in (302, 400, 404), path


def test_the_snippets_of_the_documentation_run(archive: Path) -> None:
    export_archive(archive, archive.parent / "exports", now=NOW)
    text = (Path(__file__).parents[2] / "docs" / "analysts.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(snippets) == 2
    for snippet in snippets:
        done = subprocess.run(
            [sys.executable, "-c", snippet], cwd=archive.parent, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()


def test_a_link_out_of_the_folder_is_not_followed(site: Site, archive: Path) -> None:
    path = archive.parent / "exports" / "articles.csv"
    path.unlink()
    path.symlink_to(archive)
    assert site.get("/downloads/articles.csv").status_code == 404


def test_without_an_export_the_page_says_so(tmp_path: Path) -> None:
    site = Site(make_archive(tmp_path))
    try:
        assert site.get("/downloads").status_code == 200
        assert site.get("/downloads/articles.csv").status_code == 404
    finally:
        site.close()


def test_an_export_older_than_a_withholding_is_not_sent(site: Site, archive: Path) -> None:
    path = archive.parent / "exports" / "datapackage.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said["archive"]["last_withholding"] = -1
    path.write_text(json.dumps(said), encoding="utf-8")
    assert site.get("/downloads/articles.csv").status_code == 451
    assert "articles.csv" not in site.get("/downloads").text
