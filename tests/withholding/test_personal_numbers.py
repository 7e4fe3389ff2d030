"""Numbers of persons: found where they are, and not where a document, a sum or an office is meant."""

import pytest

from crawler.withholding.personal_numbers import find_numbers

PERSONS = [
    ("Ông A (SN 1990), số căn cước công dân: 010 090 001234", "identity", "010090001234"),
    ("CCCD: 010.090.001.234", "identity", "010090001234"),
    ("căn cước số 010-090-001234", "identity", "010090001234"),
    ("CMTND: 063.123.456", "identity", "063123456"),
    ("số CMT 063123456", "identity", "063123456"),
    ("CMND số 063123456 cấp ngày 1/1/2010 tại Lào Cai", "identity", "063123456"),
    ("mã định danh cá nhân 010190001234 của cháu", "identity", "010190001234"),
    ("Liên hệ ông Phong, ĐT: 0912.345.678.", "telephone", "0912345678"),
    ("Anh Đông (0987654321) cần giúp đỡ", "telephone", "0987654321"),
    ("Zalo +84 912 345 678", "telephone", "84912345678"),
    ("STK 0123456789012 Ngân hàng Agribank, chủ TK Nguyễn Văn A", "account", "0123456789012"),
]
TRAPS = [
    "Quyết định số 123456789 ngày 01/02/2026 của UBND huyện",
    "Văn bản 0912345678/SNN-KH",
    "kinh phí 001.099.012.345 đồng", "tổng cộng 912345678 đồng", "hỗ trợ 0912345678 đ", "12.345.678.900",
    "để chứng minh nguồn vốn 163.123.456", "https://a.vn/tin?id=010090001234",
    "mã số thuế 0312345678", "mã số doanh nghiệp: 0312345678",
    "từ 01/01/2024-31/12/2024", "các năm 2021 2022 2023 2024", "2019-2020-2021-2022",
    "Đường dây nóng của UBND thị xã: 0912345678", "Văn phòng HĐND, ĐT 0912345678", "Công an phường: 0987654321",
    "tài khoản 3714.0.1035617.00000 tại Kho bạc Nhà nước Sa Pa", "tài khoản 123456789012 của Quỹ vì người nghèo",
    "thủ tục 1.001234.000.00.00.H38", "điện thoại 02143871123", "ĐT: (0214) 3871 123", "ISBN 978-604-1-23456-7",
    "tọa độ 2245678.123 và 412345.678", "anh-20251231_638712345678901234.jpg", "https://a.vn/x-0912345678",
    "001799012345 không phải số của ai", "000000000000", "biển số 24A-123.45", "mã vạch 8934567890123",
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "digits"), PERSONS)
def test_a_persons_number_is_found(text: str, kind: str, digits: str) -> None:
    assert [(found.kind, found.digits) for found in find_numbers(text)] == [(kind, digits)]


def test_a_list_of_persons_is_known_by_its_head() -> None:
    text = (
        "DANH SÁCH HỘ NGHÈO\nSTT | Họ và tên | Số CMND/CCCD | Số tiền\n1 | Lò A | 063123456 | 500000000\n"
        "2 | Lò B | 10090001234 | 1.500.000\n3 | Lò C | 1099012345 | 120000000 đồng\n4 | Lò D | 010190001234 |"
    )
    assert [(found.kind, found.digits) for found in find_numbers(text)] == [
        ("identity", number) for number in ("063123456", "10090001234", "1099012345", "010190001234")
    ]
    assert [found.digits for found in find_numbers(text.replace("Số CMND/CCCD", "Mã số"))] == ["010190001234"]


@pytest.mark.parametrize("text", TRAPS)
def test_what_is_nobodys_is_left_out(text: str) -> None:
    assert list(find_numbers(text)) == []


def test_any_string_is_taken() -> None:
    assert list(find_numbers("\0" * 100 + "0" * 100_000 + "(" * 1000)) == []
