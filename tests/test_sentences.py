"""The sentences of tables and ledger: made from kind and arguments, and read back from their prose."""

import ast
from pathlib import Path

import pytest

from crawler import sentences
from crawler.sentences import COLUMNS, MESSAGES, PAGES, REASONS, TEMPLATES, Sentence, from_columns, parse, say

PACKAGE = Path(sentences.__file__).parent
VALUES: dict[str, object] = {"begin": "'<html>'", "mark": "nv='1'", "system": "NukeViet", "expected_cms": "vnpt",
    "url": "https://sapa.laocai.gov.vn/tin/a;b-1", "listing": "https://sapa.laocai.gov.vn/tin", "host": "127.0.0.1:80",
    "address": "10.0.0.1", "title": "Ông \"A\" và 'B'; 3 listed articles could not be had", "old": "Cũ", "new": "It's",
    "media": "application/pdf",
    "cms": "vnpt", "coding": "zstd", "coding_name": "gzip", "fields": ["title", "body"], "state": "removed",
    "seen_on": "2025-06-02", "ends_on": "2025-06-02", "since": "2025-06-02T18:00:00Z",
    "miss": "soft-404", "seconds": 3.0, "suffix": ".pdf",
    "by": "the editor", "reason": "the office says so; by phone", "category": "tin-tuc",
    "old_id": "lci", "new_id": "hgg", "text": "database or disk is full", "error": "Error -3: a; b", "size": "20.0 GB",
    "free": "1.2 GB", "reserved": "2.0 GB", "looks": "nothing known", "request": "GET https://a.vn/b",
    "kind": "not-a-page",
    "no_list": say("list-is-article", url="https://sapa.laocai.gov.vn/tin"), "problem": say("answered", status=500),
    "missing": (say("page-missing", page=2, problem=say("answered", status=500)),
                say("page-missing", page=3, problem=say("other", text="[closed; lost]"))),
    "location": "mailto:a@b.vn",
    "names": "a.vn, b.vn", "issuer": "Sub CA; 2", "day": "2025-06-02", "pin": "sha256//AA=",
    "way": say("pin-line", host="a.vn:8443", pin="sha256//AA="),
    "signs": (say("title-changed", old="Cũ; mới", new="'"), say("menu-changed")),
}  # fmt: skip
GROUPS = [
    sentences.DETAILS,
    sentences.ILLNESSES,
    sentences.NO_LISTS,
    sentences.SIGNS,
    sentences.WAYS,
    sentences.PROBLEMS,
    PAGES,
    REASONS,
]


def _example(kind: str) -> Sentence:
    return say(kind, **{name: VALUES.get(name, 7) for name in sentences.fields_of(kind)})


@pytest.mark.parametrize("templates", GROUPS, ids=lambda group: next(iter(group)))
def test_every_sentence_is_read_back_from_its_prose(templates: dict[str, str]) -> None:
    for kind in templates:
        said = _example(kind)
        assert parse(str(said), templates) == said


def test_joined_sentences_that_hold_semicolons_are_parted_where_they_end() -> None:
    kinds = [kind for kind in REASONS if kind not in ("not-written", "home-failed", "stopped-early")]
    said = tuple(map(_example, kinds))
    assert sentences.parse_joined(str(sentences.join(said)), REASONS) == said


def test_free_text_is_kept_as_other() -> None:
    for column in COLUMNS:
        prose, kind, args = from_columns("disk I/O error; nobody knows why", column)
        assert (prose, kind) == ("disk I/O error; nobody knows why", "other")
        assert args is not None
        assert '"text":"disk I/O error; nobody knows why"' in args


def test_an_address_that_is_withheld_keeps_its_sentence() -> None:
    said = parse("withheld:3: expected an article, found a login page ('Đăng nhập')", MESSAGES)
    assert said == say("page-is-login", url="withheld:3", title="Đăng nhập")


def test_an_unknown_last_sight_is_null() -> None:
    assert parse("was suspect, last seen on None", sentences.DETAILS).args == {"state": "suspect", "seen_on": None}


def test_code_says_only_known_kinds_with_just_their_fields() -> None:
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "from crawler.sentences import" not in text:
            continue  # another `say`
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call) or ast.unparse(node.func) != "say":
                continue
            if node.args and isinstance(node.args[0], ast.Constant) and all(word.arg for word in node.keywords):
                kind = str(node.args[0].value)
                assert kind in TEMPLATES, f"{path}: {kind}"
                assert {word.arg for word in node.keywords} == set(sentences.fields_of(kind)), f"{path}: {kind}"
