"""The file name of a `Content-Disposition` as portals write it: encoded, raw, quoted or not."""

import time

import pytest

from crawler.media.stated_names import read_stated_name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="QD 12.pdf"', "QD 12.pdf"),
        ("attachment; filename=a.pdf; filename*=UTF-8''Quy%E1%BA%BFt.pdf", "Quyết.pdf"),
        ("inline; FileName=Ph%E1%BB%A5+l%E1%BB%A5c.docx", "Phụ lục.docx"),
        ('attachment; filename="Quyết định.pdf"'.encode().decode("latin-1"), "Quyết định.pdf"),
        ('attachment; filename="../../etc/a\x01.pdf"', "a.pdf"),
        ("attachment; filename=C:\\Users\\x\\bieu-mau.xls", "bieu-mau.xls"),
        ("attachment; filename*=undefined''%41.pdf", "A.pdf"),
        ("attachment; filename*=idna''%ff%41.pdf", "\xffA.pdf"),
        ("attachment; filename*=zlib''%41.pdf", "A.pdf"),
        ("attachment; filename*=²''%zz.pdf", "%zz.pdf"),
        ("attachment", None),
        (";;;", None),
        ("", None),
        (None, None),
    ],
)
def test_the_name_is_read(disposition: str | None, name: str | None) -> None:
    assert read_stated_name(disposition) == name


def test_a_name_is_bounded() -> None:
    assert len(read_stated_name(f"attachment; filename={'a' * 4000}.pdf") or "") == 255


def test_a_long_header_takes_no_time() -> None:
    begun = time.process_time()
    assert read_stated_name(f'attachment; filename="{";" * 250_000}') is None
    assert time.process_time() - begun < 0.1
