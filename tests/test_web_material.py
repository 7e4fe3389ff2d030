"""Captured bytes as the site sends them: the right ones, and harmless ones."""

import gzip
import hashlib
import html
import sqlite3
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from web_archive import HOSTILE_FILE, PAGE, PDF, PNG, SHA, SVG, Site, open_site

from crawler.web.shelter import content_disposition, file_name


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("material")) as opened:
        yield opened


def capture_id(site: Site, url_part: str) -> int:
    rows = site.get(f"/archive/captures.json?url__contains={url_part}&_shape=array").json()
    return int(rows[0]["id"])


def assert_sheltered(headers: object, *, scripts: bool = False) -> None:
    values = dict(headers)  # type: ignore[call-overload]
    policy = values["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert values["x-content-type-options"] == "nosniff"
    assert "noindex" in values["x-robots-tag"]


def test_image_is_sent_byte_for_byte(site: Site) -> None:
    response = site.get(f"/image/{SHA['png']}")
    assert response.content == PNG
    assert response.headers["content-type"] == "image/png"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert_sheltered(response.headers)


def test_image_held_already_is_not_sent_again(site: Site) -> None:
    etag = site.get(f"/image/{SHA['png']}").headers["etag"]
    response = site.get(f"/image/{SHA['png']}", if_none_match=f'"other", W/{etag}')
    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize("path", [f"/thumbnail/{SHA['png']}", f"/image/{SHA['png']}?size=thumbnail"])
def test_thumbnail_is_a_small_picture(site: Site, path: str) -> None:
    response = site.get(path)
    assert response.headers["content-type"] in ("image/webp", "image/jpeg", "image/png")
    assert max(Image.open(BytesIO(response.content)).size) <= 320
    assert_sheltered(response.headers)


def test_image_without_thumbnail_leads_to_the_image(site: Site) -> None:
    assert site.get(f"/thumbnail/{SHA['svg']}").headers["location"] == f"/image/{SHA['svg']}"


def test_svg_is_sent_where_no_script_of_it_can_run(site: Site) -> None:
    response = site.get(f"/image/{SHA['svg']}")
    assert response.content == SVG
    assert_sheltered(response.headers)


def test_image_of_an_odd_kind_is_sent_as_plain_bytes(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        writer = sqlite3.connect(next(tmp_path.glob("*.db")))
        writer.execute("update images set media_type = 'text/html' where sha256 = ?", (SHA["png"],))
        writer.execute("update attachments set media_type = 'text/html'")
        writer.commit()
        writer.close()
        for path in (f"/image/{SHA['png']}", f"/attachment/{SHA['pdf']}"):
            assert site.get(path).headers["content-type"] == "application/octet-stream"


def test_attachment_is_sent_to_be_saved_under_its_name(site: Site) -> None:
    response = site.get(f"/attachment/{SHA['pdf']}")
    assert response.content == PDF
    assert response.headers["content-type"] == "application/pdf"
    assert (
        response.headers["content-disposition"]
        == "attachment; filename=\"quyet-dinh.pdf\"; filename*=UTF-8''quyet-dinh.pdf"
    )
    assert_sheltered(response.headers)


def test_hostile_file_name_breaks_out_of_no_header(site: Site) -> None:
    digest = hashlib.sha256(b"%PDF-1.4 <script>").hexdigest()
    response = site.get(f"/attachment/{digest}")
    stated = response.headers["content-disposition"]
    assert "set-cookie" not in response.headers
    assert stated.count('"') == 2
    assert not set(stated) & set("\r\n<>\u202e")
    assert stated.isascii()


def test_file_name_holds_nothing_that_misleads() -> None:
    name = file_name(HOSTILE_FILE)
    assert name.endswith(".pdf")
    assert not set(name) & set('\u202e\r\n"<>;:/\\')
    assert file_name("https://x.vn/..%2f..%2fetc%2fpasswd") == "passwd"
    assert file_name("https://x.vn/%00") == "_"
    assert len(file_name("https://x.vn/" + "a" * 500 + ".docx")) <= 120
    assert file_name("https://x.vn/" + "a" * 500 + ".docx").endswith(".docx")
    assert "filename*=UTF-8''%C4%91" in content_disposition("đ.pdf")


def test_captured_page_stands_in_a_frame_without_rights(site: Site) -> None:
    response = site.get(f"/capture/{capture_id(site, 'hoi-nghi')}")
    assert_sheltered(response.headers)
    assert 'sandbox=""' in response.text
    frame = response.text.partition('srcdoc="')[2].partition('"')[0]
    assert html.unescape(frame).endswith(PAGE)
    assert html.unescape(frame).startswith('<base href="https://huyen.example.gov.vn/')
    assert "<script" not in response.text
    assert "&lt;script&gt;alert(10)" in response.text  # a header's value


def test_captured_page_alone_is_sheltered_too(site: Site) -> None:
    response = site.get(f"/capture/{capture_id(site, 'hoi-nghi')}?part=page")
    assert response.text == PAGE
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert_sheltered(response.headers)


def test_raw_bytes_are_those_of_the_digest(site: Site) -> None:
    number = capture_id(site, "hoi-nghi")
    row = site.get(f"/archive/captures/{number}.json?_shape=array").json()[0]
    response = site.get(f"/capture/{number}?part=raw")
    assert hashlib.sha256(response.content).hexdigest() == row["payload_sha256"]
    assert gzip.decompress(response.content).decode() == PAGE
    assert response.headers["content-type"] == "application/octet-stream"
    assert_sheltered(response.headers)


def test_revisit_shows_its_own_headers_and_the_earlier_payload(site: Site) -> None:
    rows = site.get("/archive/captures.json?record_type=revisit&_shape=array&_size=1").json()
    response = site.get(f"/capture/{rows[0]['id']}?part=page")
    assert response.text == PAGE
    assert "HTTP/1.1 200" in site.get(f"/capture/{rows[0]['id']}?part=headers").text


def test_headers_are_shown_as_text(site: Site) -> None:
    response = site.get(f"/capture/{capture_id(site, 'hoi-nghi')}?part=headers")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert "X-Hostile: <script>alert(10)</script>" in response.text
    assert_sheltered(response.headers)


def test_other_kinds_are_served_as_they_are_but_never_as_script(site: Site) -> None:
    response = site.get(f"/capture/{capture_id(site, 'ma.js')}")
    assert response.content == b"alert(11)"
    assert response.headers["content-type"].startswith("text/plain")
    assert_sheltered(response.headers)
    assert site.get("/capture/1").content == PNG


def test_redirect_and_undecodable_answer_have_a_page(site: Site) -> None:
    assert "không có nội dung" in site.get(f"/capture/{capture_id(site, 'chuyen')}").text
    broken = capture_id(site, "hong")
    assert "không giải mã được" in site.get(f"/capture/{broken}").text
    assert site.get(f"/capture/{broken}?part=raw").content == b"not gzip"
    assert site.get(f"/capture/{broken}?part=page").headers["content-type"] == "application/octet-stream"


def test_damaged_or_missing_warc_is_a_page_that_says_so(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        for file in (tmp_path / "warc").iterdir():
            file.rename(file.with_name(f"gone-{file.name}"))
        response = site.get(f"/image/{SHA['png']}")
        assert response.status_code == 500
        assert "Không đọc được bản ghi này" in response.text
        assert site.get("/article/1").status_code == 200
