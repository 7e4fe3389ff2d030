"""Pictures and documents are real files, with bad names and true digests."""

import hashlib
import re
import zipfile
from io import BytesIO
from urllib.parse import unquote

from PIL import Image

from crawler.replica import Truth
from crawler.replica.content.documents import write_document
from tests.support.replica import ask


def test_digests_of_truth_are_those_of_served_bytes(truth: Truth) -> None:
    some = truth.articles[::3]
    expected = [(one.url, one.sha256) for article in some for one in article.images if not one.is_pasted]
    expected += [(one.url, one.sha256) for article in some for one in article.attachments]
    had = [(url, digest) for url, digest in expected if digest]
    assert len(had) > 60
    for url, digest in had:
        assert hashlib.sha256(ask(url).body).hexdigest() == digest, url


def test_pictures_and_documents_are_real(truth: Truth) -> None:
    kinds: set[str | None] = set()
    for image in (image for one in truth.articles for image in one.images if image.sha256 and not image.is_pasted):
        if len(kinds) == 3:
            break
        with Image.open(BytesIO(ask(image.url).body)) as picture:
            picture.verify()
            kinds.add(picture.format)
    assert kinds == {"JPEG", "PNG", "WEBP"}
    assert write_document("k", "pdf").startswith(b"%PDF-1.4")
    for kind, part in (("docx", "word/document.xml"), ("xlsx", "xl/worksheets/sheet1.xml")):
        with zipfile.ZipFile(BytesIO(write_document("k", kind))) as package:
            assert package.testzip() is None
            assert "huyện" in package.read(part).decode() or "STT" in package.read(part).decode()


def test_pdf_maps_its_codes_to_vietnamese_letters() -> None:
    body = write_document("k", "pdf").decode("latin-1")
    mapping = {code: chr(int(char, 16)) for code, char in re.findall(r"<(..)> <(....)>", body)}
    shown = re.findall(r"<([0-9a-f]*)> Tj", body)
    text = "\n".join("".join(mapping[line[at : at + 2]] for at in range(0, len(line), 2)) for line in shown)
    assert "huyện" in text
    start = int(body.rsplit("startxref\n", 1)[1].split("\n")[0])
    assert body[start:].startswith("xref")


def test_file_names_are_as_bad_as_on_the_portal(truth: Truth) -> None:
    urls = [one.url for article in truth.articles for one in article.images if not one.is_pasted]
    urls += [one.url for article in truth.articles for one in article.attachments]
    decoded = [unquote(url) for url in urls]
    for mark in (" ", "(", "[", "..", "Ả"):
        assert any(mark in url.split("//", 1)[1] for url in decoded), mark
    assert any(re.search(r"/20\d\d/\d{1,2}/[^/]*\d{18}\.\w+$", url) for url in decoded)
    pages = "".join(ask(one.url).text for one in truth.articles[:60])
    assert re.search(r'src="http://[^"]* [^"]*"', pages)
    assert re.search(r'src="http://[^"]*%20[^"]*"', pages)
