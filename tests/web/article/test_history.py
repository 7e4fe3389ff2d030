"""An article's history, and two of its versions compared."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest

from crawler.archive.database import open_for_reading
from crawler.archive.warc.captures import capture_by_record
from crawler.items import FileRole
from crawler.web.article.comparison import compare_files, compare_versions
from crawler.web.article.history_queries import read_history
from crawler.web.article.queries import PageImage, read_version
from crawler.web.article.timeline import list_happenings
from crawler.web.captures.capture_index import read_article_then
from tests.support.build import STORE, Night, article, file_ref, new_address
from tests.support.past_archive import AWAY, EDITED, GONE, LEFT, ODD, SUMS, open_past
from tests.support.web_archive import Site, words_of


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_past(tmp_path_factory.mktemp("history")) as opened:
        yield opened


def test_history_names_every_version_with_what_changed_and_between_when(past: Site) -> None:
    page = past.get(f"/article/{EDITED}/history").text
    for path in ("revision/1", "revision/2", "revision/3", "diff/1..2", "diff/2..3"):
        assert f'href="/article/{EDITED}/{path}"' in page
    said = words_of(page)
    assert "Sửa sau 03/09/2026 01:30 (lần cuối còn như trước) và trước 04/09/2026 01:30 (lần đầu thấy khác)." in said
    assert "Sửa sau 05/09/2026 01:30 (lần cuối còn như trước) và trước 06/09/2026 01:30 (lần đầu thấy khác)." in said
    assert "con số" in said


def test_history_tells_an_absence_once_with_its_bounds_and_evidence(past: Site) -> None:
    page = past.get(f"/article/{AWAY}/history").text
    said = words_of(page)
    assert "Lần cuối còn thấy trước đó: 03/09/2026 01:30." in said
    assert said.count("Bằng chứng: 2 đêm không thấy") == 1
    assert said.count("404, không có trang (HTTP 404)") == 2
    assert "Trở lại" in said


def test_history_tells_removal_from_leaving_the_listings(past: Site) -> None:
    assert "Bị gỡ khỏi cổng" in words_of(past.get(f"/article/{GONE}/history").text)
    left = words_of(past.get(f"/article/{LEFT}/history").text)
    assert "Rời danh sách tin" in left
    assert "Bị gỡ khỏi cổng" not in left


def test_every_evidence_leads_to_a_capture_that_is_there(past: Site) -> None:
    pages = "".join(past.get(f"/article/{number}/history").text for number in range(1, 7))
    links = set(re.findall(r'href="(/capture/\d+)"', pages))
    assert len(links) > 10
    assert {past.get(link).status_code for link in links} == {200}


def test_diff_shows_the_sum_of_money_that_changed(past: Site) -> None:
    said = words_of(past.get(f"/article/{EDITED}/diff/1..2").text)
    assert f"Số tiền: [bỏ: {SUMS[0]} đồng ] → [thêm: {SUMS[1]} đồng ]" in said


def test_diff_says_between_when_and_when(past: Site) -> None:
    said = words_of(past.get(f"/article/{EDITED}/diff/1..2").text)
    assert "Sửa sau 03/09/2026 01:30 (lần cuối còn như trước) và trước 04/09/2026 01:30" in said


def test_diff_marks_words_for_eyes_and_for_ears(past: Site) -> None:
    page = past.get(f"/article/{EDITED}/diff/1..2").text
    body = page.partition('id="field-body"')[2].partition("</section>")[0]
    assert re.search(rf"<del><span[^>]*>\[bỏ: </span><bdi>{SUMS[0]}</bdi>", body)
    assert re.search(rf"<ins><span[^>]*>\[thêm: </span><bdi>{SUMS[1]}</bdi>", body)


def test_diff_folds_away_long_paragraphs_that_did_not_change(past: Site) -> None:
    page = past.get(f"/article/{EDITED}/diff/1..2").text
    folded = re.search(r'<details class="unchanged">.*?</details>', page, re.DOTALL)
    assert folded is not None
    assert "1 đoạn không đổi" in folded[0]
    assert "Đoạn này không bao giờ đổi" in folded[0]


def test_diff_sets_replaced_pictures_side_by_side_with_their_captions_compared(past: Site) -> None:
    page = past.get(f"/article/{EDITED}/diff/1..2").text
    pictures = page.partition('id="field-images"')[2].partition("</section>")[0]
    assert "bị thay bằng tệp khác" in pictures
    assert len(set(re.findall(r'src="/thumbnail/([0-9a-f]{64})"', pictures))) == 2
    assert "Trao" in pictures
    # The attachment is the same, so nothing is said of it.
    assert "field-attachments" not in page


def test_diff_of_versions_that_say_the_same_says_so(past: Site) -> None:
    page = past.get(f"/article/{EDITED}/diff/1..3").text
    assert "Hai phiên bản này giống nhau." in page
    assert "Hai phiên bản này giống nhau." in past.get(f"/article/{EDITED}/diff/2..2").text


def test_versions_named_the_other_way_round_are_compared_in_order(past: Site) -> None:
    response = past.get(f"/article/{EDITED}/diff/3..2?lang=en")
    assert (response.status_code, response.headers["location"]) == (302, f"/article/{EDITED}/diff/2..3?lang=en")


def test_a_choice_of_two_versions_leads_to_their_comparison(past: Site) -> None:
    assert past.get(f"/article/{EDITED}/diff?from=1&to=2").headers["location"] == f"/article/{EDITED}/diff/1..2"
    for nonsense in ("", "?from=x&to=1", "?from=1", "?from=99999999999&to=1", "?from=%C2%B2&to=1"):
        assert past.get(f"/article/{EDITED}/diff{nonsense}").headers["location"] == f"/article/{EDITED}/history"


def test_hostile_words_stay_words(past: Site) -> None:
    for path in ("history", "revision/1"):
        page = past.get(f"/article/{ODD}/{path}").text
        assert "<script>alert" not in page
        assert "<b>đậm" not in page


def picture(name: str, sha256: str | None, caption: str | None = None) -> PageImage:
    return PageImage(f"https://x.vn/{name}", sha256, caption, None, None)


def test_files_are_compared_by_their_bytes_not_their_order_or_address() -> None:
    before = [picture("a.png", "1" * 64, "Một"), picture("b.png", "2" * 64), picture("c.png", "3" * 64, "Ba")]
    after = [picture("a2.png", "1" * 64, "Một hai"), picture("c.png", "4" * 64, "Ba"), picture("d.png", "5" * 64)]
    kinds = [(one.kind, (one.before or one.after).url[-5:]) for one in compare_files(before, after)]  # type: ignore[union-attr]
    assert kinds == [("renamed", "a.png"), ("replaced", "c.png"), ("replaced", "b.png")]


def test_files_that_changed_places_under_their_addresses_are_both_replaced() -> None:
    """They were told as one that was renamed, one that was removed, and the same one added."""
    before = [picture("a.pdf", "1" * 64, "A"), picture("b.pdf", "2" * 64, "B")]
    after = [picture("a.pdf", "2" * 64, "A"), picture("b.pdf", "1" * 64, "B")]
    found = compare_files(before, after)
    assert [(one.kind, one.before, one.after) for one in found] == [
        ("replaced", *pair) for pair in zip(before, after, strict=True)
    ]


def test_files_in_another_order_are_neither_removed_nor_added() -> None:
    before = [picture("a.pdf", "1" * 64, "A"), picture("b.pdf", "2" * 64, "B"), picture("c.pdf", "3" * 64)]
    found = compare_files(before, before[::-1])
    assert [one.after for one in found] == before[::-1]
    assert sorted(one.kind for one in found) == ["kept", "moved", "moved"]


def test_one_of_two_equal_files_that_went_is_removed() -> None:
    before = [picture("a.pdf", "1" * 64, "A"), picture("b.pdf", "1" * 64, "B")]
    assert [(one.kind, one.before) for one in compare_files(before, before[1:])] == [
        ("removed", before[0]), ("kept", before[1]),
    ]  # fmt: skip


def test_files_that_are_not_had_are_compared_by_name() -> None:
    assert [one.kind for one in compare_files([picture("a.png", None)], [picture("a.png", None)])] == ["kept"]
    assert [one.kind for one in compare_files([], [picture("a.png", None)])] == ["added"]
    assert [one.kind for one in compare_files([picture("a.png", None)], [])] == ["removed"]


def test_a_replaced_file_is_a_version_of_its_own_with_the_capture_of_the_file(night: Night) -> None:
    file = f"{STORE}/lci/qd.pdf"
    night.put_file(file, b"%PDF-1.4 old", FileRole.ATTACHMENT)
    night.put(article("Tin", attachments=(file_ref("qd.pdf"),)), new_address(1))
    night.clock.go_on(days=1)
    night.put_file(file, b"%PDF-1.4 new", FileRole.ATTACHMENT)
    night.clock.go_on(days=1)
    night.put_failure(file, "http-404", "attachment")
    night.writer.commit().result()
    with closing(open_for_reading(night.writer.archive)) as connection:
        history = read_history(connection, 1, timezone="Asia/Ho_Chi_Minh")
        happenings = list_happenings(history, is_removed=False)
        told = [(one.kind, one.version.number if one.version else None) for one in happenings]
        assert told == [("found", 1), ("revised", 2), ("file-gone", None)]
        revised = happenings[1]
        assert revised.before is not None
        assert revised.before.number == 1
        row = connection.execute("select url from captures where id = ?", (revised.capture_id,)).fetchone()
        assert row["url"] == file == happenings[2].detail
        before, after = (read_version(connection, 1, number=number) for number in (1, 2))
        assert before is not None
        assert after is not None
        assert [one.kind for one in compare_versions(before, after).files] == ["replaced"]
        assert (after.files[0].error, after.files[0].checked_at) == ("http-404", happenings[1].at)
        page = capture_by_record(
            connection, connection.execute("select record_id from captures where id = 2").fetchone()[0]
        )
        then = read_article_then(connection, "sapa", capture=page)
        assert then is not None
        assert (then.revision_then, then.revision_now) == (1, 2)


def test_a_history_reads_no_table_whole(night: Night) -> None:
    """At a million articles one such table took two seconds of each article's page."""
    night.put(article("Tin", attachments=(file_ref("qd.pdf"),)), new_address(1))
    night.writer.commit().result()
    statements: list[str] = []
    with closing(open_for_reading(night.writer.archive)) as connection:
        tables = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
        connection.set_trace_callback(statements.append)
        read_history(connection, 1, timezone="Asia/Ho_Chi_Minh")
        connection.set_trace_callback(None)
        asked = [one for one in statements if one.lstrip().startswith("select")]
        steps = [(row[3], one) for one in asked for row in connection.execute(f"explain query plan {one}")]
    assert len(asked) >= 5
    assert [(step, one) for step, one in steps if step.startswith("SCAN ") and step.split()[1] in tables] == []
