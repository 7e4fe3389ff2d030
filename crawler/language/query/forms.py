"""The forms in which a text can write what a person typed: dates, sums, measures, numbers, names, i and y."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise, product

from crawler.language.normal_form import compose, decompose
from crawler.language.query.amounts import NUMBER, SUM, Spelling, spell_long_number, spell_sum
from crawler.language.query.items import TOKEN
from crawler.language.text import Y_OR_I, contains_marks, fold

_DAY, _YEAR = "[0-9]{1,2}", "[0-9]{4}"
# Measures that texts write with and without a blank after the number; the second forms are those of ² and ³.
_UNITS = (
    "km",
    "m",
    "dm",
    "cm",
    "mm",
    "ha",
    "kg",
    "g",
    "mg",
    "l",
    "ml",
    "kv",
    "kw",
    "kwh",
    "kwp",
    "mw",
    "mwh",
    "mva",
    "tr",
    "h",
)
_UNIT = rf"(?i:(?:[kdcm]?m)[23²³]|{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
_TIME = r"(?P<hour>[01]?[0-9]|2[0-4])\s?(?i:h|g|giờ|gio)\s?(?P<minute>[0-5][0-9])"
# How the digits of a telephone number, of ten and of eleven, are put in groups.
_PHONE_GROUPS = {
    10: ((4, 3, 3), (3, 3, 4), (4, 6), (3, 7)),
    11: ((4, 7), (4, 3, 4), (4, 4, 3), (4, 1, 3, 3), (3, 4, 4)),
}
_WORDED = (
    rf"(?i:(?:(?:ngày|ngay)\s(?P<day>{_DAY})\s)?(?:tháng|thang)\s(?P<month>{_DAY})"
    rf"(?:\s?[/-]\s?|\s(?:năm|nam)\s)(?P<year>{_YEAR}))"
)
# Words after which "30-4" is a day.
_BEFORE_DAYS = ("ngay", "le", "dip", "truoc", "sau", "sang", "chieu", "toi", "den")
# A day of any year: "ngày 30 tháng 4"; with a hyphen only by itself, or after a word that names a day.
_YEARLY = (
    rf"(?i:(?:(?:ngày|ngay)\s)?(?P<yearly>{_DAY}\s(?:tháng|thang)\s{_DAY})"
    r"|(?:\A|(?<=ngày )|(?<=ngay )|(?<=lễ )|(?<=le )|(?<=dịp )|(?<=dip ))"
    rf"(?P<hyphened>{_DAY}-{_DAY})(?=\Z|\s(?:và|va)\s))"
)
_PIECE = re.compile(
    rf"(?<![\w/.,-])(?P<iso>{_YEAR}-{_DAY}-{_DAY})(?![\w/-])"
    rf"|(?<![\w/.,-])(?P<date>{_DAY}(?P<join>[/.-]){_DAY}(?P=join){_YEAR}|{_DAY}/{_YEAR}|{_DAY}/{_DAY})(?![\w/])"
    rf"|(?<!\w)(?P<worded>{_WORDED})(?![\w/])"
    rf"|(?<![\w/.,-])(?P<day_and_month>{_YEARLY})(?![\w/-]|[.,][0-9]|\s(?:năm|nam)\s[0-9])"
    rf"|(?<![\w.,])(?P<time>{_TIME})(?![\w])"
    r"|(?<![\w.,/-])(?P<phone>0[0-9]{1,3}(?:[ .][0-9]{1,7}){1,3}|0[0-9]{9,10})(?![\w/-]|[.,][0-9])"
    rf"|(?<![\w.,])(?P<sum>{SUM})"
    rf"|(?<![\w.,])(?P<degrees>(?:{NUMBER})\s?(?:(?i:[°º˚]|độ|do)\s?[Cc]|oC))(?!\w)"
    rf"|(?<![\w.,])(?P<measure>(?:{NUMBER})\s?{_UNIT})(?!\w)"
    r"|(?<![\w.,])(?P<grouped>[0-9]{1,3}(?:[.,][0-9]{3})+(?![0-9])[^\W\d_]*)"
    rf"|(?P<token>{TOKEN})"
)
_LONG_NUMBER = re.compile(r"([1-9][0-9]{3,11})([^\W\d_]*)")
_LETTERS_DIGITS = re.compile(r"([^\W\d_]{2,})([0-9]\w*)")
_DIGITS_LETTERS = re.compile(r"([0-9]+)([^\W\d_]+)")
_RAISED = re.compile(r"(.*[^\W\d_])([23²³₂₃])")
_RAISED_FORMS = dict.fromkeys("2²₂", "2²₂") | dict.fromkeys("3³₃", "3³₃")
# Signs of kinds of documents, with which a number without a hyphen can begin: 1175/TBUBND.
DOCUMENT_SIGNS = (
    "qd", "tb", "kh", "bc", "cv", "nq", "ct", "ttr", "hd", "gm", "cd", "qc", "bb", "nd", "tt", "ttlt", "ctr", "da",
    "pa", "gp", "kl", "hdbc", "qdtt",
)  # fmt: skip
_OFFICES = (
    "ubnd", "hdnd", "ttg", "cp", "tw", "tu", "hu", "mttq", "ubmttq", "vpcp", "vpub", "btc", "bnv", "byt", "bct", "bxd",
    "bgddt", "btnmt", "bkhdt", "bldtbxh", "bnnptnt", "bvhttdl", "btp", "bca", "bqp", "bgtvt", "bttt", "bkhcn",
)  # fmt: skip
# Vietnamese syllables without marks, and syllables of highland names that end in k (Đắk Lắk).
_SYLLABLE = re.compile(
    "(?:b|ch?|d|gh?|gi|h|kh?|l|m|n|ngh?|nh|p|ph|qu|r|s|th?|tr|v|x)?"
    "(?:a(?:ch?|i|k|m|ng?|nh|o|p|t|u|y)?|e(?:ch?|k|m|ng?|nh|o|p|t|u)?|"
    "i(?:a|ch?|k|m|nh?|p|t|u|e(?:c|m|ng?|p|t|u))?|oo(?:c|ng)|y(?:n|nh|t|e(?:m|ng?|t|u))?|"
    "o(?:a(?:ch?|i|m|ng?|nh|o|p|t|y)?|c|e(?:n|o|t)?|i|k|m|ng?|p|t)?|"
    "u(?:a(?:ng?|t|y)?|c|e(?:ch|nh)?|i|k|m|ng?|o(?:c|i|m|ng?|p|t|u)?|p|t|u|y(?:a|ch|nh?|p|t|u|en|et)?)?)"
)
_CONSONANTS = frozenset("bcdghjklmnpqrstvxwz")
# Initials of highland names that any syllable may follow: H'Mông, K'Ho, M'gar, R'Lấp.
_NAME_INITIALS = frozenset("hkmr")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, date, sum or measure: the spellings that a text can have for it, as tokens; the typed one first."""

    spellings: tuple[Spelling, ...]

    @property
    def typed(self) -> Spelling:
        """The tokens as typed."""
        return self.spellings[0]


