"""Three drafts of twelve claims, as writers write: other marks, units, dashes, words for figures, old versions."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.items import FileRole
from tests.support.attachments.read_files import put_reading
from tests.support.build import BASE, STORE, Clock, Night, article, file_ref, link, listing, new_address
from tests.support.texts.drafts import post, states
from tests.support.web_archive import Site

NIGHTS = 6
MARKET, SCHOOL, LAND, BUDGET, FAIR, WATER = (new_address(900 + place, f"bai-{place}") for place in range(6))
FILE_TEXT = (
    "Phụ lục II.\nCấp nước sinh hoạt thôn Suối Thầu: tổng mức đầu tư 4.250 triệu đồng, phục vụ 186 hộ, hoàn thành trước"
    " ngày 30/9/2026.\nKênh mương Nậm Củn dài 2,4 km theo Quyết định số 567/QĐ-UBND."
)
TEXTS = {
    MARKET: (
        "Chợ văn hóa Sa Pa rộng 12.000 m2, có 312 gian hàng, mở cửa trở lại từ ngày 5/4/2026.\n\nBà Lý Thị Mẩy nói:"
        " “Chúng tôi không phải đóng thêm khoản phí nào. Bà con yên tâm buôn bán”.\n\nTheo Thông báo số"
        " 245/TB\u2011UBND, giá thuê gian hàng là 350.000 đồng/tháng."
    ),
    BUDGET: (
        "Thu ngân sách quý I đạt 125 tỷ đồng, bằng 28,4% dự toán, tăng 6,2% so với cùng kỳ năm trước.\n\nChi thường"
        " xuyên là 98 tỷ đồng."
    ),
    FAIR: (
        "Lễ hội Gầu Tào diễn ra trong ba ngày, từ 12 đến 14/2/2026, thu hút hơn 25.000 lượt khách. Ban tổ chức không"
        " bán vé vào cửa."
    ),
    WATER: (
        'Nhà máy nước Sa Pa có công suất 15.000 m3/ngày đêm. Ông Vàng A Sử nói: "Nước đã về đến từng nhà, dân rất'
        ' mừng".'
    ),
}
TAKEN = (
    "UBND thị xã thu hồi 8,5 ha đất của 73 hộ dân ở phường Cầu Mây để làm ga cáp treo. “Việc thu hồi đất đúng trình tự,"
    " thủ tục”, ông Trần Quốc Bảo khẳng định."
)
BUILT = (
    "Trường THCS Mường Bo được đầu tư xây mới với tổng kinh phí {} đồng, gồm {} phòng học.\n\n“Nhà thầu cam kết bàn"
    " giao trước ngày {}”, ông Phạm Văn Thắng cho biết."
)


def build(archive: Path) -> Path:
    """SCHOOL changes on night 3; LAND is removed from night 3 on."""
    clock = Clock()
    for night in range(1, NIGHTS + 1):
        with Night(archive, clock) as run:
            is_early = night < 3
            named = [*TEXTS, SCHOOL, *([LAND] if is_early else [])]
            run.put_listing(listing(*(link(one) for one in named), url=f"{BASE}/tin-tuc", title="Tin tức"))
            for place, body in TEXTS.items():
                files = (file_ref("phu-luc-2.pdf", "Phụ lục II"),) if place == MARKET else ()
                run.put(article(f"Tin {place.source_id}", body, attachments=files), place)
            run.put_file(f"{STORE}/lci/phu-luc-2.pdf", b"%PDF-1.7 pl2", FileRole.ATTACHMENT)
            built = ("18,6 tỷ", "24", "1/9") if is_early else ("21,3 tỷ", "26", "1/10")
            run.put(article("Xây trường", BUILT.format(*built)), SCHOOL)
            if is_early:
                run.put(article("Thu hồi đất", TAKEN), LAND)
            else:
                run.put_gone(LAND.url, 410)
            run.walked(f"{BASE}/tin-tuc")
        clock.go_on(days=1)
    put_reading(archive, TextReading(FILE_TEXT, "pdf", pages=1, pages_read=1, page_starts=(0,)))
    return archive


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    opened = Site(build(tmp_path_factory.mktemp("written") / "archive.db"))
    yield opened
    opened.close()


Draft = tuple[tuple[str, str], ...]
MARKS: Draft = (
    ("Bà Mẩy nói: ‹Chúng tôi không phải đóng thêm khoản phí nào›.", "published"),
    ("Bà Mẩy nói: ”Chúng tôi không phải đóng thêm khoản phí nào”.", "published"),
    ("Bà Mẩy nói: ''Chúng tôi không phải đóng thêm khoản phí nào''.", "published"),
    ("Bà Mẩy nói: <<Chúng tôi không phải đóng thêm khoản phí nào>>.", "published"),
    ("Bà Mẩy nói: ❝Bà con yên tâm buôn bán❞.", "published"),
    ("Bà Mẩy nói: „Chúng tôi không phải đóng thêm khoản phí nào. Bà con yên tâm buôn bán“.", "published"),
    ("Bà Mẩy nói: «Chúng tôi phải đóng thêm khoản phí nào».", "near"),
    ("Bà Mẩy nói: “đóng thêm khoản phí nào … yên tâm buôn bán”.", "published"),
    ("Theo Thông báo 245/TB—UBND của thị xã.", "published"),
    ("Theo Thông báo số 245/TBUBND của thị xã.", "published"),
    ("Theo Thông báo 254/TB-UBND của thị xã.", "missing"),
    (f"Xem {MARKET.url}?utm_source=zalo&fbclid=abc#phan-2.", "published"),
)
NUMBERS: Draft = (
    ("Chợ văn hóa Sa Pa rộng 1,2 ha, theo thông tin từ thị xã.", "published"),
    ("Chợ văn hóa Sa Pa rộng 12 000 m2.", "published"),
    ("Chợ văn hóa Sa Pa rộng 12 ha.", "near"),
    ("Chợ văn hóa Sa Pa có ba trăm mười hai gian hàng.", "published"),
    ("Chợ văn hóa Sa Pa có 321 gian hàng.", "near"),
    ("Giá thuê gian hàng là 350 nghìn đồng/tháng.", "published"),
    ("Thu ngân sách quý I đạt một trăm hai mươi lăm tỷ đồng.", "published"),
    ("Thu ngân sách quý I đạt 98 tỷ đồng.", "near"),
    ("Thu ngân sách tăng 6,2 điểm phần trăm so với cùng kỳ năm trước.", "missing"),
    ("Lễ hội Gầu Tào thu hút hơn 25 nghìn lượt khách.", "published"),
    ("Nhà máy nước Sa Pa có công suất 15 nghìn mét khối/ngày đêm.", "published"),
    ("Kênh mương Nậm Củn có chiều dài là 2.400 m.", "published"),
)
PAST: Draft = (
    ("Trường THCS Mường Bo được đầu tư xây mới với tổng kinh phí 18,6 tỷ đồng.", "changed"),
    ("Trường THCS Mường Bo được đầu tư xây mới với tổng kinh phí 21.300 triệu đồng.", "published"),
    ("Trường THCS Mường Bo gồm 24 phòng học.", "changed"),
    ("Thị xã thu hồi 85.000 m2 đất ở phường Cầu Mây để làm ga cáp treo.", "gone"),
    ("Thị xã thu hồi đất của bảy mươi ba hộ dân ở phường Cầu Mây để làm ga cáp treo.", "gone"),
    ("“Việc thu hồi đất đúng trình tự, thủ tục”, ông Bảo khẳng định.", "gone"),
    ("“Việc thu hồi đất không đúng trình tự, thủ tục”, ông Bảo khẳng định.", "near"),
    (f"Xem {LAND.url}.", "gone"),
    ("Xem https://bit.ly/3abcDEF.", "foreign"),
    ("Ông Sử nói: 'Nước đã về đến từng nhà, dân rất mừng'.", "published"),
    ("“Ban tổ chức bán vé vào cửa” là thông tin của lễ hội.", "near"),
    ("Cấp nước sinh hoạt thôn Suối Thầu có tổng mức đầu tư 4,25 tỷ đồng.", "published"),
)


@pytest.mark.parametrize("draft", [MARKS, NUMBERS, PAST])
def test_every_verdict_on_twelve_claims_is_true(site: Site, draft: Draft) -> None:
    found = states(post(site, "\n".join(line for line, _ in draft)).text)
    assert [state for _, state in found] == [state for _, state in draft], found


def test_a_range_of_days_is_marked_as_one_and_true_if_both_its_days_are(site: Site) -> None:
    for said in ("12-14/2/2026", "12 đến 14 tháng 2 năm 2026"):
        assert states(post(site, f"Lễ hội Gầu Tào từ ngày {said}.").text) == [(said, "published")]
    for said in ("11-14/2/2026", "12-15/2/2026"):
        assert states(post(site, f"Lễ hội Gầu Tào từ {said}.").text) == [(said, "near")]
