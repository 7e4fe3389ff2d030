"""Nights of the replica, crawled by the command and told by `notify`: each message is what the night brought."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import command, crawl, rows
from tests.support.operations import Mailbox

NIGHTS = 3


@pytest.mark.slow
def test_nights_of_a_portal_are_told_each_exactly(tmp_path: Path, mailbox: Mailbox) -> None:
    archive = tmp_path / "archive.db"
    tables = (
        f'[[subscription]]\nname = "{only}"\nonly = "{only}"\nto = "{mailbox.target}"\n' for only in ("new", "changed")
    )
    (tmp_path / "subscriptions.toml").write_text("\n".join(tables))
    told: dict[str, list[int]] = {"new": [], "changed": []}
    site = {"PORTAL_ARCHIVE_SITE": "https://luutru.example.vn"}
    with Replica(articles=100) as portal:
        for night in range(1, NIGHTS + 1):
            portal.night = night
            at = datetime.fromisoformat("2026-09-01T18:30:00+00:00") + timedelta(days=night - 1)
            ended = crawl(portal, tmp_path, extra={"PORTAL_ARCHIVE_NOW": at.isoformat()})
            assert ended.code in (0, 3), ended.err
            later = {"PORTAL_ARCHIVE_NOW": (at + timedelta(hours=1)).isoformat()}
            for _ in range(2):
                said = command("notify", "--archive", archive, extra={**site, **later})
                assert said.code == 0, said.err
            for message in mailbox.take():
                name = re.findall("“(.*)”", message)[0]
                told[name] += [int(number) for number in re.findall(r"/article/([0-9]+)", message)]
    events = rows(archive, "select kind, article_id, at from article_events where at > '2026-09-02' order by id")
    for name, kind in (("new", "found"), ("changed", "revised")):
        happened = sorted(row["article_id"] for row in events if row["kind"] == kind)
        assert happened
        assert sorted(told[name]) == happened