@dataclass(frozen=True, slots=True)
class Span:
    """Other tokens for some neighbours in a list, from `start` up to `end`."""

    start: int
    end: int
    tokens: Spelling


def cut_pieces(text: str) -> Iterator[tuple[Piece, int, int]]:
    """Cut a text into pieces, each with its start and end.

    >>> [piece.spellings for piece, _, _ in cut_pieces("dài 10 km")]
    [(('dài',),), (('10', 'km'), ('10km',))]
    """
    for match in _PIECE.finditer(text):
        spell = next(spell for name, spell in _SPELLERS.items() if match[name])
        yield Piece(tuple(dict.fromkeys(spell(match)))), match.start(), match.end()


def cut_document(text: str) -> Piece:
    """Make the piece of a document's number: QĐ and QD, 05 and 5, its signs together or apart.

    >>> cut_document("5/TB-UBND").spellings
    (('5', 'tb', 'ubnd'), ('05', 'tb', 'ubnd'), ('5', 'tbubnd'), ('05', 'tbubnd'))
    """
    number, *signs = re.findall(TOKEN, fold(text))
    joined = [(*signs[:place], signs[place] + signs[place + 1], *signs[place + 2 :]) for place in range(len(signs) - 1)]
    joined = [one for place, one in enumerate(joined) if signs[place].isalpha()]
    forms = [tuple(signs), *joined, *([("".join(signs),)] if len(signs) > 2 and signs[0].isalpha() else [])]
    forms += [split for place in range(len(signs)) for split in _split_at(signs, place)]
    spellings = [(form, *one) for one in forms for form in _spell_day(number)]
    # "QĐ-UBND" alone has no number.
    alone = [(number + signs[0], *signs[1:])] if signs and number.isalpha() else []
    return Piece(tuple(dict.fromkeys([*spellings, *alone])))


