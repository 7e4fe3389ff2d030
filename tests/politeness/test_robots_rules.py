"""No rule of a robots.txt is lost by its bytes: marks, codings, character sets, line ends, length."""

import gzip
import zlib

import pytest

from crawler.errors import BadFileError
from crawler.politeness.robots_rules import RULES_MAX_BYTES, read_rules

RULES = "User-agent: *\nDisallow: /noi-bo/\nAllow: /noi-bo/cong-khai\n"
OURS = "portal-archive"


def allows(path: str, body: bytes, coding: str | None = None) -> bool:
    return read_rules(body, coding).can_fetch(f"https://a.gov.vn{path}", OURS)


WORN = {
    "plain": RULES.encode(),
    "utf-8 mark": RULES.encode("utf-8-sig"),
    "two marks": b"\xef\xbb\xbf" + RULES.encode("utf-8-sig"),
    "mark saved as Latin-1": "ï»¿".encode() + RULES.encode(),
    "mark inside": b"# ghi ch\xc3\xba\n\n\xef\xbb\xbf" + RULES.encode(),
    "utf-16": RULES.encode("utf-16"),
    "utf-16 big": b"\xfe\xff" + RULES.encode("utf-16-be"),
    "utf-16 without mark": RULES.encode("utf-16-le"),
    "utf-16 big without mark": RULES.encode("utf-16-be"),
    "utf-32": RULES.encode("utf-32"),
    "CR only": RULES.replace("\n", "\r").encode(),
    "CR LF": RULES.replace("\n", "\r\n").encode(),
    "blanks before": b"\n\n  " + RULES.encode(),
    "zero width before": "\u200b".encode() + RULES.encode(),
    "saved as a page": b"<html><body><p>User-agent: *</p><p>Disallow: /noi-bo/<br></p></body>",
    "in pre": b"<!DOCTYPE html>\n<html><body><pre>" + RULES.encode() + b"</pre>",
    "end of a DOS file": RULES.replace("\n", "\r\n").encode() + b"# het\r\n\x1a",
    "bell inside a line": RULES.replace("Dis", "\x07Dis").encode(),
    "Latin-1 comment": b"# C\xf4ng b\xe1o\n" + RULES.encode(),
}  # fmt: skip


@pytest.mark.parametrize("worn", WORN)
def test_the_first_group_counts_however_it_is_written(worn: str) -> None:
    assert not allows("/noi-bo/1", WORN[worn])
    assert allows("/tin-tuc", WORN[worn])


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (RULES.encode(), "gzip"),
        (RULES.encode(), "deflate"),
        (RULES.encode(), "br"),
        (RULES.encode(), "zstd"),
        (RULES.encode("utf-16"), "gzip"),
        (gzip.compress(RULES.encode(), mtime=0), None),
        (gzip.compress(RULES.encode(), mtime=0), "identity"),
        (gzip.compress(RULES.encode(), mtime=0), "deflate"),
        (gzip.compress(RULES.encode("utf-8-sig"), mtime=0), "gzip"),
        (zlib.compress(RULES.encode()), "deflate"),
    ],
)
def test_a_wrong_content_coding_is_read_by_its_bytes(body: bytes, coding: str | None) -> None:
    assert not allows("/noi-bo/1", body, coding)
    assert allows("/noi-bo/cong-khai", body, coding)


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(RULES.encode() * 50, mtime=0)[:60], "gzip"),
        (gzip.compress(RULES.encode(), mtime=0)[:-3], None),
        (b"\x28\xb5\x2f\xfd\x04\x00\x01\x02", "zstd"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x01\x0dIHDR", None),
    ],
)
def test_bytes_that_are_no_text_and_a_coding_cut_short_are_refused(body: bytes, coding: str | None) -> None:
    with pytest.raises(BadFileError, match=r"no text|its header says|is unknown"):
        read_rules(body, coding)


@pytest.mark.parametrize("spelt", ["/thông-tin/1", "/th%C3%B4ng-tin/1", "/th%F4ng-tin/1"])
@pytest.mark.parametrize("character_set", ["utf-8", "latin-1", "cp1258"])
def test_a_rule_in_another_character_set_holds_for_the_bytes_and_for_the_letters(
    spelt: str, character_set: str
) -> None:
    body = "User-agent: *\nDisallow: /thông-tin/\n".encode(character_set)
    is_another_address = character_set == "utf-8" and "%F4" in spelt
    assert allows(spelt, body) == is_another_address


def test_the_first_500_kib_count_and_no_half_line() -> None:
    filler = "# " + "x" * 97 + "\n"
    start = RULES + filler * ((RULES_MAX_BYTES - len(RULES)) // len(filler))
    cut = (start + "#" * (RULES_MAX_BYTES - len(start) - 16) + "\nAllow: /noi-bo/mat\n" + filler * 6000).encode()
    assert cut[:RULES_MAX_BYTES].endswith(b"\nAllow: /noi-bo/")
    for body, coding in ((cut, None), (gzip.compress(cut, mtime=0), "gzip")):
        assert not allows("/noi-bo/khac", body, coding)
        assert allows("/noi-bo/cong-khai", body, coding)
    for wide in ("utf-16-be", "utf-16-le", "utf-32"):
        assert not allows("/noi-bo/khac", (RULES + filler * 6000).encode(wide))
    only_rule = f"User-agent: *\nDisallow: /{'x' * 100}\n"
    for wide in ("utf-16-be", "utf-16-le"):
        lines = f"{only_rule}# {'y' * (RULES_MAX_BYTES // 2 - len(only_rule) - 40)}\nDisallow: /cuoi\n{filler * 9}"
        assert not allows("/cuoi", lines.encode(wide))
    assert allows("/sau", filler.encode() * 6000 + b"User-agent: *\nDisallow: /sau\n")


def test_an_empty_file_and_a_page_without_rules_allow_all() -> None:
    for body in (
        b"",
        b"\xef\xbb\xbf",
        b"<html><head><title>Trang ch\xe1\xbb\xa7</title></head><body>Tin: m\xe1\xbb\x9bi",
    ):
        assert allows("/noi-bo/1", body)
        assert allows("/noi-bo/1", body, "gzip")


@pytest.mark.parametrize("agent", ["Portal-Archive/1.0", "portal-archive/0.2.0 (archive)", "PORTAL-ARCHIVE/"])
def test_a_group_for_us_with_a_version_is_ours(agent: str) -> None:
    rules = read_rules(f"User-agent: {agent}\nDisallow: /noi-bo\n\nUser-agent: *\nAllow: /\n".encode(), None)
    assert not rules.can_fetch("https://a.vn/noi-bo/1", OURS)
    assert rules.can_fetch("https://a.vn/noi-bo/1", "other")
