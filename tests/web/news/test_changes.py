"""The lists by night: what was changed, and what went away, with the evidence."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.archive.withheld.requests import OperatorRequest, leave_request
from crawler.attachments.harvest import Bounds, harvest_texts
from crawler.items import FileRole
from crawler.replica.content.documents import write_pdf
from crawler.web.news.changed_articles import PERIODS, ChangeFilter, read_changed_articles
from tests.support.build import STORE, Clock, Night, article, file_ref, link, listing, new_address
from tests.support.past_archive import AWAY, EDITED, GONE, LEFT, SUMS, open_past
from tests.support.web_archive import Site, words_of


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_past(tmp_path_factory.mktemp("changes")) as opened:
        yield opened


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same archive after its fourth night, when two articles are missing and none is certainly removed."""
    with open_past(tmp_path_factory.mktemp("early"), nights=4) as opened:
        yield opened


def listed(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<h3 lang="vi"><a href="/article/(\d+)', page)]


def nights(page: str) -> list[str]:
    return re.findall(r"Đêm (\d\d/\d\d/\d{4})", page)


def test_changes_are_listed_by_night_newest_first_with_numbers_and_bounds(past: Site) -> None:
    page = past.get("/changes").text
    assert nights(page) == ["06/09/2026", "04/09/2026"]
    assert listed(page) == [EDITED, EDITED]
    said = words_of(page)
    assert f"[bỏ: {SUMS[0]} đồng ] → [thêm: {SUMS[1]} đồng ]" in said
    assert "Sửa sau 03/09/2026 01:30 (lần cuối còn như trước) và trước 04/09/2026 01:30" in said
    assert f'href="/article/{EDITED}/diff/1..2"' in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("class=number", 2),
        ("class=images", 2),
        ("class=name", 0),
        ("class=attachments", 0),
        ("portal=sapa", 2),
        ("portal=other", 0),
        ("class=number&portal=sapa", 2),
    ],
)
def test_changes_are_filtered_by_portal_and_class(past: Site, query: str, expected: int) -> None:
    assert len(listed(past.get(f"/changes?{query}").text)) == expected


def test_an_invalid_class_is_named_and_ignored(past: Site) -> None:
    page = past.get("/changes?class=%3Cscript%3E").text
    assert "Không hiểu giá trị của: Loại thay đổi" in page
    assert len(listed(page)) == 2


@pytest.mark.parametrize("before", ["x", "2026-09-05T18:30:00Z", "2026-09-05T18:30:00Z_1_99999999999999999999", "%00"])
def test_a_place_that_is_none_shows_the_newest(past: Site, before: str) -> None:
    for path in ("/changes", "/removed"):
        assert past.get(f"{path}?before={before}").text.count("<h2") == past.get(path).text.count("<h2")


def test_a_capture_that_is_evidence_of_a_miss_says_so_and_claims_no_version(past: Site) -> None:
    page = past.get("/removed").text
    captures = re.findall(r'<td><a href="(/capture/\d+)', page)
    assert len(captures) == 5
    for capture in captures:
        said = words_of(past.get(capture).text)
        assert "Lần này cổng không trả về bài." in said
        assert "Lúc đó là phiên bản" not in said
    last = re.search(r'href="(/capture/\d+)">Bản chụp cuối', page)
    assert last is not None
    said = words_of(past.get(last[1]).text)
    assert "Lần này cổng không trả về bài." not in said
    assert "Lúc đó là phiên bản 1" in said


def test_removed_shows_each_miss_and_when_it_vanished_at_the_earliest_and_the_latest(past: Site) -> None:
    page = past.get("/removed").text
    assert listed(page) == [GONE]
    assert nights(page) == ["04/09/2026"]
    said = words_of(page)
    assert "Đêm 04/09/2026 1 bài" in said
    assert "Lần cuối còn thấy 03/09/2026 01:30; vắng mặt từ 04/09/2026 01:30, qua 5 lần xem lại" in said
    assert "Biến mất sau" not in said  # the same times once more
    assert said.count("410, trang đã bị bỏ (HTTP 410)") == 5
    last = re.search(r'href="(/capture/\d+)">Bản chụp cuối', page)
    assert last is not None
    assert past.get(last[1]).status_code == 200
    assert "Bài bị gỡ" in past.get(f"{last[1]}?part=raw").text


