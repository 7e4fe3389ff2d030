"""The draft guard: what is said of each claim of a draft, and that nothing of the draft is kept."""

import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import httpx
import pytest

from crawler.items import FileRole
from crawler.web.draft import views
from crawler.web.draft.views import MOST_CHARACTERS, MOST_CLAIMS
from crawler.web.visitor_sql.request_bounds import MAX_BODY_BYTES
from crawler.withholding.act import Intent, carry_out
from tests.support.attachments.read_files import open_files
from tests.support.build import BASE, Clock, Night, article, file_ref, link, listing, new_address, on_page
from tests.support.texts.drafts import post, states
from tests.support.web_archive import Site, words_of

NIGHTS = 8
LIVE, EDITED, GONE, AWAY, NUMBERS, TWIN, OTHER = (
    new_address(200 + place, slug) for place, slug in enumerate(("con", "sua", "go", "vang", "so", "nam", "khac"))
)
NEWS = f"{BASE}/tin-tuc"
PRAISE = "Bà con thôn Tả Van rất phấn khởi khi con đường mới được thông xe"
VOW = "Chúng tôi sẽ không thu hồi một mét đất nào của các hộ dân"
LOST = "Toàn bộ hồ sơ của dự án cáp treo đã được chuyển cho cơ quan điều tra"
BACK = "Lễ hội xuống đồng năm nay sẽ không tổ chức phần bắn pháo hoa"
YEARLY = "Số liệu cho thấy thu ngân sách trên địa bàn ước đạt {} đồng, bằng {} dự toán tỉnh giao."
PLAN = "Kinh phí xây dựng cầu treo Nậm Cang là {} đồng, hỗ trợ cho {} hộ nghèo của thôn Nậm Than."


def build(folder: Path) -> Path:
    """EDITED drops its vow on night 3 and changes a sum on night 5; GONE is removed from 3 on; AWAY misses 3 and 4."""
    archive, clock = folder / "archive.db", Clock()
    for night in range(1, NIGHTS + 1):
        with Night(archive, clock) as run:
            away = night in (3, 4)
            named = [LIVE, EDITED, NUMBERS, TWIN, OTHER] + ([GONE] if night < 3 else []) + ([] if away else [AWAY])
            run.put_listing(listing(*(link(one) for one in named), url=NEWS, title="Tin tức"))
            run.put_file("https://storage.example.vn/lci/kh.pdf", b"%PDF-1.7 kh", FileRole.ATTACHMENT)
            run.put(
                article(
                    "Thông xe đường Tả Van",
                    f"Ông Giàng A Páo nói: “{PRAISE}”.\n\nTheo Quyết định 1234/QĐ-UBND ngày 3/6/2026 của UBND huyện.",
                    attachments=(file_ref("kh.pdf", "Kế hoạch"),),
                    dates=(on_page("2026-06-10"),),
                ),
                LIVE,
            )
            vow = f"“{VOW}”, ông nói" if night < 3 else "ông không nói gì thêm"
            rule = "88/TB-UBND" if night < 3 else "99/TB-UBND"
            run.put(article("Họp dân về khu du lịch Séo Mý Tỷ", f"Tại cuộc họp, {vow}. Xem {rule}."), EDITED)
            sums = ("1,5 tỷ", "64") if night < 5 else ("1,8 tỷ", "47")
            run.put(article("Xây cầu treo Nậm Cang", PLAN.format(*sums)), NUMBERS)
            for place, sums in ((TWIN, ("64 triệu", "47,5%")), (OTHER, ("75 triệu", "58,6%"))):
                run.put(article(f"Thu ngân sách {sums[0]}", YEARLY.format(*sums)), place)
            if night < 3:
                run.put(article("Hồ sơ cáp treo", f"Ông cho biết: “{LOST}”. Có 12 bị can trong vụ án này."), GONE)
            else:
                run.put_gone(GONE.url, 410)
            if away:
                run.put_gone(AWAY.url)
            else:
                run.put(article("Lễ hội xuống đồng", f"“{BACK}”, Phòng Văn hóa thông báo."), AWAY)
            run.walked(NEWS)
        clock.go_on(days=1)
    return archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("draft"))


