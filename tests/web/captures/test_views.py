"""Captures as the site shows them: below a bar that says what one sees, harmless, with the archive's own pictures."""

import gzip
import hashlib
import html
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.items import FileRole, Outcome
from crawler.locale import show_number
from tests.support.build import exchange
from tests.support.web_archive import ORIGIN, PAGE, PNG, STORE, Maker, Site, assert_sandboxed, dress, open_site


@pytest.fixture(scope="module")
def dressed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, dict[str, int]]]:
    archive = tmp_path_factory.mktemp("dressed") / "archive.db"
    maker = Maker(archive)
    ids = dress(maker)
    maker.writer.close()
    site = Site(archive)
    yield site, ids
    site.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("capture")) as opened:
        yield opened


def number(site: Site, url_part: str) -> int:
    rows = site.get(f"/archive/captures.json?url__contains={url_part}&_sort=id&_shape=array").json()
    return int(rows[0]["id"])


def framed(page: str) -> str:
    return html.unescape(re.search('srcdoc="([^"]*)"', page)[1])  # type: ignore[index]


def test_a_page_is_in_a_frame_without_rights(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    response = site.get(f"/capture/{ids['page']}")
    policy = response.headers["content-security-policy"]
    assert "script-src 'none'" in policy
    assert_sandboxed(response.headers)
    frame = re.search("<iframe [^>]*>", response.text)
    assert frame is not None
    assert 'sandbox="allow-top-navigation-by-user-activation"' in frame[0]
    assert "<script" not in response.text
    inside = framed(response.text)
    for word in ("script", "onload", "http-equiv", "evil.example/p.png"):
        assert word not in inside


def test_page_is_shown_with_the_archives_pictures_and_sheets(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    for page in (framed(site.get(f"/capture/{ids['page']}").text), site.get(f"/capture/{ids['page']}?part=page").text):
        assert f'<link rel="stylesheet" href="/capture/{ids["kieu.css"]}?part=style">' in page
        assert f'src="/capture/{ids["logo.png"]}?part=file"' in page
        assert '<img alt="khác">' in page
    picture = site.get(f"/capture/{ids['logo.png']}?part=file")
    assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
    # A page in a sandbox is of no site: its pictures must be open to such.
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"


def test_sheet_is_sent_as_one_and_loads_from_the_archive_only(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    response = site.get(f"/capture/{ids['kieu.css']}?part=style")
    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert f'url("/capture/{ids["nen.png"]}?part=file")' in response.text
    assert "evil" not in response.text
    assert "khac.css" not in response.text
    assert_sandboxed(response.headers)


def test_links_lead_to_what_the_archive_holds_or_are_dead(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    page = framed(site.get(f"/capture/{ids['page']}?lang=en").text)
    assert f'<a href="/capture/{ids["article"]}?lang=en" target="_top"' in page
    assert f'<a title="Not in the archive: {ORIGIN}/chua-tung-thay">chưa</a>' in page


def test_picture_nearest_in_time_is_shown(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "archive.db")
    page = (f"{ORIGIN}/t", b"<img src=a.png>", (b"Content-Type", b"text/html"))
    red, blue = PNG, PNG + b"2"
    for body in (red, None, None, blue):
        if body is None:
            maker.capture(*page)
        else:
            maker.capture(f"{ORIGIN}/a.png", body, (b"Content-Type", b"image/png"))
    maker.writer.finish("complete")
    maker.writer.close()
    site = Site(tmp_path / "archive.db")
    try:
        assert 'src="/capture/1?part=file"' in framed(site.get("/capture/2").text)
        assert 'src="/capture/4?part=file"' in framed(site.get("/capture/3").text)
    finally:
        site.close()


def test_bar_says_what_one_sees(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    row = site.get(f"/archive/captures/{ids['page']}.json?_shape=array").json()[0]
    page = site.get(f"/capture/{ids['page']}").text
    for fact in (
        row["url"],
        row["record_id"],
        row["warc_file"],
        row["payload_sha256"],
        row["fetched_at"],
        "HTTP/1.1 200",
    ):
        assert fact in page
    assert f"byte {show_number(row['warc_offset'], 'vi')}, dài {show_number(row['warc_length'], 'vi')} byte" in page
    assert "giờ của cổng" in page
    assert f'href="/capture/{ids["later"]}" rel="next"' in page
    assert f'href="/capture/{ids["page"]}" rel="prev"' in site.get(f"/capture/{ids['later']}").text


def test_bar_leads_to_the_article_and_what_changed_since(site: Site) -> None:
    first = number(site, "khong-ngay")
    page = site.get(f"/capture/{first}").text
    assert 'href="/article/3"' in page
    assert 'href="/article/3/diff/1..2"' in page
    last = site.get("/archive/articles/3.json?_shape=array").json()[0]["capture_id"]
    assert "/diff/" not in site.get(f"/capture/{last}").text


def test_revisit_says_which_capture_holds_the_payload(site: Site) -> None:
    row = site.get("/archive/captures.json?record_type=revisit&_shape=array&_size=1").json()[0]
    holder = site.get(
        f"/archive/captures.json?payload_sha256={row['payload_sha256']}&record_type=response&_shape=array"
    ).json()[0]
    assert f'href="/capture/{holder["id"]}"' in site.get(f"/capture/{row['id']}").text
    assert site.get(f"/capture/{row['id']}?part=source").text == PAGE
    assert "HTTP/1.1 200" in site.get(f"/capture/{row['id']}?part=headers").text


def test_raw_bytes_are_those_of_the_digest(site: Site) -> None:
    capture = number(site, "hoi-nghi")
    row = site.get(f"/archive/captures/{capture}.json?_shape=array").json()[0]
    response = site.get(f"/capture/{capture}?part=raw")
    assert hashlib.sha256(response.content).hexdigest() == row["payload_sha256"]
    assert gzip.decompress(response.content).decode() == PAGE
    assert response.headers["content-type"] == "application/octet-stream"
    assert_sandboxed(response.headers)


def test_headers_and_source_are_text(site: Site) -> None:
    capture = number(site, "hoi-nghi")
    headers, source = (site.get(f"/capture/{capture}?part={part}") for part in ("headers", "source"))
    assert "X-Hostile: <script>alert(10)</script>" in headers.text
    assert source.text == PAGE
    for response in (headers, source):
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert_sandboxed(response.headers)


def test_page_alone_is_safe_too(site: Site) -> None:
    response = site.get(f"/capture/{number(site, 'hoi-nghi')}?part=page")
    assert "Nguyên văn" in response.text
    assert "<script" not in response.text
    assert_sandboxed(response.headers)


def test_json_is_laid_out_and_escaped(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    page = site.get(f"/capture/{ids['json']}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{\n  &#34;a&#34;: [" in page
    assert "đ" in page


def test_answer_without_a_type_that_is_a_page_is_shown_as_one(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    assert "không rõ" in framed(site.get(f"/capture/{ids['unnamed']}").text)


def test_announced_encoding_that_is_a_lie_is_seen_through(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    assert "Đường" in framed(site.get(f"/capture/{ids['utf-16']}").text)


def test_documents_and_pictures_have_a_page_and_their_bytes(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    assert f"/capture/{ids['pdf']}?part=file" in site.get(f"/capture/{ids['pdf']}").text
    pdf = site.get(f"/capture/{ids['pdf']}?part=file")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["content-disposition"].startswith('attachment; filename="x.pdf"')
    for part in ("source", "page", "raw"):
        shown = site.get(f"/capture/{ids['pdf']}?part={part}")
        assert shown.headers["content-disposition"].startswith("attachment"), part
    assert f'<img src="/capture/{ids["svg"]}?part=file"' in site.get(f"/capture/{ids['svg']}").text
    svg = site.get(f"/capture/{ids['svg']}?part=file")
    assert svg.headers["content-type"] == "image/svg+xml"
    assert_sandboxed(svg.headers)


def test_page_that_says_it_is_a_picture_is_shown_as_neither(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    page = site.get(f"/capture/{ids['lie']}").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    response = site.get(f"/capture/{ids['lie']}?part=file")
    assert response.headers["content-disposition"].startswith("attachment")
    assert_sandboxed(response.headers)


def test_bomb_is_not_unpacked_for_a_visitor(dressed: tuple[Site, dict[str, int]]) -> None:
    site, ids = dressed
    assert "quá lớn để hiển thị" in site.get(f"/capture/{ids['bom']}").text
    assert len(site.get(f"/capture/{ids['bom']}?part=page").content) < 100_000


def test_script_is_never_sent_as_one(site: Site) -> None:
    response = site.get(f"/capture/{number(site, 'ma.js')}?part=file")
    assert response.content == b"alert(11)"
    assert response.headers["content-type"].startswith("text/plain")
    assert_sandboxed(response.headers)
    assert "alert(11)" in site.get(f"/capture/{number(site, 'ma.js')}").text


def test_redirect_and_undecodable_answer_have_a_page(site: Site) -> None:
    assert "chuyển hướng tới" in site.get(f"/capture/{number(site, 'chuyen')}").text
    broken = number(site, "/hong")
    assert "không giải mã được" in site.get(f"/capture/{broken}").text
    assert site.get(f"/capture/{broken}?part=raw").content == b"not gzip\0"
    assert site.get(f"/capture/{broken}?part=page").headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("part", ["", "?part=page", "?part=raw", "?part=headers", "?part=source", "?part=file"])
def test_capture_held_already_is_not_sent_again(site: Site, part: str) -> None:
    path = f"/capture/{number(site, 'hoi-nghi')}{part}"
    headers = site.get(path).headers
    # It may be withheld: no copy is good without asking.
    assert headers["cache-control"] == "no-cache"
    response = site.get(path, if_none_match=headers["etag"])
    assert (response.status_code, response.content) == (304, b"")


def test_unknown_capture_is_a_page(site: Site) -> None:
    for path in ("/capture/999999", "/capture/x", "/capture/999999?part=raw"):
        assert site.get(path).status_code == 404


def test_pager_fragment_is_shown_and_said_to_be_one(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "archive.db")
    maker.post(f"{ORIGIN}/pager", b"page=2", b"<ul><li>hang hai</li></ul>")
    maker.post(f"{ORIGIN}/pager", b"page=3", b"<ul><li>hang ba</li></ul>")
    maker.writer.finish("complete")
    maker.writer.close()
    site = Site(tmp_path / "archive.db")
    try:
        response = site.get("/capture/1")
        assert "hang hai" in framed(response.text)
        assert "yêu cầu POST" in response.text
        # Another page of the pager is not a later capture of this page.
        assert 'rel="next"' not in response.text
        assert "memento-datetime" not in response.headers
    finally:
        site.close()


def test_file_that_redirected_is_shown_from_where_it_led(tmp_path: Path) -> None:
    maker = Maker(tmp_path / "archive.db")
    maker.capture(f"{ORIGIN}/t", f"<img src='{STORE}/cu.png'>".encode(), (b"Content-Type", b"text/html"))
    maker.file(f"{STORE}/cu.png", PNG, FileRole.IMAGE, b"image/png", answered=f"{STORE}/moi.png")
    maker.writer.finish("complete")
    maker.writer.close()
    site = Site(tmp_path / "archive.db")
    try:
        assert 'src="/capture/2?part=file"' in framed(site.get("/capture/1").text)
    finally:
        site.close()


def test_chunked_answer_is_shown_without_its_chunks(tmp_path: Path) -> None:
    page = "<html><head><title>T</title></head><body><p>Thông báo</p></body></html>".encode()
    half = len(page) // 2
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (page[:half], page[half:])) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
    maker = Maker(tmp_path / "archive.db")
    maker.writer.record(exchange(f"{ORIGIN}/chunked", chunks, head=head, at=maker.now)).result()
    maker.writer.finish(Outcome.COMPLETE)
    maker.writer.close()
    with closing(Site(tmp_path / "archive.db")) as site:
        sent = site.get("/capture/1?part=raw")
        assert sent.content == page
        assert "transfer-encoding" not in sent.headers
        assert site.get("/capture/1?part=source").text == page.decode()
        assert "<p>Thông báo</p>" in framed(site.get("/capture/1").text)
        assert "Transfer-Encoding: chunked" in site.get("/capture/1?part=headers").text


def test_answers_with_values_that_are_none_are_shown(tmp_path: Path) -> None:
    digits = "1" * 4301
    page = f"<style>a{{width:{digits}px}}b{{content:'\\d800 '}}</style><p style='width:{digits}px;a:url(x)'>Bài</p>"
    answers = {
        "so": (page.encode(), b"text/html; charset=utf-8"),
        "chu": (b"<p>B\xe0i c\xe9 \xe9\xe9</p>", b"text/html; charset=undefined"),
        "nua": (b'{"B\xc3\xa0i":"\\ud800"}', b"application/json"),
        "sau": (b"[" * 5000 + "Bài".encode(), b"application/json"),
        "dai": (b"[" + b"1" * 4301 + ", Bài".encode(), b"application/json"),
        "kieu": (f"a{{width:{digits}px;content:'Bài'}}".encode(), b"text/css"),
    }
    archive = tmp_path / "archive.db"
    maker = Maker(archive)
    for name, (body, media_type) in answers.items():
        maker.capture(f"{ORIGIN}/{name}", body, (b"Content-Type", media_type))
    maker.writer.finish("complete")
    maker.writer.close()
    with closing(Site(archive)) as site:
        for name in answers:
            for part in ("", "?part=page", "?part=style", "?part=source", "?part=file"):
                response = site.get(f"/capture/{number(site, f'/{name}')}{part}")
                assert response.status_code == 200
            assert "Bài" in html.unescape(site.get(f"/capture/{number(site, f'/{name}')}").text)


@pytest.mark.parametrize("dear", ["<li><h1>" * 40_000, f"<p {'a ' * 50_000}>", "</p>" * 100_001, "<a>x</a>" * 10_001])
def test_page_that_costs_too_much_is_not_parsed_for_a_visitor(tmp_path: Path, dear: str) -> None:
    maker = Maker(tmp_path / "archive.db")
    maker.capture(f"{ORIGIN}/dear", dear.encode(), (b"Content-Type", b"text/html; charset=utf-8"))
    maker.writer.finish(Outcome.COMPLETE)
    maker.writer.close()
    with closing(Site(tmp_path / "archive.db")) as site:
        frame = site.get("/capture/1")
        assert frame.status_code == 200
        assert "<iframe" not in frame.text
        assert site.get("/capture/1?part=page").content == dear.encode()
