"""What tables keep by kind and arguments is said in both languages."""

import pytest

from crawler.locale import say_sentence, say_stored
from crawler.sentences import OTHER, REASONS, SIGNS, TEMPLATES, Sentence, fields_of, say, to_columns
from tests.support.messages import fields, forms, read


def test_every_kind_of_sentence_is_in_both_languages_and_english_is_the_template() -> None:
    vietnamese, english = (forms(read(language, "sentences")) for language in ("vi", "en"))
    assert {key.removeprefix("sentence_") for key in english if key.startswith("sentence_")} == set(TEMPLATES)
    for kind, template in TEMPLATES.items():
        assert english[f"sentence_{kind}"][-1] == template
        assert {field for text in vietnamese[f"sentence_{kind}"] for field in fields(text)} == set(fields_of(kind))


def test_sentences_inside_sentences_are_said_in_the_language() -> None:
    signs = (say("menu-changed"), say("title-changed", old="Cũ", new="Mới"))
    said = say("handed-over", signs=signs)
    assert say_sentence(said.kind, said.args, language="en") == str(said)
    assert say_sentence(said.kind, said.args, language="vi") == (
        "máy chủ hiển thị một cổng khác trước: trình đơn đã khác; tiêu đề trước là “Cũ”, nay là “Mới”. "
        "Không tải gì thêm, và không tính bài nào là bị gỡ"
    )
    assert set(REASONS).isdisjoint(SIGNS)


def test_one_is_not_many() -> None:
    assert say_sentence("articles-failed", {"count": 1}, language="en") == "1 listed article could not be had"
    assert say_sentence("articles-failed", {"count": 2}, language="en") == "2 listed articles could not be had"
    for kind, name, one, many in (
        ("removed", "nights", "1 night since", "2 nights since"),
        ("no-rows", "pages", "1 page is", "2 pages are"),
        ("silent", "days", "1 day,", "2 days,"),
        ("silent-for-profile", "days", "1 day,", "2 days,"),
    ):
        more = {"since": "", "longest": 1, "expected": 1}
        assert one in say_sentence(kind, {**more, name: 1}, language="en")
        assert many in say_sentence(kind, {**more, name: 2}, language="en")


@pytest.mark.parametrize(
    ("kind", "args", "vietnamese"),
    [
        ("returned", {"state": "removed", "seen_on": "2025-06-02"}, "trước đó: đã gỡ, lần cuối còn thấy 02/06/2025"),
        ("returned", {"state": "suspect", "seen_on": None}, "trước đó: vắng mặt, lần cuối còn thấy "),
        ("fields-lost", {"fields": ["byline", "images"]}, "mất cùng lúc: tác giả, ảnh"),
        ("missed", {"miss": "http-404"}, "404, không có trang"),
    ],
)
def test_values_that_are_our_words_are_said_in_the_language(
    kind: str, args: dict[str, object], vietnamese: str
) -> None:
    assert say_sentence(kind, args, language="vi") == vietnamese


def test_columns_are_said_in_the_language_and_prose_without_a_kind_stays() -> None:
    prose, kind, args = to_columns((say("disk-full", free="1.5 GB", reserved="2 GB"), say("articles-failed", count=3)))
    assert say_stored(prose, args, kind=kind, language="en") == prose
    assert say_stored(prose, args, kind=kind, language="vi") == (
        "ổ đĩa chỉ còn trống 1,5 GB; phải dự phòng 2 GB; không lấy được 3 bài có trong danh sách tin"
    )
    assert say_stored("as it was", None, kind=None, language="vi") == "as it was"
    assert say_stored(None, None, kind=None, language="vi") is None
    free = Sentence(OTHER, {"text": "{braces} and all"})
    assert say_stored(str(free), '{"text":"{braces} and all"}', kind=OTHER, language="vi") == "{braces} and all"