@pytest.fixture(scope="module")
def site(archive: Path) -> Iterator[Site]:
    opened = Site(archive)
    yield opened
    opened.close()


def test_a_draft_of_many_claims_gets_each_its_state(site: Site) -> None:
    draft = f"""Sáng nay ông Páo kể: "{PRAISE}".
Ở cuộc họp, lãnh đạo huyện hứa «{VOW}».
‘{LOST}’ là câu trong bài đã mất. Bài ấy: {GONE.url}
– {BACK}, Phòng Văn hóa thông báo.
“Một câu không ai từng nói ở bất cứ bài nào của cổng”.
Theo Quyết định số 1234/QĐ‑UBND, Thông báo 88/TB–UBND và Công văn 777/CV-ABC.
Kinh phí xây dựng cầu treo Nậm Cang là 1.500 triệu đồng, hỗ trợ 47 hộ nghèo thôn Nậm Than.
Bài gốc: {LIVE.url}?fbclid=x, thêm https://vnexpress.net/article/1 và {BASE}/tin-tuc/khong-co-999999."""
    answer = post(site, draft)
    assert answer.status_code == 200
    assert states(answer.text) == [
        (PRAISE, "published"),
        (VOW, "changed"),
        (LOST, "gone"),
        (GONE.url, "gone"),
        (BACK, "published"),
        ("Một câu không ai từng nói ở bất cứ bài nào của cổng", "missing"),
        ("1234/QĐ‑UBND", "published"),
        ("88/TB–UBND", "changed"),
        ("777/CV-ABC", "missing"),
        ("1.500 triệu đồng", "changed"),
        ("47 hộ", "published"),
        (f"{LIVE.url}?fbclid=x", "published"),
        ("https://vnexpress.net/article/1", "foreign"),
        (f"{BASE}/tin-tuc/khong-co-999999", "missing"),
    ]
    said = words_of(answer.text)
    assert "14 điều đã soát" in said
    for count, name in ((5, "Còn đăng như vậy"), (3, "Đã bị sửa"), (2, "Đã bị gỡ"), (3, "Không thấy")):
        assert f"{count} {name}" in said
    assert re.search(r'href="/article/2/diff/1\.\.2"', answer.text)
    assert "Không còn thấy từ" in said


@pytest.mark.parametrize(
    ("quoted", "said"),
    [
        (PRAISE.replace("mới", "cũ"), "khác từ"),
        (PRAISE.replace("khởi", "khơỉ").replace("phấn", "phân"), "khác dấu của chữ"),
        (VOW.upper(), "chữ hoa, chữ thường"),  # in an older version alone
        (VOW.replace("không", "chưa"), "khác từ"),
        ("Không ai trong số này từng nói câu ấy cả", None),
        (PRAISE.lower(), "chữ hoa, chữ thường"),
        (PRAISE.replace("xe", "xe").replace("thôn ", "thôn, "), "dấu câu"),
        (BACK.replace("hoa", "hoả"), "khác dấu của chữ"),
    ],
)
def test_what_is_nearly_quoted_is_never_as_published(site: Site, quoted: str, said: str | None) -> None:
    page = post(site, f"Ông nói: “{quoted}”.").text
    assert [state for _, state in states(page)] == ["near" if said else "missing"]
    assert said is None or said in words_of(page)


def test_the_other_place_of_a_tone_mark_is_said_and_no_match(site: Site) -> None:
    page = post(site, "“Phòng Văn hoá thông báo”").text
    assert states(page) == [("Phòng Văn hoá thông báo", "near")]
    assert "cách viết dấu thanh" in words_of(page)


