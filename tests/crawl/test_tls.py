"""Nights of a portal over https whose certificate is not valid."""

import json
import shutil
from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import Ended, command, crawl, rows, value
from tests.support.wire.certificates import Issued, issue, server_context

HOST = "127.0.0.1"


@pytest.fixture
def expired() -> Issued:
    return issue(HOST, days=(-90, -2))


def status(folder: Path) -> Ended:
    return command("status", "--archive", folder / "archive.db", "--json")


def test_a_bad_certificate_is_told_by_its_kind_and_had_by_its_pin(tmp_path: Path, expired: Issued) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=12, tls=server_context(tmp_path, expired)) as portal:
        assert crawl(portal, tmp_path, listings=["/thong-bao"]).code == 1
        told = rows(archive, "select distinct kind, message_kind, message_args, message from crawl_errors")
        assert [(row["kind"], row["message_kind"]) for row in told] == [("tls-self-signed", "tls-self-signed")]
        reason = value(archive, "select reason from crawls")
        line = json.loads(told[0]["message_args"])["way"]["args"]
        assert f'"{line["host"]}" = "{line["pin"]}"' in told[0]["message"]
        assert line["pin"] in reason
        pins = {line["host"]: line["pin"]}
        assert crawl(portal, tmp_path, listings=["/thong-bao"], tls={"pins": pins}).code == 0
    assert value(archive, "select count(*) from articles") > 0


def test_another_key_than_the_pinned_one_is_asked_nothing_and_makes_the_night_suspect(
    tmp_path: Path, expired: Issued
) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=12, tls=server_context(tmp_path, expired)) as portal:
        ended = crawl(portal, tmp_path, listings=["/thong-bao"], tls={"pins": {HOST: "0" * 64}})
        assert [logged for logged in portal.requests if logged.server == "site"] == []
    assert ended.code == 4, ended.err
    assert value(archive, "select reason_kind from crawls") == "key-changed"
    assert {row["kind"] for row in rows(archive, "select kind from crawl_errors")} == {"tls-pin-changed"}


def test_an_unverified_host_is_a_warning_that_names_its_pin_also_after_a_rebuild(
    tmp_path: Path, expired: Issued
) -> None:
    with Replica(articles=12, tls=server_context(tmp_path, expired)) as portal:
        ended = crawl(portal, tmp_path, listings=["/thong-bao"], tls={"verify": False})
        host = portal.hosts.pages
    assert ended.code == 0, ended.err
    assert "tls.verify = false" in ended.err
    told = json.loads(status(tmp_path).out)["warnings"]
    assert [(one["kind"], one["subject"], one["host"]) for one in told] == [
        ("tls-unverified", "replica", None), ("tls-unverified", "replica", host),
    ]  # fmt: skip
    assert f'"{host}" = "{told[1]["pin"]}"' in told[1]["sentence_en"]
    assert f'"{host}" = "{told[1]["pin"]}"' in told[1]["sentence_vi"]
    assert command("rebuild", "--archive", tmp_path / "archive.db", "--into", tmp_path / "again.db").code == 0
    kept, again = (
        [tuple(row) for row in rows(tmp_path / name, "select * from unverified_hosts")]
        for name in ("archive.db", "again.db")
    )
    assert kept == again != []
    shutil.move(tmp_path / "again.db", tmp_path / "archive.db")
    assert told[1]["sentence_en"] in "\n".join(command("status", "--archive", tmp_path / "archive.db").out.splitlines())