def _split_at(signs: Sequence[str], place: int) -> list[Spelling]:
    return [(*signs[:place], *split, *signs[place + 1 :]) for split in _split_signs(signs[place])]


def _split_signs(token: str) -> list[Spelling]:
    """Split the signs of a document that are written together: TBUBND, QDTTg."""
    plain = fold(token)
    if not plain.isalpha() or is_syllable(plain):
        return []
    cuts: list[Spelling] = [(sign, plain.removeprefix(sign)) for sign in DOCUMENT_SIGNS if plain.startswith(sign)]
    return [cut for cut in cuts if cut[1] in _OFFICES or (len(cut[1]) > 1 and token.isupper() and len(token) > 4)][:2]


def _spell_token_match(match: re.Match[str]) -> list[Spelling]:
    return _spell_token(match["token"])


def _spell_token(token: str) -> list[Spelling]:
    plain = fold(token)
    if (match := _DIGITS_LETTERS.fullmatch(token)) and (signs := _split_signs(match[2])):
        # A document's number with nothing between: 1234QĐUBND.
        return [(token,), *((match[1], *cut) for cut in signs), (match[1], match[2])]
    if match := _LONG_NUMBER.fullmatch(token):
        apart = [(match[1], match[2])] if match[2] else []
        return [(token,), tuple(f"{int(match[1]):,}{match[2]}".split(",")), *apart]
    if match := _RAISED.fullmatch(token):
        split = [(match[1], "2" if match[2] in "2²₂" else "3")]
        return [(token,), *((match[1] + sign,) for sign in _RAISED_FORMS[match[2]]), *split]
    if (match := _LETTERS_DIGITS.fullmatch(token)) or (match := _DIGITS_LETTERS.fullmatch(token)):
        return [(token,), (match[1], match[2])]
    if re.fullmatch("0?[1-9]", token):
        return [(form,) for form in _spell_day(token)]
    if Y_OR_I.fullmatch(plain):
        swapped = decompose(token.lower()).translate({ord("i"): "y", ord("y"): "i"})
        return [(token,), (compose(swapped),)]
    return [(token,), *_split_signs(token), *_split_initial(token), *_split_name(token)]


def _spell_grouped(match: re.Match[str]) -> list[Spelling]:
    groups = tuple(re.split("[.,]", match["grouped"]))
    joined = "".join(groups)
    sums = spell_long_number(joined) if len(groups) > 2 and joined.isdigit() else []
    return [groups, (joined,), *sums]


