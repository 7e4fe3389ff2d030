"""The rules of withholding: every table of the archive has one, and each rule is SQL that its table understands."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.database import open_for_writing
from crawler.archive.withheld.rows import read_tables
from crawler.archive.withheld.rules import PUBLIC, RULES, TableRule

PARAMETERS = ("articles", "addresses", "images", "attachments", "digests", "captures", "shown", "naming", "known")


def find_unruled(connection: sqlite3.Connection) -> set[str]:
    return read_tables(connection).keys() ^ RULES.keys()


def test_every_table_has_one_rule_and_a_new_table_lacks_one(archive: Path) -> None:
    with closing(open_for_writing(archive)) as connection:
        assert find_unruled(connection) == set()
        connection.execute("create table comments (article_id integer, text text)")
        assert find_unruled(connection) == {"comments"}


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule != PUBLIC])
def test_a_rule_names_columns_of_its_table(name: str, archive: Path) -> None:
    rule: TableRule = RULES[name]
    with closing(open_for_writing(archive)) as connection:
        columns = set(read_tables(connection)[name].columns)
        mentioned = {rule.mentions.column, *rule.mentions.also} if rule.mentions else set()
        assert {*rule.blanks, *mentioned} <= columns
        for condition in (rule.moved, rule.blanked, rule.mentions.where if rule.mentions else None):
            sql = f"select 1 from {name} where {condition or 'true'}"
            given = dict.fromkeys(PARAMETERS, "[]") | {"capture": 0, "error": 0}
            assert connection.execute(sql, given).fetchall() == []


def test_a_table_that_names_an_article_an_address_or_a_file_is_not_public_by_mistake(archive: Path) -> None:
    """Addresses in these are of what names nothing; the digest of a spare file is that of a whole WARC file."""
    with closing(open_for_writing(archive)) as connection:
        tables = read_tables(connection)
    telling = {"article_id", "url", "sha256", "image_sha256", "attachment_sha256", "capture_id"}
    public = {name for name, rule in RULES.items() if rule == PUBLIC and telling & set(tables[name].columns)}
    assert public == {"probes", "controls", "spare_files"}
