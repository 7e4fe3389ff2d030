"""Texts to judge: news as an office writes it, and what wrong readings make of it."""

import unicodedata
from collections.abc import Callable

NEWS = (
    "Sáng ngày ba mươi tháng mười một, tại hội trường trung tâm, Ủy ban nhân dân thị xã tổ chức hội nghị tổng kết mười "
    "năm thực hiện nghị quyết về tăng cường và đổi mới sự lãnh đạo của Đảng đối với công tác dân vận trong tình hình "
    "mới. Dự hội nghị có các đồng chí trong ban thường vụ, lãnh đạo các phòng, ban, ngành và bí thư đảng ủy các xã, "
    "phường. Kinh phí đầu tư xây dựng đường giao thông nông thôn được phân bổ cho từng thôn, bản."
)
ENGLISH = (
    "The provincial people's committee has published the annual report on land use, which lists every project that was "
    "approved in the first half of the year, with the budget of each and the name of the contractor who won the tender."
)
FRENCH = (
    "Le rapport annuel de la province est publié en deux langues et montre les projets approuvés au cours de l'année, "
    "avec le budget de chacun, le nom de l'entreprise retenue et la date à laquelle les travaux doivent être terminés."
)
_TCVN3 = str.maketrans(
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂĐÊÔƠƯ",
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ¡¢§£¤¥¦",
)


def write_in_tcvn3(text: str) -> str:
    """Give a text as a program shows it that takes TCVN3 for Latin-1."""
    return text.lower().translate(_TCVN3)


def lose_marks(text: str) -> str:
    """Give a text without its marks, as an English reader of pictures does."""
    plain = "".join(mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark))
    return plain.replace("đ", "d").replace("Đ", "D")


# What wrong readings make of a text, each with the doubt that it deserves.
SPOILT: dict[str, tuple[Callable[[str], str], str]] = {
    "legacy letters": (write_in_tcvn3, "garbled"),
    "UTF-8 taken for Latin-1": (lambda text: text.encode().decode("latin-1"), "garbled"),
    "UTF-8 taken for the code page of Windows": (lambda text: text.encode().decode("cp1258", "replace"), "garbled"),
    "a font without Unicode": (lambda text: "".join(chr(0xE000 + ord(c)) if c > " " else c for c in text), "garbled"),
    "the codes of glyphs": (lambda text: "".join(chr(ord(c) % 90 + 35) if c > " " else c for c in text), "garbled"),
    "letters that no font has": (lambda text: "".join("\ufffd" if c > "z" else c for c in text), "garbled"),
    "every letter the next one": (lambda text: "".join(chr(ord(c) + 1) if c > " " else c for c in text), "garbled"),
    "letters of another script": (
        lambda text: "".join(chr(ord(c) + 0x3A0) if c in "aeiou" else c for c in text),
        "garbled",
    ),
    "marks lost": (lose_marks, "marks-lost"),
    "letters apart": (lambda text: " ".join(text.replace(" ", "")), "letters-apart"),
    "spaces lost": (lambda text: text.replace(" ", ""), "garbled"),
}  # fmt: skip
