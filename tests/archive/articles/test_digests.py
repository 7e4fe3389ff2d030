"""Digests of what an article says: the contract's, recomputed here from its words, and the joining one."""

import hashlib
import json
import random
import sys
from typing import Any

import pytest
import rfc8785

from crawler.archive.articles.digests import content_sha256, join_sha256
from crawler.items import ImageRef
from tests.support.build import article, file_ref, image_ref, on_page

MEMBERS: dict[str, Any] = {
    "title": "Đổi mới", "summary": None, "body": "Một\n\nHai “ba”", "byline": "Lò Thị Mai", "source": "Báo",
    "published_on": "2026-01-02", "captions": ["ảnh"], "labels": [],
}  # fmt: skip


def test_content_sha256_is_the_digest_of_the_contracts_json() -> None:
    # RFC 8785: members sorted, no white space, letters as they are. These hold nothing that it writes otherwise.
    canonical = json.dumps(MEMBERS, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert content_sha256(**MEMBERS) == hashlib.sha256(canonical.encode()).hexdigest()


def test_content_sha256_takes_every_letter_as_rfc_8785_does() -> None:
    letters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    random.Random(8785).shuffle(letters)
    for start in range(0, len(letters), 4096):
        some = "".join(letters[start : start + 4096])
        members = MEMBERS | {"body": some, "title": some[:99], "captions": [some[9:30], "", some[:1]], "source": None}
        assert content_sha256(**members) == hashlib.sha256(rfc8785.dumps(members)).hexdigest()
        joined = rfc8785.dumps({"title": some[:99], "body": some, "files": ["/ả nh.jpg"]})
        held = article(title=some[:99], body=some, images=(ImageRef("https://a.vn/ả%20nh.jpg"),))
        assert join_sha256(held) == hashlib.sha256(joined).hexdigest()


def test_what_no_json_can_hold_has_no_digest() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        content_sha256(**MEMBERS | {"body": "\ud800"})


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_every_member_counts(name: str) -> None:
    other = ["khác"] if isinstance(MEMBERS[name], list) else "khác"
    assert content_sha256(**MEMBERS | {name: other}) != content_sha256(**MEMBERS)


def test_none_is_not_empty_and_a_caption_is_no_label() -> None:
    assert content_sha256(**MEMBERS | {"byline": None}) != content_sha256(**MEMBERS | {"byline": ""})
    moved = MEMBERS | {"captions": [], "labels": ["ảnh"]}
    assert content_sha256(**moved) != content_sha256(**MEMBERS)


def test_the_order_of_captions_counts() -> None:
    assert content_sha256(**MEMBERS | {"captions": ["a", "b"]}) != content_sha256(**MEMBERS | {"captions": ["b", "a"]})


def test_articles_join_over_title_body_and_the_paths_of_their_files() -> None:
    base = join_sha256(article(images=(image_ref("a b.jpg"),)))
    assert join_sha256(article(images=(image_ref("a%20b.jpg", "with a caption"),))) == base
    assert join_sha256(article(images=(image_ref("a b.jpg"),), byline="x", dates=(on_page("2026-01-01"),))) == base
    assert join_sha256(article(images=(image_ref("b.jpg"),))) != base
    assert join_sha256(article(title="Khác", images=(image_ref("a b.jpg"),))) != base
    assert join_sha256(article(body="Khác", images=(image_ref("a b.jpg"),))) != base


def test_announcements_without_text_differ_by_what_they_attach() -> None:
    assert join_sha256(article(body="", attachments=(file_ref("1.pdf"),))) != join_sha256(
        article(body="", attachments=(file_ref("2.pdf"),))
    )


def test_the_host_of_a_file_does_not_count() -> None:
    elsewhere = image_ref("a.jpg")
    moved = type(elsewhere)(elsewhere.url.replace("storage.example.vn", "cdn.example.vn:8080"))
    assert join_sha256(article(images=(elsewhere,))) == join_sha256(article(images=(moved,)))
