"""How a version is cited: with its address, its time, its digests, in forms that other programs take."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.web.article.citation import FORMS, Citation, cite
from tests.support.attachments.replaced_files import open_replaced
from tests.support.past_archive import EDITED, ODD, A, open_past
from tests.support.web_archive import Site

ONE = Citation(
    article_id=7,
    number=1,
    versions=2,
    title="Thông báo 50% {học phí} | số_1 & [2] \\x",
    byline=None,
    source=None,
    portal="sapa",
    portal_title="Thị xã Sa Pa",
    published_on="2026-08-30",
    url="https://x.vn/a-7?b={c}|d%20e#f",
    timezone="Asia/Ho_Chi_Minh",
    captured_at="2026-09-01T18:30:05Z",
    url_status="deviated",
    archive_name="Kho",
    archive_url="https://luu.vn/article/7/revision/1",
    capture_url="https://luu.vn/capture/9",
    content_sha256="a" * 64,
    payload_sha256="b" * 64,
    record_id="urn:uuid:1",
    warc_file="sapa-1.warc.gz",
)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_past(tmp_path_factory.mktemp("citing")) as opened:
        yield opened


def row(site: Site, sql: str) -> sqlite3.Row:
    result = site.loop.run_until_complete(site.datasette.get_database("archive").execute(sql))
    return result.first()  # type: ignore[no-any-return]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_first_version_of_a_changed_article_is_cited_with_all_that_proves_it(past: Site, language: str) -> None:
    said = past.get(f"/article/{EDITED}/revision/1/cite?lang={language}").text
    known = row(
        past,
        f"""select r.content_sha256, c.payload_sha256, c.record_id, c.warc_file, c.id from revisions r
            join captures c on c.id = r.capture_id where r.article_id = {EDITED} and r.number = 1""",
    )
    for words in (*tuple(known)[:4], f"/capture/{known[4]}", A.url, f"http://localhost/article/{EDITED}/revision/1"):
        assert words in said
    assert "UTC+07:00; 2026-09-01 18:30:00 UTC" in said
    assert ("01:30:00 ngày 02/09/2026" if language == "vi" else "2026-09-02 01:30:00") in said
    assert "Má Thị Sơn" in said


def test_every_form_is_on_the_articles_page_and_alone(past: Site) -> None:
    page = past.get(f"/article/{EDITED}").text
    for form in FORMS:
        assert f'href="/article/{EDITED}/revision/3/cite?form={form}"' in page
        alone = past.get(f"/article/{EDITED}/revision/3/cite?form={form}")
        assert alone.headers["content-type"].startswith("text/plain")
        assert "a" * 3 not in alone.text
    assert past.get(f"/article/{EDITED}/revision/3/cite?form=xml").status_code == 404


def test_text_that_would_break_out_stays_text_in_every_form(past: Site) -> None:
    for form in FORMS:
        said = past.get(f"/article/{ODD}/revision/1/cite?form={form}").text
        assert "\x00" not in said
        assert said.strip().count("\n") == (said.count("\n") - 1 if form == "bibtex" else 0)


def test_bibtex_balances_its_braces_and_escapes_what_tex_reads() -> None:
    said = cite(ONE, "bibtex", language="vi")
    assert said.startswith("@misc{sapa-7-v1,\n")
    bare = re.sub(r"\\[{}]", "", said)
    depth = 0
    for letter in bare:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0
    assert r"Thông báo 50\% \{học phí\} | số\_1 \& [2] \textbackslash{}x" in said
    assert "  urldate = {2026-09-02},\n" in said
    assert "  year = {2026},\n  month = {8},\n  day = {30},\n" in said
    assert "  author = {{Thị xã Sa Pa}},\n" in said


def test_wikipedias_template_has_no_stray_bar_or_bracket() -> None:
    said = cite(ONE, "wikipedia-vi", language="vi")
    assert said.startswith("{{chú thích web |url=https://x.vn/a-7?b=%7Bc%7D%7Cd%20e#f |title=")
    assert "|url-status=deviated |id=" in said
    inner = said[2:-2].replace("{{!}}", "")
    assert not re.search(r"[{}\[\]<>]", inner)
    names = re.findall(r" \|([a-z-]+)=", inner)
    assert names == [
        "url",
        "title",
        "date",
        "website",
        "access-date",
        "archive-url",
        "archive-date",
        "url-status",
        "id",
    ]
    assert "|archive-date=2026-09-02 " in said
    assert cite(ONE, "wikipedia-en", language="vi").startswith("{{cite web |")


@pytest.mark.parametrize(("language", "day"), [("vi", "02/09/2026"), ("en", "2026-09-02")])
def test_the_short_form_is_one_sentence_with_version_day_and_address(language: str, day: str) -> None:
    said = cite(ONE, "short", language=language)
    assert ONE.title in said
    assert f"1/2, lưu {day}" in said or f"version 1 of 2, captured {day}" in said
    assert said.endswith("https://luu.vn/article/7/revision/1).")
    assert len(said) < len(cite(ONE, "text", language=language)) / 2
    gone = replace(ONE, standing={language: "Không còn."})
    assert cite(gone, "short", language=language).endswith(" Không còn.")


@pytest.mark.parametrize("form", [form for form in FORMS if form != "short"])
def test_every_form_names_address_hour_of_capture_and_digests(form: str) -> None:
    said = cite(ONE, form, language="vi")
    assert "https://luu.vn/article/7/revision/1" in said
    assert "01:30:05" in said
    assert "a" * 64 in said
    assert "b" * 64 in said


def test_a_date_or_zone_that_is_none_is_left_out() -> None:
    odd = replace(ONE, published_on=None, timezone="No/Where")
    for form in FORMS:
        assert "2026-09-02" in cite(odd, form, language="en")
    assert "year =" not in cite(odd, "bibtex", language="en")


@pytest.mark.parametrize(("number", "status"), [(1, "deviated"), (2, "deviated"), (3, "live")])
def test_wikipedias_url_status_says_if_the_address_still_has_it(past: Site, number: int, status: str) -> None:
    said = past.get(f"/article/{EDITED}/revision/{number}/cite?form=wikipedia-en").text
    assert f"|url-status={status} |" in said


def test_a_removed_article_is_cited_as_dead(past: Site) -> None:
    assert "|url-status=dead |" in past.get("/article/3/revision/1/cite?form=wikipedia-vi").text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_version_with_other_files_is_dated_by_them_and_not_by_its_page(form: str, language: str) -> None:
    """The page was captured eleven days before: it is no evidence that the version was there."""
    said = cite(replace(ONE, number=2, files_seen_at="2026-09-12T18:30:05Z"), form, language=language)
    assert "13/09/2026" in said if language == "vi" and form in ("text", "short") else "2026-09-13" in said
    assert ("02/09/2026" in said or "2026-09-02" in said) == (form != "short")
    if form != "short":
        assert "thấy lần đầu lúc" in said or "first seen" in said


def test_a_version_whose_file_was_replaced_says_when_it_was_first_seen(tmp_path: Path) -> None:
    with open_replaced(tmp_path) as site:
        first, second = (site.get(f"/article/1/revision/{number}/cite").text for number in (1, 2))
        known = row(site, "select seen_at, capture_id from revisions where number = 2")
    assert "tệp hoặc ảnh bị thay" not in first
    assert f"/capture/{known['capture_id']}" in second
    assert "tệp hoặc ảnh bị thay, thấy lần đầu lúc" in second