def test_a_number_counts_only_with_unit_and_words_in_an_article_that_is_meant(site: Site) -> None:
    assert states(post(site, "Có 64 hộ được tặng bò ở nơi khác.").text) == [("64 hộ", "missing")]
    # Meant by a link, but of something else.
    page = post(site, f"Xem {NUMBERS.url}\nCó 47 hộ kinh doanh quán ăn.\nHuyện có 47 người.").text
    assert states(page)[1:] == [("47 hộ", "missing"), ("47 người", "missing")]
    page = post(site, f"Xem {NUMBERS.url}\nCầu treo Nậm Cang có kinh phí 1,9 tỷ đồng để xây dựng.").text
    assert states(page)[1:] == [("1,9 tỷ đồng", "near")]
    assert "1,8 tỷ" in words_of(page)
    page = post(site, f"Xem {NUMBERS.url}\nCầu treo Nậm Cang có kinh phí 1.800 triệu để xây dựng.").text
    assert states(page)[1:] == [("1.800 triệu", "published")]
    assert "Tìm thấy trong bài mà một đường dẫn của bản thảo chỉ tới" in words_of(page)


def test_a_day_of_an_article_that_is_meant_is_shown_in_its_own_sentence(site: Site) -> None:
    page = post(site, f"Xem {LIVE.url}\nHạn nộp hồ sơ: 3/6/2026.").text
    assert states(page)[1:] == [("3/6/2026", "near")]
    assert "trong câu khác" in words_of(page)
    assert "1234/QĐ-UBND ngày 3/6/2026" in words_of(page)
    assert states(post(site, f"Xem {LIVE.url}\nHạn nộp hồ sơ: 4/6/2026.").text)[1:] == [("4/6/2026", "missing")]
    assert states(post(site, "Hạn nộp hồ sơ: 3/6/2026.").text) == [("3/6/2026", "missing")]


def test_numbers_of_a_sentence_that_is_written_every_year_must_stand_together(site: Site) -> None:
    assert states(post(site, YEARLY.format("64 triệu", "47,5%")).text) == [
        ("64 triệu đồng", "published"),
        ("47,5%", "published"),
    ]
    assert states(post(site, YEARLY.format("64 triệu", "58,6%")).text) == [("64 triệu đồng", "near"), ("58,6%", "near")]
    # One wrong number does not spoil the other one, where the words say which article is meant.
    wrong = PLAN.format("1,8 tỷ", "99")
    assert states(post(site, wrong).text) == [("1,8 tỷ đồng", "published"), ("99 hộ", "near")]


def test_a_date_is_found_however_it_is_written(site: Site) -> None:
    page = post(
        site, f"Theo {LIVE.url}\nQuyết định của UBND huyện ký ngày 3 tháng 6 năm 2026, không phải 4/6/2026."
    ).text
    assert states(page)[1:] == [("3 tháng 6 năm 2026", "published"), ("4/6/2026", "near")]


def test_a_link_to_a_listing_leads_to_its_captures_and_one_of_this_site_to_its_article(site: Site) -> None:
    page = post(site, f"{NEWS} và http://localhost/article/1").text
    assert [state for _, state in states(page)] == ["published", "published"]
    assert 'href="/address?url=' in page