def _spell_measure(match: re.Match[str]) -> list[Spelling]:
    """Spell a measure with and without the blank, with ² and 2; a grouped number also without its points."""
    number, unit = re.fullmatch(r"([0-9.,]+)\s?(.+)", match["measure"]).groups()  # type: ignore[union-attr]
    groups = tuple(re.split("[.,]", number))
    numbers = [groups, *([("".join(groups),)] if len(groups) > 1 and len(groups[-1]) == 3 else [])]
    if re.fullmatch("[1-9][0-9]{3,11}", number):
        numbers.append(tuple(f"{int(number):,}".split(",")))
    units = [unit, *(unit[:-1] + sign for sign in _RAISED_FORMS.get(unit[-1], ""))]
    spelled = [
        form for digits in numbers for one in units for form in ((*digits, one), (*digits[:-1], digits[-1] + one))
    ]
    typed = tuple(re.findall(TOKEN, match["measure"]))
    is_hour = unit.lower() == "h" and number.isdigit()
    hours = [form for hour in _spell_day(number) for form in ((f"{hour}h",), (hour, "gio"))] if is_hour else []
    return [typed, *spelled, *hours]


def _spell_time(match: re.Match[str]) -> list[Spelling]:
    """Spell a time of day: 7h30, 07h30, 7 giờ 30."""
    minute, typed = match["minute"], tuple(re.findall(TOKEN, match["time"]))
    hours = dict.fromkeys((*_spell_day(match["hour"]), match["hour"].lstrip("0") or "0"))
    forms = [form for hour in hours for form in ((f"{hour}h{minute}",), (hour, "gio", minute), (hour, "h", minute))]
    return [typed, *forms, *((f"{hour}g{minute}",) for hour in hours)]


def _spell_phone(match: re.Match[str]) -> list[Spelling]:
    """Spell a telephone number in the groups that are usual."""
    typed = tuple(re.findall("[0-9]+", match["phone"]))
    digits = "".join(typed)
    groups = _PHONE_GROUPS.get(len(digits), ())
    ends = [list(accumulate(sizes)) for sizes in groups]
    cuts = [tuple(digits[a:b] for a, b in pairwise((0, *end))) for end in ends]
    return [typed, *([(digits,), *cuts] if groups else [])]


def _spell_sum_match(match: re.Match[str]) -> list[Spelling]:
    return spell_sum(match["sum"])


def _spell_degrees(match: re.Match[str]) -> list[Spelling]:
    """Spell a temperature: 35°C, 35 độ C, and with a small o for the sign: 35oC."""
    typed = tuple(re.findall(TOKEN, match["degrees"]))
    number = tuple(re.findall("[0-9]+", match["degrees"]))
    word = "độ" if any(map(contains_marks, typed)) else "do"
    glued = [(*number[:-1], f"{number[-1]}{sign}c") for sign in "oº"]
    return [typed, (*number, "c"), (*number, word, "c"), (*number, "oc"), *glued]


def _spell_date_match(match: re.Match[str]) -> list[Spelling]:
    return _spell_date(tuple(re.split("[/.-]", match["date"])))


def _spell_iso(match: re.Match[str]) -> list[Spelling]:
    numbers = tuple(match["iso"].split("-"))
    spelled = _spell_date((numbers[2], numbers[1], numbers[0]))
    return [numbers, *(spelled if len(spelled) > 1 else ())]


def _spell_worded(match: re.Match[str]) -> list[Spelling]:
    numbers = tuple(filter(None, (match["day"], match["month"], match["year"])))
    spelled = _spell_date(numbers)
    return [tuple(re.findall(TOKEN, match["worded"])), *(spelled if len(spelled) > 1 else ())]


def _spell_day_and_month(match: re.Match[str]) -> list[Spelling]:
    """Spell a day without a year: 30 tháng 4, "ngày 30-4". Where a query has words, "2 9" alone may be 2,9 tỷ."""
    day, month = re.findall("[0-9]+", match["day_and_month"])
    typed, spelled = tuple(re.findall(TOKEN, match["day_and_month"])), _spell_date((day, month))
    if len(spelled) < 2 or match["hyphened"]:
        return [typed, *spelled]
    padded = (day.zfill(2), month.zfill(2))
    numbers = dict.fromkeys(((day.lstrip("0"), month.lstrip("0")), padded))
    named = [(word, *form) for word in _BEFORE_DAYS for form in numbers]
    return [typed, *(form for form in spelled if "thang" in form), *named, *([padded] if month != padded[1] else [])]


