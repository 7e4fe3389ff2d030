"""Addresses that carry a picture themselves: all spellings give its bytes, and the page gives them back."""

from base64 import b64encode
from hashlib import sha256
from html import escape
from urllib.parse import quote

import pytest

from crawler.media.pasted import find_pasted, is_pasted, read_pasted
from tests.support.build import picture

PNG = picture("red", (80, 60))
SHA = sha256(PNG).hexdigest()
B64 = b64encode(PNG).decode()
SVG = "<svg xmlns='http://www.w3.org/2000/svg'><text>Bản đồ</text><path d='M0 0'/></svg>"
SPELLINGS = [
    f"data:image/png;base64,{B64}",
    "data:image/png;base64," + "\r\n".join(B64[start : start + 76] for start in range(0, len(B64), 76)),
    f"  DATA:Image/PNG;charset=utf-8;BASE64, {B64}",
    f"data:image/png;base64,{B64.rstrip('=')}",
    f"data:image/png;base64,{B64.replace('+', '-').replace('/', '_')}",
    f"data:image/png;base64,{quote(B64, safe='')}",
    f"data:image/png,{quote(PNG, safe='')}",
    f"data:image/png,{B64}",
    f"data:image/jpeg;base64,{B64}",
    f"data:text/plain;base64,{B64}",
    f"data:;base64,{B64}",
]


@pytest.mark.parametrize("address", SPELLINGS)
def test_every_spelling_gives_the_bytes_and_an_address_by_their_digest(address: str) -> None:
    found = read_pasted(address)
    assert found is not None
    assert (found.content, found.media_type, found.url) == (PNG, "image/png", f"data:image/png;sha256={SHA}")
    assert is_pasted(found.url)
    assert not is_pasted(address)


@pytest.mark.parametrize("address", SPELLINGS)
@pytest.mark.parametrize("mark", ['"', "'"])
def test_a_page_gives_a_picture_back_by_its_digest(address: str, mark: str) -> None:
    page = f"<p title='data:x'><img alt=\"data: no\" src={mark}{escape(address)}{mark}></p>"
    assert find_pasted(page.encode(), SHA) == PNG
    assert find_pasted(page.encode("utf-16"), SHA) == PNG
    assert find_pasted(page.encode(), "0" * 64) is None


def test_an_address_without_quotation_marks_or_with_references_is_found() -> None:
    coded = B64.replace("+", "&#43;").replace("/", "&#x2F;").replace("=", "&equals;")
    assert find_pasted(f"<img src=data:image/png;base64,{B64} width=3>".encode(), SHA) == PNG
    assert find_pasted(f'<img src="data:image/png;base64,{coded}">'.encode(), SHA) == PNG


@pytest.mark.parametrize("address", [f"data:image/svg+xml;utf8,{SVG}", f"data:image/svg+xml,{quote(SVG)}"])
def test_a_drawing_with_vietnamese_words_is_found_in_its_page(address: str) -> None:
    found = read_pasted(address)
    assert found is not None
    assert found.content.decode() == SVG
    assert find_pasted(f'<img src="{address}">'.encode(), sha256(found.content).hexdigest()) == found.content


def test_bytes_that_are_no_picture_keep_the_stated_type() -> None:
    found = read_pasted(f"data:Image/HEIC;base64,{b64encode(b'x' * 90).decode()}")
    assert found is not None
    assert found.url.startswith("data:image/heic;sha256=")


@pytest.mark.parametrize(
    "address",
    ["", "https://a.vn/x.png", "data:", "data:image/png;base64", "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5"],
)
def test_what_carries_no_picture_is_none(address: str) -> None:
    assert read_pasted(address) is None
