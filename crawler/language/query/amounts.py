"""The forms in which a text can write a sum of money that a person typed. Pure."""

import re
from decimal import Decimal

from crawler.language.numbers import SCALES
from crawler.language.query.items import TOKEN
from crawler.language.text import contains_marks, fold

# The tokens of a text.
Spelling = tuple[str, ...]

NUMBER = "[0-9]{1,3}(?:[.,][0-9]{3})+(?![0-9])|[0-9]+(?:[.,][0-9]{1,2}(?![0-9]))?"
_SCALE = f"(?i:{'|'.join(dict.fromkeys((*SCALES, *map(fold, SCALES))))})"
_DONG = r"(?:\s?(?i:đồng|dong|vnđ|vnd|đ)|(?<=[0-9])(?i:d))(?!\w)"
# A sum in words with or without the currency, or in digits with it.
SUM = (
    rf"(?:{NUMBER})\s?{_SCALE}(?:\s[0-9]{{1,3}}\s?(?i:triệu|trieu)|\s(?i:t[ỷỉyi]))?(?!\w)(?:{_DONG})?"
    rf"|(?:[0-9]{{1,3}}(?:[.,][0-9]{{3}})+|[1-9][0-9]{{3,11}}){_DONG}"
)
_AMOUNT = re.compile(rf"({NUMBER})\s?({_SCALE})(\s(?i:t[ỷỉyi])(?!\w))?")
_CURRENCY = re.compile(f"{_DONG}$")
_SUM_WORDS = (
    (("nghìn tỷ", "ngàn tỷ", "nghìn tỉ", "ngàn tỉ"), 10**12),
    (("tỷ", "tỉ"), 10**9),
    (("triệu",), 10**6),
    (("nghìn", "ngàn"), 10**3),
)


def spell_sum(text: str) -> list[Spelling]:
    """Spell a sum (SUM) in each unit of which it is a short number: 1,5 tỷ, 1.500 triệu, 1.500.000.000. As typed first.

    With a currency a sum of thousands is one too, in words and in digits.
    """
    typed = tuple(re.findall(TOKEN, text))
    has_currency, is_marked = _CURRENCY.search(text) is not None, any(map(contains_marks, typed))
    amounts = [_read_number(one[1]) * _scale(one[2]) * (10**9 if one[3] else 1) for one in _AMOUNT.finditer(text)]
    worth = sum(amounts, Decimal(0)) or _read_number("".join(re.findall("[0-9.,]", text)))
    digits = _write_digits(worth, is_typed=not amounts, least=10**3 if has_currency else 10**6)
    words = _write_words(worth, is_marked=is_marked)
    if not has_currency:
        return [
            typed,
            *words,
            *digits,
            *(("".join(form),) for form in digits),
            *_glue_dong(digits, is_marked=is_marked),
        ]
    dong = "đồng" if is_marked else "dong"
    joined = [(str(int(worth)), dong)] if worth == int(worth) and worth < 10**12 else []
    signs = ("đ", "vnđ") if is_marked else ("d", "vnd")
    others = [*((*form, sign) for form in digits for sign in signs), *_glue_dong(digits, is_marked=is_marked)]
    return [typed, *joined, *((*form, dong) for form in (*words, *digits)), *others]


def spell_long_number(digits: str) -> list[Spelling]:
    """Spell a number written with its groups as a sum without marks, in words and in digits."""
    worth = Decimal(digits)
    return [*_write_words(worth, is_marked=False), *_write_digits(worth, is_typed=False, least=10**6)]


def _write_words(worth: Decimal, *, is_marked: bool) -> list[Spelling]:
    forms: list[Spelling] = []
    # Nobody writes a milliard in thousands.
    units = _SUM_WORDS if worth >= 10**12 else _SUM_WORDS[1 : 3 if worth >= 10**9 else 4]
    for names, scale in units:
        words = dict.fromkeys(name if is_marked else fold(name) for name in names)
        forms += [(*digits, *word.split()) for word in words for digits in _write_number(worth / scale)]
    milliards, rest = divmod(worth, 10**9)
    if milliards and rest and rest % 10**6 == 0:
        first, second = ("tỷ", "triệu") if is_marked else ("ty", "trieu")
        forms.append((str(int(milliards)), first, str(int(rest // 10**6)), second))
    return forms


def _write_digits(worth: Decimal, *, is_typed: bool, least: int) -> list[Spelling]:
    """Write a sum in groups of digits, from `least` on. `is_typed` says that it was typed so.

    With three digits in its first group it could be the end of a larger sum.
    """
    groups = f"{int(worth):,}".split(",")
    return [tuple(groups)] if worth == int(worth) and worth >= least and (is_typed or len(groups[0]) < 3) else []


def _glue_dong(forms: list[Spelling], *, is_marked: bool) -> list[Spelling]:
    return [(*form[:-1], f"{form[-1]}{'đ' if is_marked else 'd'}") for form in forms]


def _scale(unit: str) -> int:
    return next(value for name, value in SCALES.items() if fold(name) == fold(unit))


def _read_number(text: str) -> Decimal:
    if re.fullmatch("[0-9]{1,3}(?:[.,][0-9]{3})+", text):
        return Decimal(re.sub("[.,]", "", text))
    return Decimal(text.replace(",", "."))


def _write_number(number: Decimal) -> list[Spelling]:
    """Write a number as tokens, with and without points between its groups. [] if it would be too small or too long."""
    whole, _, decimals = f"{number.normalize():f}".partition(".")
    if len(decimals) > 2 or len(whole) > 7 or (whole == "0" and len(decimals) != 1):
        return []
    tail = (decimals,) if decimals else ()
    groups = tuple(f"{int(whole):,}".split(","))
    return [(*groups, *tail), *([(whole, *tail)] if len(groups) > 1 else [])]