def test_nothing_of_a_draft_is_kept_cached_or_logged(
    site: Site, archive: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = "Câu tuyệt mật chưa đăng zxqv"
    before = {path: path.read_bytes() for path in archive.parent.iterdir() if path.is_file()}
    with caplog.at_level(logging.DEBUG):
        answer = post(site, f'“{secret}” và ((" OR * NEAR( zxqv”')
    assert secret in unescape(answer.text)
    assert answer.headers["cache-control"] in ("no-store", "private, no-store")
    assert "etag" not in answer.headers
    assert "last-modified" not in answer.headers
    assert "zxqv" not in caplog.text + "".join(capfd.readouterr())
    assert not re.search(r'(?:href|action)="[^"]*zxqv', answer.text)
    after = {path: path.read_bytes() for path in archive.parent.iterdir() if path.is_file()}
    assert {path.name for path in after if after[path] != before.get(path)} <= {"archive.db-shm", "archive.db-wal"}
    assert all(b"zxqv" not in data for data in after.values())
    assert "zxqv" not in site.get("/draft").text


def test_the_form_is_for_readers_without_javascript_and_in_two_languages(site: Site) -> None:
    page = site.get("/draft")
    assert page.headers["cache-control"] in ("no-store", "private, no-store")
    assert '<form class="paste" action="/draft#report" method="post">' in page.text
    assert "<script" not in page.text
    assert 'action="/draft?lang=en#report"' in site.get("/draft?lang=en").text
    assert "As published now" in post(site, f"“{PRAISE}”", path="/draft?lang=en").text
    assert 'href="/draft"' in site.get("/").text
    assert post(site, "").status_code == 200


def test_a_form_of_another_site_is_refused(site: Site) -> None:
    async def ask(token: str) -> httpx.Response:
        client = site.datasette.client
        answer: httpx.Response = await client.post(
            "/draft", data={"draft": "x", "csrftoken": token}, cookies={"ds_csrftoken": cookie}
        )
        return answer

    page = site.get("/draft")
    cookie = page.cookies["ds_csrftoken"]
    token = re.search('name="csrftoken" value="([^"]+)"', page.text)
    assert token is not None
    assert site.loop.run_until_complete(ask(token[1])).status_code == 200
    assert site.loop.run_until_complete(ask("another")).status_code == 403


def test_a_long_draft_is_refused_with_a_plain_message(site: Site) -> None:
    answer = post(site, "ă" * (MOST_CHARACTERS + 1))
    assert answer.status_code == 413
    assert "Hãy chia ra và soát từng phần" in words_of(answer.text)
    huge = post(site, "ă" * MAX_BODY_BYTES)
    assert huge.status_code == 413
    assert huge.text.startswith("Nội dung gửi lên dài quá")


@pytest.mark.parametrize("body", [b"\xff\xfe=%", b"draft", b"&" * 5000, b"draft=%ff%fe%00", b"draft=" + b"%22" * 9000])
def test_a_broken_form_is_answered(site: Site, body: bytes) -> None:
    async def ask() -> httpx.Response:
        headers = {"content-type": "application/x-www-form-urlencoded", "cookie": "ds_csrftoken=x"}
        plain = {"content-type": "text/plain"}
        client = site.datasette.client
        assert (await client.post("/draft", content=body, headers=headers)).status_code in (400, 403)
        answer: httpx.Response = await client.post("/draft", content=body, headers=plain)
        return answer

    assert site.loop.run_until_complete(ask()).status_code == 200


def test_what_there_is_no_time_for_is_named_as_not_looked_up(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    page = post(site, "\n".join(f"“câu số {number} a b c”" for number in range(MOST_CLAIMS + 20))).text
    found = [state for _, state in states(page)]
    unchecked = found.count("unchecked")
    assert unchecked >= 20
    assert f"Mới soát {len(found) - unchecked} trong {len(found)} điều" in words_of(page)
    monkeypatch.setattr(views, "_SECONDS", 0)
    assert states(post(site, f"“{PRAISE}”").text) == [(PRAISE, "unchecked")]


def test_a_withheld_article_never_shows(tmp_path: Path) -> None:
    archive = build(tmp_path)
    wish = Intent("withhold", "1", "Lộ số căn cước", "Ban biên tập")
    carry_out(
        archive, wish, clock=lambda: datetime(2026, 9, 20, tzinfo=UTC), warcinfo_fields=(("software", "test"),)
    )  # fmt: skip
    site = Site(archive)
    try:
        page = post(site, f"“{PRAISE}”, {LIVE.url}, 1234/QĐ-UBND, “{VOW}”").text
        assert [state for _, state in states(page)] == ["missing", "missing", "missing", "changed"]
        assert "Thông xe đường" not in page
    finally:
        site.close()


def test_other_pages_take_no_form(site: Site) -> None:
    assert post(site, "x", path="/search").status_code == 405


def test_a_claim_is_found_in_a_file_and_one_of_doubtful_letters_says_so(tmp_path: Path) -> None:
    with open_files(tmp_path) as files:
        page = post(files, "“Đường Má Tra bị sạt lở”").text
        assert [state for _, state in states(page)] == ["published"]
        assert "Trong tệp đính kèm: Tệp quyet-dinh.pdf" in words_of(page)
        assert "do máy nhận dạng" not in page
        page = post(files, "“Nhận dạng từ ảnh”").text
        assert [state for _, state in states(page)] == ["published"]
        assert "do máy nhận dạng" in page
