"""Faults of files: what each of them answers in place of the file."""

import hashlib
from urllib.parse import unquote, urlsplit

from crawler.replica import Replica
from tests.support.replica import ask


def first_pdf(portal: Replica) -> str:
    files = [one for article in portal.truth().articles for one in article.attachments]
    return next(one.url for one in files if one.sha256 and one.url.endswith(".pdf"))


def test_a_replaced_file_has_other_bytes_of_its_kind_and_its_own_validators_or_none_or_the_old_ones(
    small: Replica,
) -> None:
    url = first_pdf(small)
    path = unquote(urlsplit(url).path)
    old = ask(url)
    found = {}
    for kind in ("file-replaced", "file-replaced-bare", "file-replaced-304"):
        small.faults.set(path, kind)
        found[kind] = ask(url)
        assert found[kind].body.startswith(b"%PDF")
        assert hashlib.sha256(found[kind].body).digest() != hashlib.sha256(old.body).digest()
    tags = [found[kind].header("ETag") for kind in found]
    assert old.header("ETag") not in tags[:2]
    assert (bool(tags[0]), tags[1], tags[2]) == (True, "", old.header("ETag"))
    assert ask(url, if_none_match=old.header("ETag")).status == 304
    small.faults.clear()


def test_what_comes_in_place_of_a_file_has_a_status_of_success(small: Replica) -> None:
    url = first_pdf(small)
    path = unquote(urlsplit(url).path)
    whole = ask(url)
    for kind, start in (
        ("file-text", b"File not"),
        ("file-json", b"{"),
        ("file-page", b"<!DOCTYPE"),
        ("file-placeholder", b"\x89PNG"),
        ("file-half", b"%PDF"),
    ):
        small.faults.set(path, kind)
        answer = ask(url)
        assert (answer.status, answer.body.startswith(start)) == (200, True), kind
    assert whole.body.startswith(answer.body)
    assert len(answer.body) < len(whole.body)
    small.faults.set(path, "file-fails-conditionally")
    assert (ask(url).status, ask(url, if_none_match='"x"').status) == (200, 500)
    small.faults.clear()


def test_a_page_can_offer_a_download_that_its_header_names(small: Replica) -> None:
    small.faults.set("@articles", "with-download")
    small.faults.set("^/DownloadFile.ashx", "file-named")
    offering = [one.url for one in small.truth().articles if "DownloadFile.ashx?id=77" in ask(one.url).text]
    assert len(offering) > 5
    answer = ask(f"{small.base_url}DownloadFile.ashx?id=77")
    assert answer.body.startswith(b"%PDF")
    assert "filename*=UTF-8''" in answer.header("Content-Disposition")
    small.faults.clear()
