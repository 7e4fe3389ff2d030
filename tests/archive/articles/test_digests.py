"""Digests of what an article says: the contract's, recomputed here from its words, and the joining one."""

import hashlib
import json
from typing import Any

import pytest

from crawler.archive.articles.digests import content_sha256, join_sha256
from tests.support.build import article, file_ref, image_ref, on_page

MEMBERS: dict[str, Any] = {
    "title": "Đổi mới", "summary": None, "body": "Một\n\nHai “ba”", "byline": "Lò Thị Mai", "source": "Báo",
    "published_on": "2026-01-02", "captions": ["ảnh"], "labels": [],
}  # fmt: skip


def test_content_sha256_is_the_digest_of_the_contracts_json() -> None:
    # RFC 8785: members sorted, no white space, letters as they are. These hold nothing that it writes otherwise.
    canonical = json.dumps(MEMBERS, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert content_sha256(**MEMBERS) == hashlib.sha256(canonical.encode()).hexdigest()


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
