"""Dates that a text names as an end are found in all ways of writing them; other dates are none."""

from datetime import date

import pytest

from crawler.language.end_dates import find_end_dates

END = date(2025, 6, 15)


@pytest.mark.parametrize(
    "text",
    [
        "Thời gian nhận hồ sơ: từ ngày 01/6/2025 đến ngày 15/6/2025.",
        "Nhận hồ sơ đến hết ngày 15-06-2025 (trong giờ hành chính).",
        "Hạn nộp hồ sơ: 15/06/2025",
        "Hạn cuối là ngày 15 tháng 6 năm 2025",
        "Góp ý gửi về UBND xã trước ngày 15/6/2025 để tổng hợp.",
        "Thông báo có hiệu lực đến 15.6.2025",
        "Chậm nhất đến 17 giờ 00 phút, ngày 15/6/2025",
        "Đợt bán hồ sơ kết thúc vào ngày 15/6/2025",
        "Thời hạn niêm yết đến hết ngày 15/6/2025",
    ],
)
def test_an_end_is_found(text: str) -> None:
    assert find_end_dates(text) == (END,)


@pytest.mark.parametrize(
    "text",
    [
        "Hội nghị diễn ra ngày 15/6/2025 tại xã.", "Quyết định số 12/QĐ-UBND ngày 15/6/2025 của UBND huyện.",
        "Từ ngày 15/6/2025 bỏ cấp huyện.", "đến ngày 31/2/2025", "đến ngày 15/6",
    ],
)  # fmt: skip
def test_any_other_date_is_none(text: str) -> None:
    assert find_end_dates(text) == ()
