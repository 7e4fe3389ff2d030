"""Date labels, box and feed dates, and upload dates in file names."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from crawler.language.dates import (
    date_from_file_url,
    local_date,
    parse_box_date,
    parse_iso,
    parse_portal_date,
    parse_rss_date,
    to_iso_utc,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
DAY = date(2026, 8, 28)


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 8, 28, hour, minute, second, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("28/08/2026", None),
        ("28-08-2026", None),
        ("28.8.2026", None),
        ("28 - 08 - 2026", None),
        ("(28/8/2026)", None),
        ("\u00a0 28/08/2026 \u00a0", None),
        ("Ngày 28 tháng 8 năm 2026", None),
        ("28/08/2026 09:35", at(9, 35)),
        ("09:35 28/08/2026", at(9, 35)),
        ("28/08/2026 | 09:35:07", at(9, 35, 7)),
        ("28/08/2026 9h35", at(9, 35)),
        ("09:35 | Ngày đăng: 28/08/2026", at(9, 35)),
        ("Thứ Sáu, 28/08/2026 09:35", at(9, 35)),
        ("Thứ 6, ngày 28/08/2026 09:35 GMT+7", at(9, 35)),
        ("28/08/2026, Thứ sáu", None),
        ("Ngày đăng: 28/08/2026 - 09:35 | Lượt xem: 14", at(9, 35)),
        ("NGÀY ĐĂNG:28-08-2026", None),
        ("Nga\u0300y đăng: 28/08/2026", None),
        ("Cập nhật lúc: 28/08/2026 02:05 PM", at(14, 5)),
        ("28/08/2026 12:05 AM", at(0, 5)),
        ("28/08/2026 2:05 CH", at(14, 5)),
        ("28/08/2026 14:05 PM", at(14, 5)),
        ("28/08/2026 14:05 AM", None),
        ("28/08/2026 25:70", None),
        ("28/08/2026 09:35 10:40", None),
        ("Lượt xem: 1.234 | 28/08/2026", None),
        ("28/08/2026 14 lượt xem", None),
        ("Đăng lúc 09:35 28/08/2026, cập nhật 30/08/2026 10:00", at(9, 35)),
        ("Cập nhật: 30/08/2026 10:00 | Xuất bản: 28/08/2026 09:35", at(9, 35)),
        ("Ngày đăng: 28/08/2026 Cập nhật: 28/08/2026 10:00", None),
    ],
)
def test_parse_portal_date_reads_date_labels(text: str, expected: datetime | None) -> None:
    found = parse_portal_date(text, ZONE)
    assert found is not None
    assert (found.on, found.at) == (DAY, expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Sáng ngày 30/11, Thị ủy Sa Pa đã tổ chức hội nghị",
        "Sáng ngày 28/08/2026",
        "Quyết định ngày 28/08/2026",
        "28/08",
        "28/08/26",
        "31/02/2026",
        "8/28/2026 9:35:00 AM",
        "28/08/1989",
        "28/08-2026",
        "00/08/2026",
        "128/08/2026",
        "28/08/20261",
        "28/08/2026 29/08/2026",
        "28/08/2026 | Cập nhật: 29/08/2026",
        "Ngày đăng: 28/08/2026 29/08/2026",
        "Thứ Hai, 28/08/2026",
        "Thứ Sáu",
        "09:35",
        "Lượt xem: 14",
        "Lượt xem: 1428/08/2026",
        "28/08/2026 " * 40,
        "٢٨/٠٨/٢٠٢٦",
    ],
)
def test_parse_portal_date_refuses_uncertain_dates(text: str) -> None:
    assert parse_portal_date(text, ZONE) is None


def test_parse_portal_date_checks_the_weekday() -> None:
    found = parse_portal_date("Chủ nhật, 30/08/2026", ZONE)
    assert found is not None
    assert parse_portal_date("Chủ nhật, 31/08/2026", ZONE) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(19/01/2022)", date(2022, 1, 19)),
        ("Hội nghị tổng kết (19/01/2022)", date(2022, 1, 19)),
        ("Kế hoạch (ban hành 01/01/2020) năm 2022 (19/01/2022) ", date(2022, 1, 19)),
        ("Hội nghị (19/01/2022) tại Sa Pa", None),
        ("Hội nghị (lần 2)", None),
        ("Hội nghị 19/01/2022", None),
        ("(31/04/2022)", None),
    ],
)
def test_parse_box_date(text: str, expected: date | None) -> None:
    found = parse_box_date(text, ZONE)
    assert (found.on if found else None) == expected


@pytest.mark.parametrize(
    ("text", "on", "iso"),
    [
        ("Fri, 28 Aug 2026 09:35:00 +0700", DAY, "2026-08-28T09:35:00+07:00"),
        ("Thu, 27 Aug 2026 18:00:00 GMT", DAY, "2026-08-28T01:00:00+07:00"),
        ("28 Aug 2026 02:35:00 -0000", DAY, "2026-08-28T09:35:00+07:00"),
        ("28 Aug 2026 09:35:00", DAY, "2026-08-28T09:35:00+07:00"),
        ("2026-08-28T02:35:00Z", DAY, "2026-08-28T09:35:00+07:00"),
        ("2026-08-28 09:35", DAY, "2026-08-28T09:35:00+07:00"),
        ("2026-08-27T23:35:00.123-05:00", DAY, "2026-08-28T11:35:00.123000+07:00"),
        ("2026-08-28", DAY, None),
        ("28/08/2026 09:35:00", DAY, "2026-08-28T09:35:00+07:00"),
    ],
)
def test_parse_rss_date(text: str, on: date, iso: str | None) -> None:
    found = parse_rss_date(text, ZONE)
    assert found is not None
    assert found.on == on
    assert (found.at.isoformat() if found.at else None) == iso


@pytest.mark.parametrize(
    "text", ["", "now", "Fri, 31 Feb 2026 09:35:00 GMT", "2026-13-01", "28 Foo 2026 09:35", "1970-01-01T00:00:00Z"]
)
def test_parse_rss_date_refuses_other_text(text: str) -> None:
    assert parse_rss_date(text, ZONE) is None


def ticks(day: date, hour: int = 9) -> str:
    return str(((day.toordinal() - 1) * 86400 + hour * 3600) * 10_000_000)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/2026/8/anh-{}.jpg", True),
        ("/2026/08/anh{}.JPG", True),
        ("/2026/8/van-phong/thang-8/7{}.docx", True),
        ("/%C4%91%C3%B4ng%20(1)/2026/8/a..b%20{}.pdf", True),
        ("/đông (1)/2026/8/a b{}.pdf?v=1#x", True),
        ("/2026/9/anh-{}.jpg", False),
        ("/2025/8/anh-{}.jpg", False),
        ("/8/2026/anh-{}.jpg", False),
        ("/anh-{}.jpg", False),
        ("/2026/8/{}", False),
        ("/2026/8/{}-nho.jpg", False),
        ("/2026/8/anh.jpg", False),
        ("/2026/8/{}.jpg/anh.jpg", False),
    ],
)
def test_date_from_file_url_needs_ticks_that_agree_with_their_folder(path: str, found: bool) -> None:
    url = "https://storage-vnportal.vnpt.vn/lci-ubnd-responsive/1227" + path.format(ticks(DAY))
    assert date_from_file_url(url) == (DAY if found else None)


def test_date_from_file_url_reads_local_time() -> None:
    assert date_from_file_url(f"/x/2026/8/{ticks(date(2026, 8, 31), 23)}.png") == date(2026, 8, 31)


def test_instants_must_be_aware() -> None:
    naive = datetime(2026, 8, 28)  # noqa: DTZ001
    for refuse in (
        to_iso_utc,
        lambda instant: local_date(instant, ZONE),
        lambda instant: parse_iso(instant.isoformat()),
    ):
        with pytest.raises(ValueError, match=r"zone|offset"):
            refuse(naive)


def test_to_iso_utc_and_back() -> None:
    assert to_iso_utc(at(1, 0)) == "2026-08-27T18:00:00Z"
    assert parse_iso("2026-08-27T18:00:00Z") == at(1, 0)
    assert local_date(datetime(2026, 8, 27, 18, tzinfo=UTC), ZONE) == DAY
