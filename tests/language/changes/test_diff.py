"""Two texts compared word by word, as readers see the change."""

import random
import time

import pytest

from crawler.language.changes.diff import Paragraph, diff_lines, diff_texts
from crawler.language.changes.number_changes import NumberChange, find_number_changes
from tests.support.processes.cpu_time import is_linear, least_seconds


def pieces_of(paragraph: Paragraph) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in paragraph.pieces]


def numbers(before: str, after: str) -> list[tuple[str, str, str]]:
    return [(one.kind, one.before, one.after) for one in find_number_changes(diff_texts(before, after))]


def join(paragraph: Paragraph, gone: str) -> str:
    """Join a text from its pieces."""
    text = ""
    for piece in paragraph.pieces:
        if piece.kind != gone:
            text += (" " if piece.spaced and text else "") + piece.text
    return text


def test_equal_texts_are_one_kind_of_paragraph() -> None:
    assert [one.kind for one in diff_texts("Một.\n\nHai.", "Một.\n\nHai.")] == ["same", "same"]
    assert diff_texts("", None) == ()


def test_a_changed_word_is_separate_from_kept_words() -> None:
    (paragraph,) = diff_texts("Ông Lê Văn A, Chủ tịch huyện, phát biểu.", "Ông Lê Văn B, Chủ tịch huyện, phát biểu.")
    assert pieces_of(paragraph) == [
        ("same", "Ông Lê Văn"), ("removed", "A"), ("added", "B"), ("same", ", Chủ tịch huyện, phát biểu."),
    ]  # fmt: skip


def test_a_comma_is_a_change_of_its_own() -> None:
    (paragraph,) = diff_texts("Hội nghị tổng kết, khen thưởng", "Hội nghị tổng kết khen thưởng")
    assert ("removed", ",") in pieces_of(paragraph)


def test_removed_added_and_moved_paragraphs_are_distinguished() -> None:
    before = "Mở đầu của bài.\n\nĐoạn sẽ bị bỏ đi hoàn toàn.\n\nĐoạn chuyển chỗ.\n\nKết."
    after = "Đoạn chuyển chỗ.\n\nMở đầu của bài.\n\nKết.\n\nHoàn toàn mới: thêm vào cuối."
    kinds = {one.before or one.after: one.kind for one in diff_texts(before, after) if one.kind != "moved-from"}
    assert kinds == {
        "Đoạn chuyển chỗ.": "moved-to",
        "Mở đầu của bài.": "same",
        "Đoạn sẽ bị bỏ đi hoàn toàn.": "removed",
        "Kết.": "same",
        "Hoàn toàn mới: thêm vào cuối.": "added",
    }


def test_a_paragraph_is_compared_with_its_new_version_across_added_ones() -> None:
    before = "Huyện chi 5 tỷ đồng xây trường tiểu học."
    after = "Tin mới nhất.\n\nMột câu khác hẳn.\n\nHuyện chi 7 tỷ đồng xây trường tiểu học."
    kinds = [one.kind for one in diff_texts(before, after)]
    assert kinds == ["added", "added", "changed"]


def test_one_word_between_two_long_changes_joins_them() -> None:
    (paragraph,) = diff_texts("a một hai ba bốn và năm sáu bảy tám z", "a xuân hạ thu đông và mai lan cúc trúc z")
    assert [kind for kind, _ in pieces_of(paragraph)] == ["same", "removed", "added", "same"]


