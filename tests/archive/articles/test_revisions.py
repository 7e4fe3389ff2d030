"""Revisions, as the contract counts them: what makes a new one, what completes one, and what does neither."""

import json
from dataclasses import replace
from typing import Any

import pytest

from crawler.archive.articles.digests import content_sha256
from crawler.items import FileRole
from tests.support.build import (
    STORE,
    Clock,
    Night,
    article,
    file_ref,
    image_ref,
    link,
    listing,
    new_address,
    on_page,
    picture,
)

AT = new_address(1)
BASE = article(
    "Tin", "Thân bài.", summary="Tóm tắt.", byline="Lò Thị Mai", source="Báo Lào Cai", dates=(on_page("2026-01-05"),),
    images=(image_ref("a.png", "Một"), image_ref("b.png")), attachments=(file_ref("k.pdf", "Kế hoạch"),),
)  # fmt: skip


def revisions(night: Night) -> list[tuple[Any, ...]]:
    rows = night.rows("select number, changed from revisions where article_id = 1 order by number")
    return [(number, json.loads(changed) if changed else None) for number, changed in rows]


def events(night: Night) -> list[tuple[Any, ...]]:
    return night.rows("select kind, detail from article_events where article_id = 1 order by id")


def hold_files(night: Night, *, folder: str = "lci") -> None:
    night.put_file(f"{STORE}/{folder}/a.png", picture("red"))
    night.put_file(f"{STORE}/{folder}/b.png", picture("blue"))
    night.put_file(f"{STORE}/{folder}/k.pdf", b"%PDF-1.7 k", FileRole.ATTACHMENT)


def test_every_article_has_revision_one_from_the_start(night: Night) -> None:
    hold_files(night)
    night.put(BASE, AT)
    assert revisions(night) == [(1, None)]
    row = night.rows("select title, summary, body, byline, source, published_on, content_sha256 from revisions")[0]
    assert row[:6] == ("Tin", "Tóm tắt.", "Thân bài.", "Lò Thị Mai", "Báo Lào Cai", "2026-01-05")
    digest = content_sha256(
        title="Tin", summary="Tóm tắt.", body="Thân bài.", byline="Lò Thị Mai", source="Báo Lào Cai",
        published_on="2026-01-05", captions=["Một"], labels=["Kế hoạch"],
    )  # fmt: skip
    assert row[6] == digest == night.value("select content_sha256 from articles")


def test_a_b_a_makes_three(night: Night, clock: Clock) -> None:
    for body in ("A.", "B.", "A."):
        night.put(article(body=body), AT)
        clock.go_on(days=1)
    assert revisions(night) == [(1, None), (2, ["body"]), (3, ["body"])]
    assert night.rows("select revision, body, changed_at from articles") == [(3, "A.", "2026-09-03T18:30:00Z")]
    digests = night.rows("select content_sha256 from revisions order by number")
    assert digests[0] == digests[2] != digests[1]
    assert events(night) == [("found", None), ("revised", "body"), ("revised", "body")]


