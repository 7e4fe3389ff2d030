"""Nights of a portal over https whose certificate is not valid."""

import json
import shutil
from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import Ended, command, crawl, rows
from tests.support.wire.certificates import Issued, issue, server_context

HOST = "127.0.0.1"


@pytest.fixture
def expired() -> Issued:
    return issue(HOST, days=(-90, -2))


def status(folder: Path) -> Ended:
    return command("status", "--archive", folder / "archive.db", "--json")


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