@pytest.mark.parametrize("seed", range(60))
def test_pieces_join_to_both_texts(seed: int) -> None:
    dice = random.Random(seed)
    words = ["a", "b", "c", "d", "đồng", "12.000", "25-NQ/TW", ",", ".", ";", "(x)", "“y”", "3/6/2013", "tỷ"]
    before = " ".join(dice.choice(words) for _ in range(dice.randrange(1, 40)))
    kept = before.split()
    for _ in range(dice.randrange(1, 8)):
        place = dice.randrange(len(kept) + 1)
        kept[place : place + dice.randrange(3)] = dice.choices(words, k=dice.randrange(4))
    after = " ".join(kept)
    paragraph = diff_lines(before, after)
    assert join(paragraph, "added") == before
    assert join(paragraph, "removed") == after
    for piece in paragraph.pieces:
        side = paragraph.before if piece.kind == "removed" else paragraph.after
        assert side[piece.start : piece.start + len(piece.text)] == piece.text


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            "Mỗi hộ 12.000.000 đồng, tổng 3 hộ",
            "Mỗi hộ 15.000.000 đồng, tổng 3 hộ",
            [("money", "12.000.000 đồng", "15.000.000 đồng")],
        ),
        (
            "mức 1,5 triệu đồng/người/tháng",
            "mức 1,8 triệu đồng/người/tháng",
            [("money", "1,5 triệu đồng/người/tháng", "1,8 triệu đồng/người/tháng")],
        ),
        ("vay 5 trđ", "vay 7 trđ", [("money", "5 trđ", "7 trđ")]),
        ("tổng 2 tỷ 500 triệu đồng", "tổng 2,7 tỷ đồng", [("money", "2 tỷ 500 triệu đồng", "2,7 tỷ đồng")]),
        ("Gọi 0912 345 678 ngay", "Gọi 0912 345 679 ngay", [("number", "0912 345 678", "0912 345 679")]),
        ("giai đoạn 2021–2025", "giai đoạn 2021–2030", [("number", "2025", "2030")]),
        (
            "Xây cầu\t900\t950\nLàm đường\t1.200",
            "Xây cầu\t900\t990\nLàm đường\t1.250",
            [("number", "950", "990"), ("number", "1.200", "1.250")],
        ),
        ("Tổng 5 triệu đồng", "Tổng 5 tỷ đồng", [("money", "5 triệu đồng", "5 tỷ đồng")]),
        ("Phạt 500.000đ", "Phạt 700.000đ", [("money", "500.000đ", "700.000đ")]),
        ("Có 12 đồng chí dự", "Có 13 đồng chí dự", [("number", "12", "13")]),
        ("Tăng 5,2% so với", "Tăng 6,1% so với", [("number", "5,2%", "6,1%")]),
        ("ngày 03/6/2013", "ngày 04/6/2013", [("date", "03/6/2013", "04/6/2013")]),
        (
            "Quyết định số 1234/QĐ-UBND về",
            "Quyết định số 1235/QĐ-UBND về",
            [("document", "1234/QĐ-UBND", "1235/QĐ-UBND")],
        ),
        ("Chi 5 tỷ đồng.", "Chi 5 tỷ đồng và 7 tỷ đồng nữa.", [("money", "", "7 tỷ đồng")]),
        ("Không số nào ở đây", "Vẫn không số nào ở đây", []),
        ("Chi 5 tỷ đồng cho A", "Chi 5 tỷ đồng cho B", []),
        ("Xã A 10 hộ, xã B 20 hộ", "Xã A 10 hộ, xã B 25 hộ", [("number", "20 hộ", "25 hộ")]),
        ("Xã A 5 hộ, xã B 7 hộ", "Xã A 7 hộ, xã B 5 hộ", [("number", "5 hộ", "7 hộ"), ("number", "7 hộ", "5 hộ")]),
        ("Tổng vốn 12 tỷ để xây trường", "Tổng kinh phí 15 tỷ để xây trường", [("money", "12 tỷ", "15 tỷ")]),
        ("Thu ngân sách | 5 | 7", "Thu ngân sách | 6 | 8", [("number", "5", "6"), ("number", "7", "8")]),
        ("Chi 5 tỷ.", "Chi 7 tỷ, tăng so với năm trước.", [("money", "5 tỷ", "7 tỷ")]),
    ],
)
def test_changed_numbers_are_found_with_their_unit(
    before: str, after: str, expected: list[tuple[str, str, str]]
) -> None:
    assert numbers(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Chi 1.500 triệu đồng.", "Chi 1,5 tỷ đồng."),
        ("Chi 1,5 tỷ.", "Chi 1.500 triệu."),
        ("Mỗi hộ 12 triệu đồng", "Mỗi hộ 12.000.000 đồng"),
        ("Đất 500 m2.", "Đất 500 m²."),
        ("Có 1.500 hộ", "Có 1500 hộ"),
        ("Hỗ trợ 12 triệu đồng cho trường.", "Đã cấp cho xã khoản 12 triệu đồng."),
        ("Chi 5 tỉ đồng", "Chi 5 tỷ đồng"),
        ("Theo 12/QĐ-UBND", "Theo 12/QĐ\u2011UBND"),
        ("Theo 12/QĐ-UBND", "Theo 12\u2215QĐ\u2212UBND"),
        ("tổng 2 tỷ 500 triệu đồng", "tổng 2,5 tỷ đồng"),
        ("vay 5 trđ", "vay năm triệu đồng"),
        ("đạt 50 phần trăm", "đạt 50%"),
        ("mức 12.000.000đ/hộ", "mức 12 triệu đồng/hộ"),
        ("có 35 hộ nghèo và 12 hộ cận nghèo", "có 12 hộ cận nghèo và 35 hộ nghèo"),
    ],
)
def test_equal_values_are_no_change(before: str, after: str) -> None:
    assert numbers(before, after) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Hỗ trợ 12 triệu đồng cho trường.", "Cấp 900 triệu đồng xây cầu."),
        ("Có 64 điểm sạt lở.", "Đã giải ngân 47,2%."),
        ("Đã có 64 hộ di dời.", "Đã có 47,2% di dời."),
        ("Sửa đường dài 3 km.", "Trồng thêm 40 ha rừng."),
        ("Nộp 5 triệu đồng tiền phạt.", "Nhận 200 USD từ quỹ."),
        ("Toàn xã có 64 hộ nghèo.", "Tỷ lệ hộ nghèo còn 47,2%."),
        ("Cấp 12 triệu đồng/hộ.", "Cấp 12 triệu đồng/người."),
        ("Xây cầu: 900 triệu đồng.", "Trồng rừng: 300 triệu đồng."),
    ],
)
def test_a_sentence_that_replaces_another_pairs_no_numbers(before: str, after: str) -> None:
    assert numbers(before, after) == [("sentence", before, after)]
    kept = "Hội nghị diễn ra sáng nay."
    assert numbers(f"{kept} {before} {kept}", f"{kept} {after} {kept}") == [("sentence", before, after)]