def test_an_unchanged_article_confirms_its_revision(night: Night, clock: Clock) -> None:
    night.put(BASE, AT)
    clock.go_on(days=1)
    assert night.put(BASE, AT) == (1, "unchanged")
    assert night.rows("select seen_at, confirmed_at from revisions") == [
        ("2026-09-01T18:30:00Z", "2026-09-02T18:30:00Z")
    ]
    assert night.value("select capture_id from articles") == 1
    assert events(night) == [("found", None)]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"title": "Tin mới"}, ["title"]),
        ({"summary": "Khác."}, ["summary"]),
        ({"summary": None}, ["summary"]),
        ({"body": "Khác."}, ["body"]),
        ({"byline": "Khác"}, ["byline"]),
        ({"byline": None}, ["byline"]),
        ({"source": "Khác"}, ["source"]),
        ({"source": None}, ["source"]),
        ({"dates": (on_page("2026-01-06"),)}, ["published_on"]),
        ({"images": (image_ref("a.png", "Khác"), image_ref("b.png"))}, ["captions"]),
        ({"images": (image_ref("a.png"), image_ref("b.png"))}, ["captions"]),
        ({"attachments": (file_ref("k.pdf", "Khác"),)}, ["labels"]),
        ({"images": (image_ref("b.png", "Một"), image_ref("a.png"))}, ["images"]),
        ({"images": (image_ref("a.png", "Một"),)}, ["images"]),
        ({"images": ()}, ["captions", "images"]),
        ({"attachments": ()}, ["labels", "attachments"]),
        ({"body": "Khác.", "byline": "Khác"}, ["body", "byline"]),
    ],
)
@pytest.mark.parametrize("held", [True, False])
def test_a_changed_field_makes_a_revision_that_names_it(
    night: Night, change: dict[str, Any], names: list[str], held: bool
) -> None:
    if held:
        hold_files(night)
    night.put(BASE, AT)
    assert night.put(replace(BASE, **change), AT) == (1, "changed")
    assert revisions(night) == [(1, None), (2, names)]
    assert events(night)[-1] == ("revised", ", ".join(names))
    stored = night.rows("select content_sha256, capture_id from articles")
    assert stored == night.rows("select content_sha256, capture_id from revisions where number = 2")


@pytest.mark.parametrize(
    "change",
    [
        {"body_html": "<p>Lượt xem: 88</p>"},
        {"category_title": "Tin tức - Sự kiện"},
        {"dates": ()},
        {"images": (image_ref("a.png", "Một", folder="moi"), image_ref("b.png", folder="moi"))},
        {"attachments": (file_ref("k.pdf", "Kế hoạch", folder="moi"),)},
    ],
)
@pytest.mark.parametrize("held", [True, False])
def test_counters_a_withheld_date_and_moved_files_make_no_revision(
    night: Night, change: dict[str, Any], held: bool
) -> None:
    if held:
        hold_files(night)
        hold_files(night, folder="moi")
    night.put(BASE, AT)
    assert night.put(replace(BASE, **change), AT) == (1, "unchanged")
    assert revisions(night) == [(1, None)]
    assert night.value("select published_on from articles") == "2026-01-05"


def test_a_file_under_another_name_with_the_same_bytes_makes_no_revision(night: Night) -> None:
    hold_files(night)
    night.put(BASE, AT)
    night.put_file(f"{STORE}/lci/ten-moi.png", picture("red"))
    renamed = replace(BASE, images=(image_ref("ten-moi.png", "Một"), image_ref("b.png")))
    assert night.put(renamed, AT) == (1, "unchanged")


def test_another_file_under_the_same_address_makes_a_revision(night: Night) -> None:
    hold_files(night)
    night.put(BASE, AT)
    night.put_file(f"{STORE}/lci/a.png", picture("green"))
    assert night.put(BASE, AT) == (1, "unchanged")
    assert revisions(night)[1:] == [(2, ["images"])]
    digests = night.rows("select image_sha256 from revision_images where position = 0 order by number")
    assert digests[0] != digests[1]


def test_a_file_fetched_later_completes_its_revision(night: Night) -> None:
    night.put(BASE, AT)
    assert night.rows("select image_sha256 from article_images") == [(None,), (None,)]
    hold_files(night)
    assert night.put(BASE, AT) == (1, "unchanged")
    assert revisions(night) == [(1, None)]
    assert all(row[0] for row in night.rows("select image_sha256 from article_images"))
    assert all(row[0] for row in night.rows("select attachment_sha256 from article_attachments"))
    assert events(night) == [("found", None), ("completed", None)]
    night.put(BASE, AT)
    assert len(events(night)) == 2


