"""Faults that look like edits: each changes what a page shows of its article, and only in its way."""

import re
from collections.abc import Callable

import pytest

from crawler.replica import Replica
from crawler.replica.server.edit_faults import EDIT_KINDS
from tests.support.replica import ask

# What each fault is known by in the page that it gives, against the proper one.
SIGNS: dict[str, Callable[[str, str], bool]] = {
    "cut-page": lambda page, proper: len(page) < len(proper) - 200 and "class=\"footer\"" not in page,
    "next-article": lambda page, proper: heading(page) not in ("", heading(proper)),
    "newest-article": lambda page, proper: heading(page) not in ("", heading(proper)),
    "counter": lambda page, _: "<p>Hôm nay: 102</p>" in page,
    "own-counter": lambda page, _: "ghé nhà: 102</p>" in page,
    "banner": lambda page, _: "<p>Đón năm mới</p>" in page,
    "heading-counter": lambda page, proper: heading(page) == f"{heading(proper)} (202 lượt xem)",
    "summary-flicker": lambda page, proper: "ArticleSummary" in page and "ArticleSummary" in proper,
    "buddhist-date": lambda page, _: re.search(r"PostDate.>[^<]*/25\d\d", page) is not None,
}  # fmt: skip


def heading(page: str) -> str:
    found = re.search(r"(?s)ArticleHeader[^>]*>(?:<h1>)?(.*?)</", page)
    return found[1].strip() if found else ""


def test_every_kind_has_its_sign() -> None:
    assert set(SIGNS) == set(EDIT_KINDS)


@pytest.mark.parametrize("kind", EDIT_KINDS)
def test_each_kind_shows_in_the_second_answer(portal: Replica, kind: str) -> None:
    url = next(
        one.url
        for one in portal.truth().articles
        if one.state == "live"
        and "ArticleSummary" in (page := ask(one.url).text)
        and re.search(r"PostDate.>[^<]*/20\d\d", page)
    )
    proper = ask(url).text
    path = "/" + url.split("/", 3)[3]
    portal.faults.set(path, kind)
    try:
        first, second = (ask(url) for _ in range(2))
    finally:
        portal.faults.clear()
    assert (first.status, second.status) == (200, 200)
    assert SIGNS[kind](second.body.decode(errors="replace"), proper)
    if kind == "summary-flicker":
        assert "ArticleSummary" not in first.text