def test_a_row_with_another_label_pairs_none_of_its_numbers() -> None:
    before, after = "8 Tân Thủy 1.075 495 triệu đồng", "8 Lùng Chải 6.474 516 triệu đồng"
    assert numbers(before, after) == [("sentence", before, after)]
    same = "8 Tân Thủy 6.474 516 triệu đồng"
    assert [one[1:] for one in numbers(before, same)] == [("1.075", "6.474"), ("495 triệu đồng", "516 triệu đồng")]


ROWS = "Nội dung\n\nSố tiền\n\nXây cầu\n\n{}\n\n{}\n\nLàm đường\n\n1.200\n\n7\n\nTổng\n\n{}"


def test_cells_of_a_table_change_in_the_row_whose_label_stayed() -> None:
    assert numbers(ROWS.format("900", "5", "2.100"), ROWS.format("950", "6", "2.150")) == [
        ("number", "900", "950"),
        ("number", "5", "6"),
        ("number", "2.100", "2.150"),
    ]
    assert numbers(
        ROWS.format("900 triệu đồng", "5", "2,1 tỷ đồng"), ROWS.format("0,9 tỷ đồng", "5", "2,2 tỷ đồng")
    ) == [("money", "2,1 tỷ đồng", "2,2 tỷ đồng")]


def test_a_table_that_replaced_another_pairs_no_rows() -> None:
    before, after = (
        "\n\n".join(f"{label}\n\n{amount} triệu đồng" for label, amount in rows)
        for rows in (
            (("Xây cầu", 900), ("Làm đường", 1200), ("Mua sách", 50)),
            (("Trồng rừng", 300), ("Mua xe", 1250), ("Sửa trường", 70)),
        )
    )
    found = numbers(f"Tin.\n\n{before}\n\nHết.", f"Tin.\n\n{after}\n\nHết.")
    assert not [one for one in found if one[0] != "sentence" and one[1] and one[2]], found
    text = " ".join(" ".join(one) for one in found)
    for amount in (900, 1200, 50, 300, 1250, 70):
        assert f"{amount} triệu đồng" in text
    # Rows in one paragraph each.
    before, after = before.replace("\n\n", " "), after.replace("\n\n", " ")
    assert not [one for one in numbers(before, after) if one[0] != "sentence" and one[1] and one[2]]


def test_a_row_with_one_cell_more_pairs_none() -> None:
    assert numbers("Xây cầu\n\n900", "Xây cầu\n\n1\n\n950") == [
        ("number", "900", ""),
        ("number", "", "1"),
        ("number", "", "950"),
    ]


def test_a_number_change_that_occurs_twice_is_listed_once() -> None:
    assert numbers("Chi 5 tỷ đồng. Rồi chi 5 tỷ đồng.", "Chi 6 tỷ đồng. Rồi chi 6 tỷ đồng.") == [
        ("money", "5 tỷ đồng", "6 tỷ đồng")
    ]


def test_numbers_of_a_removed_paragraph_are_changes() -> None:
    assert NumberChange("money", "9 tỷ đồng", "") in find_number_changes(diff_texts("Một.\n\nChi 9 tỷ đồng.", "Một."))


@pytest.mark.parametrize("vocabulary", [1, 2, 40, 5000])
def test_the_longest_texts_are_compared_in_bounded_time(vocabulary: int) -> None:
    dice = random.Random(vocabulary)
    before, after = (" ".join(f"{dice.randrange(vocabulary)}" for _ in range(30_000)) for _ in range(2))
    began = time.process_time()
    find_number_changes(diff_texts(before, after))
    assert time.process_time() - began < 5
    many = ["\n\n".join(f"đoạn {dice.randrange(10**6)} của bài" for _ in range(2000)) for _ in range(2)]
    began = time.process_time()
    diff_texts(*many)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("word", ["tu{i}", "a", "tu{half}"])
def test_words_that_stay_between_words_that_change_take_linear_time(word: str) -> None:
    def seconds(count: int) -> float:
        kept = [word.format(i=i, half=i % max(count // 2, 1)) for i in range(count)]
        before, after = (" ".join(f"{one} {side}{i}" for i, one in enumerate(kept)) for side in "xy")
        assert diff_texts(before, after)[0].kind == "changed"
        return least_seconds(lambda: diff_texts(before, after))

    assert is_linear(seconds, 2_000, at_least=0.05)