def test_unlisted_articles_are_a_list_of_their_own_and_still_answer(past: Site) -> None:
    page = past.get("/removed?which=unlisted").text
    assert listed(page) == [LEFT]
    assert "Vẫn mở được lúc 08/09/2026 01:30" in words_of(page)


def test_what_came_back_says_for_how_many_days_it_was_away(past: Site) -> None:
    page = past.get("/removed?which=returned").text
    assert listed(page) == [AWAY]
    assert "đã khác" not in page
    assert "2 ngày (ít nhất 1, nhiều nhất 3 ngày)" in words_of(page)


def test_suspect_articles_are_a_separate_list(early: Site, past: Site) -> None:
    for which in ("checking", "suspect"):  # the former name is in bookmarks
        assert sorted(listed(early.get(f"/removed?which={which}").text)) == [AWAY, GONE]
    assert listed(early.get("/removed").text) == []
    assert listed(past.get("/removed?which=checking").text) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("since=2026-09-04&until=2026-09-04", [GONE]),
        ("since=2026-09-05", []),
        ("until=2026-09-03", []),
        ("since=9/2026&until=9/2026", [GONE]),
        ("since=8/2026&until=8/2026", []),
        ("since=0001-01-01&until=9999-12-31", [GONE]),
        ("portal=other", []),
    ],
)
def test_removed_is_filtered_by_days_of_the_portal(past: Site, query: str, expected: list[int]) -> None:
    assert listed(past.get(f"/removed?{query}").text) == expected


def test_invalid_days_and_kinds_are_named_and_ignored(past: Site) -> None:
    page = past.get("/removed?since=hom-qua&which=all").text
    assert "Không hiểu giá trị của: Xem loại nào, Từ ngày" in page
    assert listed(page) == [GONE]