def _spell_date(numbers: Spelling) -> list[Spelling]:
    """Spell day/month/year, day/month or month/year with and without zeros, in words, and as ISO 8601 does."""
    has_year = len(numbers[-1]) == 4
    words = ("", "thang", "nam")[-len(numbers) :] if has_year else ("", "thang")
    by_word = dict(zip(words, numbers, strict=True))
    try:
        date(int(by_word.get("nam", 2000)), int(by_word["thang"]), int(by_word.get("", 1)))
    except ValueError:
        return [numbers]
    forms = list(product(*map(_spell_day, numbers)))
    worded = [tuple(t for pair in zip(words, form, strict=True) for t in pair if t) for form in forms]
    iso = [(numbers[-1], *(number.zfill(2) for number in reversed(numbers[:-1])))] if len(numbers) == 3 else []
    month = [("thang", *form) for form in forms] if has_year and len(numbers) == 2 else []
    return [*forms, *iso, *worded, *month]


def _spell_day(number: str) -> list[str]:
    if re.fullmatch("0[0-9]", number):
        return [number, number[1]]
    return [number, f"0{number}"] if re.fullmatch("[0-9]", number) else [number]


def _split_initial(word: str) -> list[Spelling]:
    """Split the initial off a highland name: Hmông as in H'Mông, Mnông as in M'Nông."""
    plain = fold(word)
    if not 3 <= len(word) <= 12 or not plain.isalpha() or is_syllable(word) or plain[1] not in _CONSONANTS:
        return []
    is_name = is_syllable(word[1:]) or (plain[0] in _NAME_INITIALS and re.search("[aeiouy]", plain[1:]) is not None)
    return [(word[0], word[1:])] if plain[0] in _CONSONANTS and is_name else []


def _split_name(word: str) -> list[Spelling]:
    """Split a word that is not a Vietnamese syllable into two syllables, else three: Sapa, Daklak, Dienbienphu."""
    if not 4 <= len(word) <= 20 or is_syllable(word):
        return []
    cuts = [(word[:cut], word[cut:]) for cut in range(1, len(word)) if is_syllable(word[:cut])]
    pairs: list[Spelling] = [cut for cut in cuts if is_syllable(cut[1])]
    triples: list[Spelling] = [(first, *pair) for first, rest in cuts for pair in _split_name(rest) if len(pair) == 2]
    return pairs or triples[:4]


def is_syllable(word: str) -> bool:
    """Return whether a word can be a Vietnamese syllable, marks aside."""
    return _SYLLABLE.fullmatch(fold(word)) is not None


def join_names(first: str, second: str) -> str:
    """Join two tokens if the result can only be the same name written together; else return "".

    >>> join_names("Sa", "Pa"), join_names("H", "Mông"), join_names("đất", "đai")
    ('sapa', 'hmong', 'datdai')
    """
    joined = fold(first + second)
    if fold(first) in DOCUMENT_SIGNS and fold(second) in _OFFICES:
        return joined
    if second.isdigit():
        return joined if len(first) > 1 and first.isalpha() else ""
    if len(first) == 1 and fold(first) in _CONSONANTS and fold(second[0]) in _CONSONANTS and second.isalpha():
        return "" if is_syllable(joined) else joined
    return joined if is_syllable(first) and is_syllable(second) and not is_syllable(joined) else ""


_SPELLERS = {
    "iso": _spell_iso, "date": _spell_date_match, "worded": _spell_worded, "day_and_month": _spell_day_and_month,
    "time": _spell_time, "phone": _spell_phone, "sum": _spell_sum_match, "degrees": _spell_degrees,
    "measure": _spell_measure, "grouped": _spell_grouped, "token": _spell_token_match,
}  # fmt: skip