def test_a_file_that_fails_later_keeps_its_digest(night: Night) -> None:
    hold_files(night)
    night.put(BASE, AT)
    night.put_failure(f"{STORE}/lci/a.png", "http-404", "image")
    assert night.put(BASE, AT) == (1, "unchanged")
    assert all(row[0] for row in night.rows("select image_sha256 from article_images"))


def test_a_moved_file_that_fails_makes_no_revision(night: Night) -> None:
    hold_files(night)
    night.put(BASE, AT)
    moved = replace(BASE, images=(image_ref("a.png", "Một", folder="moi"), image_ref("b.png", folder="moi")))
    assert night.put(moved, AT) == (1, "unchanged")


def test_a_date_learnt_later_completes_and_makes_no_revision(night: Night) -> None:
    night.put(article(), AT)
    night.put_listing(listing(link(AT, day="2026-01-04")))
    assert revisions(night) == [(1, None)]
    assert night.value("select published_on from revisions") == "2026-01-04"
    assert night.value("select content_sha256 from articles") == night.value("select content_sha256 from revisions")
    assert night.put(article(), AT) == (1, "unchanged")


def test_a_page_that_gives_the_date_which_a_listing_gave_before_makes_no_revision(night: Night) -> None:
    night.put_listing(listing(link(AT, day="2026-01-04")))
    night.put(article(), AT)
    assert night.put(article(dates=(on_page("2026-01-05"),)), AT) == (1, "unchanged")
    row = night.rows("select a.published_on, a.published_from, r.published_on from articles a join revisions r")
    assert row == [("2026-01-05", "page", "2026-01-05")]


def test_a_summary_from_a_listing_completes_and_stays(night: Night) -> None:
    night.put(article(), AT)
    night.put_listing(listing(link(AT, summary="Tóm tắt.")))
    assert night.rows("select a.summary, r.summary from articles a join revisions r") == [("Tóm tắt.", "Tóm tắt.")]
    for _ in range(2):
        assert night.put(article(), AT) == (1, "unchanged")
    assert revisions(night) == [(1, None)]
    assert night.value("select summary from articles") == "Tóm tắt."


def test_a_completion_touches_the_current_revision_only(night: Night) -> None:
    night.put(article(body="A."), AT)
    first = night.value("select content_sha256 from revisions")
    night.put(article(body="B."), AT)
    night.put_listing(listing(link(AT, day="2026-01-04", summary="Tóm tắt.")))
    rows = night.rows("select number, published_on, summary from revisions order by number")
    assert rows == [(1, None, None), (2, "2026-01-04", "Tóm tắt.")]
    assert night.value("select content_sha256 from revisions where number = 1") == first


def test_a_later_revision_keeps_what_a_listing_said(night: Night) -> None:
    night.put(article(body="A."), AT)
    night.put_listing(listing(link(AT, day="2026-01-04", summary="Tóm tắt.")))
    night.put(article(body="B."), AT)
    assert revisions(night)[1:] == [(2, ["body"])]
    assert night.rows("select published_on, summary from revisions where number = 2") == [("2026-01-04", "Tóm tắt.")]


def test_the_views_show_the_files_of_the_current_revision_in_order(night: Night) -> None:
    hold_files(night)
    night.put(BASE, AT)
    night.put(replace(BASE, images=(image_ref("b.png", "Hai"),), attachments=()), AT)
    assert night.rows("select number, position, url, caption from article_images") == [
        (2, 0, f"{STORE}/lci/b.png", "Hai")
    ]
    assert night.rows("select * from article_attachments") == []
    assert night.rows("select number, position, caption from revision_images order by number, position") == [
        (1, 0, "Một"), (1, 1, None), (2, 0, "Hai"),
    ]  # fmt: skip


def test_an_image_in_two_articles_is_one_row(night: Night) -> None:
    hold_files(night)
    night.put(BASE, AT)
    night.put(replace(BASE, title="Hai"), new_address(2, "hai"))
    assert night.value("select count(*) from images") == 2
    assert night.value("select count(*) from revision_images") == 4