def test_pages_by_key_show_every_row_once(tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive.db", Clock()
    addresses = [new_address(500 + number, f"bai-{number}") for number in range(70)]
    for edition in range(2):
        with Night(archive, clock) as night:
            night.put_listing(listing(*map(link, addresses)))
            for address in addresses:
                night.put(article(address.source_id or "", f"Bản {edition}"), address)
        clock.go_on(days=1)
    with Night(archive, clock) as night:
        for address in addresses:
            night.put_gone(address.url)
    clock.go_on(days=1)
    for number in range(1, 71):
        # All of a portal at once is never certain by itself: a person decides.
        leave_request(archive, OperatorRequest("removed", "article", str(number), "x", "y", "2026-09-05T00:00:00Z"))
    with Night(archive, clock) as night:
        night.writer.commit().result()
    site = Site(archive)
    try:
        for start in ("/changes", "/removed"):
            path, seen = start, []
            while path:
                page = site.get(path).text
                seen += listed(page)
                following = re.search(r'rel="next" href="([^"]+)"', page)
                path = following[1].replace("&amp;", "&") if following else ""
            assert sorted(seen) == list(range(1, 71)), start
            assert seen == sorted(seen, reverse=True)
    finally:
        site.close()


def test_lists_by_time_walk_an_index_and_sort_nothing(past: Site) -> None:
    from crawler.web.news import change_queries as changes_reads
    from crawler.web.news import removal_queries as removed_reads
    from crawler.web.news.change_queries import Key

    plans: list[str] = []

    def explain(connection: object) -> None:
        statements: list[str] = []
        connection.set_trace_callback(statements.append)  # type: ignore[attr-defined]
        key = Key("2026-09-06T00:00:00Z", 99, 9)
        for portal in (None, "sapa"):
            changes_reads.read_changes(connection, limit=5, before=key, portal=portal)  # type: ignore[arg-type]
            for which in removed_reads.WHICH:
                span = removed_reads.NightRange(portal, before=key)
                removed_reads.read_gone(connection, which, span=span, limit=5)  # type: ignore[arg-type]
        for period in PERIODS:
            read_changed_articles(connection, ChangeFilter(period=period), limit=4, before=key)  # type: ignore[arg-type]
        connection.set_trace_callback(None)  # type: ignore[attr-defined]
        for statement in statements:
            if re.search(r" limit 5\b", statement):
                rows = connection.execute(f"explain query plan {statement}").fetchall()  # type: ignore[attr-defined]
                plans.append("; ".join(row[3] for row in rows))

    past.loop.run_until_complete(past.datasette.get_database("archive").execute_fn(explain))
    assert len(plans) == 12
    for plan in plans:
        assert "TEMP B-TREE" not in plan, plan
        assert "SCAN" not in plan, plan
        # Not one of all events, or of all articles of a portal.
        assert re.search("revisions_changed|articles_removed|articles_checking|article_events_kind", plan), plan


def edit_often(folder: Path) -> Path:
    """Build an archive: three changes in one night (the third as the first version), one more two nights later.

    A second article changes once in that night, and a third comes back changed from an absence.
    """
    archive, clock = folder / "archive.db", Clock()
    often, once, away = new_address(301, "nhieu"), new_address(302, "mot"), new_address(303, "vang")
    said = [("a", "x", "m"), ("b", "x", "m"), ("c", "y", None), ("a", "y", None), ("a", "y", None), ("d", "y", "n")]
    # The first day is a Wednesday, 2/9/2026; the next three changes are on the 3rd, the last in the same week.
    for number, (first, second, third) in enumerate(said):
        with Night(archive, clock) as run:
            run.put_listing(listing(*(link(one) for one in (often, once, away) if one is not away or third)))
            run.put(article("Bài sửa nhiều", f"Đoạn {first} của bài sửa nhiều lần."), often)
            run.put(article("Bài sửa một lần", f"Đoạn {second} của bài sửa một lần."), once)
            if third:
                run.put(article("Bài vắng", f"Đoạn {third} của bài vắng mặt."), away)
            else:
                run.put_gone(away.url)
            run.walked()
        clock.go_on(**({"days": 1} if number in (0, 3, 4) else {"hours": 2}))
    return archive


def test_what_one_article_changed_in_a_night_is_one_entry(tmp_path: Path) -> None:
    site = Site(edit_often(tmp_path))
    try:
        page = site.get("/changes").text
        said = words_of(page)
        assert nights(page) == ["05/09/2026", "03/09/2026"]
        assert listed(page) == [3, 1, 1, 2]
        assert "Đêm 03/09/2026 2 bài, 4 lần sửa" in said
        assert "Đêm 05/09/2026 2 bài, 2 lần sửa" in said
        assert 'href="/article/1/diff/1..4"' in page
        assert page.count("Trở lại như phiên bản 1") == 1
        assert page.count("Trở lại sau khi vắng mặt, đã khác") == 1
        week = site.get("/changes?by=week").text
        assert listed(week) == [3, 1, 2]
        back = site.get("/removed?which=returned").text
        assert listed(back) == [3]
        assert "Đêm 05/09/2026 1 bài" in words_of(back)
        assert "Trở lại sau khi vắng mặt, đã khác" in back
        assert 'href="/article/3/diff/1..2"' in back
        assert "Tuần 31/08/2026 – 06/09/2026 3 bài, 6 lần sửa" in words_of(week)
        assert 'href="/article/1/diff/1..5"' in week
    finally:
        site.close()


def test_a_night_is_the_day_on_which_the_run_began(tmp_path: Path) -> None:
    """Runs begin on the 30th and 31st of August and on the 1st of September, and see articles after midnight."""
    archive, clock = tmp_path / "archive.db", Clock(datetime(2026, 8, 30, 16, 50, tzinfo=UTC))
    steady, away = new_address(301, "sua"), new_address(302, "vang")
    for number in range(3):
        with Night(archive, clock) as run:
            run.put_listing(listing(*(link(one) for one in (steady, away))))
            clock.go_on(minutes=20)  # 00:10 of the next day at the portal
            run.put(article("Bài sửa", f"Đoạn văn thứ {number} của bài."), steady)
            if number == 1:
                run.put_gone(away.url)
            else:
                run.put(article("Bài vắng", "Đoạn văn của bài vắng."), away)
            run.walked()
        clock.go_on(days=1, minutes=-20)
    site = Site(archive)
    try:
        page = site.get("/changes").text
        assert nights(page) == ["01/09/2026", "31/08/2026"]
        assert words_of(page).count("1 bài, 1 lần sửa") == 2
        assert "trước 02/09/2026 00:10 (lần đầu thấy khác)" in words_of(page)
        assert "Tuần 31/08/2026 – 06/09/2026 1 bài, 2 lần sửa" in words_of(site.get("/changes?by=week").text)
        for query, found in (
            ("", ["01/09/2026"]),
            ("&until=31/8/2026", []),
            ("&since=1/9/2026&until=1/9/2026", ["01/09/2026"]),
        ):
            back = site.get(f"/removed?which=returned{query}").text
            assert nights(back) == found, query
        assert "Đêm 01/09/2026 1 bài" in words_of(site.get("/removed?which=returned").text)
    finally:
        site.close()


def test_a_unit_that_changed_alone_is_a_change_of_numbers(tmp_path: Path) -> None:
    archive, clock = tmp_path / "archive.db", Clock()
    table = "<table><tr><td>Nội dung</td><td>Vốn</td></tr><tr><td>Cầu</td><td>900</td></tr></table>"
    for unit in ("triệu đồng", "tỷ đồng"):
        with Night(archive, clock) as run:
            body, html = f"ĐVT: {unit}\n\nNội dung Vốn\n\nCầu 900", f"<p>ĐVT: {unit}</p>{table}"
            run.put(article("Dự toán", body, body_html=html), new_address(301, "bieu"))
        clock.go_on(days=1)
    site = Site(archive)
    try:
        for path in ("/changes", "/changes?class=number", "/changes?class=number&by=week"):
            page = site.get(path).text
            assert listed(page) == [1], path
            said = words_of(page)
            assert "Số tiền" in said, path
            assert said.index("900 triệu đồng") < said.index("900 tỷ đồng"), path
        assert "900 tỷ đồng" in site.get("/changes.atom?class=number&format=atom").text
        assert listed(site.get("/changes?class=name").text) == []
    finally:
        site.close()


def test_pages_of_changes_hold_each_entry_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.web.news.change_views.PAGE_ROWS", 1)
    site = Site(edit_often(tmp_path))
    try:
        for query, expected in (("", [3, 1, 1, 2]), ("by=week", [3, 1, 2]), ("class=text", [3, 1, 1, 2])):
            path, found = f"/changes?{query}", list[int]()
            while path:
                page = site.get(path).text
                found += listed(page)
                older = re.search(r'rel="next" href="([^"]+)"', page)
                path = older[1].replace("&amp;", "&") if older else ""
            assert found == expected
        assert "Không hiểu giá trị của: Gộp theo" in site.get("/changes?by=x").text
    finally:
        site.close()


def test_a_changed_sum_in_a_replaced_file_is_a_changed_number(tmp_path: Path) -> None:
    """The class was known of articles' own texts alone: who looked for changed sums never saw a swapped table."""
    archive, clock = tmp_path / "archive.db", Clock()
    sums = ("2.450.000.000", "3.150.000.000")
    for night_of, total in enumerate(sums):
        with Night(archive, clock) as night:
            files = [("du-toan", total, "du-toan.pdf"), ("van-ban", sums[0], f"van-ban-{night_of}.pdf")]
            for number, (words, amount, name) in enumerate(files, start=1):
                pdf = write_pdf((f"Văn bản {name}", f"Xây cầu Má Tra: {amount} đồng"))
                night.put_file(f"{STORE}/lci/{name}", pdf, FileRole.ATTACHMENT)
                night.put(article(words, "Kèm tệp.", attachments=(file_ref(name),)), new_address(number, words))
            more = (file_ref("du-toan.pdf"),) if night_of else ()
            night.put(article("Thêm tệp", "Kèm tệp.", attachments=(file_ref("van-ban-0.pdf"), *more)), new_address(9))
            night.walked()
        clock.go_on(days=1)
    unread = Site(archive)
    try:
        assert listed(unread.get("/changes?class=number").text) == []
    finally:
        unread.close()
    harvest_texts(archive, Bounds(None, lambda: False))
    site = Site(archive)
    try:
        assert len(listed(site.get("/changes?class=attachments").text)) == 3
        page = site.get("/changes?class=number").text
        assert listed(page) == [1]
        assert "1 bài, 1 lần sửa" in words_of(page)
        assert site.get("/changes.atom?class=number").text.count("<entry>") == 1
        assert listed(site.get("/changes?class=date").text) == []
    finally:
        site.close()
