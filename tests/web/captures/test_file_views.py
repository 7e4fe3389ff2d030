"""Archived files as the site sends them: the right bytes, and harmless ones."""

import hashlib
import sqlite3
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from crawler.web.served_files import content_disposition, file_name
from tests.support.web_archive import HOSTILE_FILE, PDF, PNG, SHA, SVG, Site, assert_sandboxed, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("material")) as opened:
        yield opened


def test_image_is_sent_byte_for_byte(site: Site) -> None:
    response = site.get(f"/image/{SHA['png']}")
    assert response.content == PNG
    assert response.headers["content-type"] == "image/png"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert_sandboxed(response.headers)


def test_image_held_already_is_not_sent_again(site: Site) -> None:
    etag = site.get(f"/image/{SHA['png']}").headers["etag"]
    response = site.get(f"/image/{SHA['png']}", if_none_match=f'"other", W/{etag}')
    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize("path", [f"/thumbnail/{SHA['png']}", f"/image/{SHA['png']}?size=thumbnail"])
def test_thumbnail_is_a_small_picture(site: Site, path: str) -> None:
    response = site.get(path)
    assert response.headers["content-type"] in ("image/webp", "image/jpeg", "image/png")
    assert max(Image.open(BytesIO(response.content)).size) <= 320
    assert_sandboxed(response.headers)


def test_image_without_thumbnail_leads_to_the_image(site: Site) -> None:
    assert site.get(f"/thumbnail/{SHA['svg']}").headers["location"] == f"/image/{SHA['svg']}"


def test_svg_is_sent_where_no_script_of_it_can_run(site: Site) -> None:
    response = site.get(f"/image/{SHA['svg']}")
    assert response.content == SVG
    assert_sandboxed(response.headers)


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
    assert_sandboxed(response.headers)


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


def test_damaged_or_missing_warc_is_a_page_that_says_so(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        for file in (tmp_path / "warc").iterdir():
            file.rename(file.with_name(f"gone-{file.name}"))
        response = site.get(f"/image/{SHA['png']}")
        assert response.status_code == 500
        assert "Không đọc được bản ghi này" in response.text
        assert site.get("/article/1").status_code == 200
