"""Judge whether a text that was read from a file is what its page shows, by its words alone. Pure.

Vietnamese is written in syllables with a strict grammar (`syllables`), so that wrong letters show: undecoded legacy
letters, fonts without Unicode and misread pictures give words that no syllable can be. Words of other languages in
Latin letters are not an error. They are counted apart.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from crawler.language.quality.scripts import count_unlikely, find_script
from crawler.language.syllables import is_bare_syllable, is_syllable

# At most this much of a text is judged: a sample is as good as the whole, and costs less.
SAMPLE_CHARACTERS = 200_000
_CHUNK = re.compile(r"[^\s\u200b]+")
# Parts of a chunk: what is between words without a space, as in "25-NQ/TW" and "(Sa Pa)".
_PUNCTUATION = re.compile(
    r"(?:[-!\"#$%&'()*+,./:;<=>?@\[\\\]^_`{|}~\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u27bf\u3000-\u303f"
    r"\uf0a7\uf0b7\uf0d8\uf0fc\uf076\u00b0\u00b2\u00b3\u00b7\u00d7\u00f7\u00ab\u00bb\u00a0\u00a7\u00b1\u2122"
    r"\u00ad\u2212\u00ae\u00a9\u00a3\u20a0-\u20cf\ufdfc\uffe0-\uffe6\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"
    # The sign of the yen before a number. Elsewhere it may be a letter of TCVN3 or VNI.
    r"|\u00a5(?=[0-9]))+"
)
_LONG_WORD = 200
_UNKNOWN_LETTER = "\ufffd"
# Marks of the direction of a line; they are between words.
_WITHOUT_WIDTH = dict.fromkeys((0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), " ")
_LETTER_BETWEEN_DIGITS = re.compile(r"[^\W\d_]+[0-9]+[^\W\d_]{2,}|[^\W\d_]{2,}[0-9][^\W\d_]+")
# Numbers and letters of parts: "content1A", "Phase2B", "Level1Item12", "SheetA".
_PART = re.compile("[A-Za-z][a-z]{2,}(?:[A-Z]|[0-9]{1,3}(?:[A-Z]|(?:[A-Z][a-z]{2,}[0-9]{0,3})+))")
_VOWELS = frozenset("aeiouy")
_TOO_MANY_CONSONANTS = re.compile("[^aeiouy]{5}|(.)\\1\\1|[^aeiouy]{3}$", re.IGNORECASE)
_ENGLISH_ENDS = re.compile("(?:ghts?|sts?|rst|nts?|cts?|lds?|nds?|rds?|rks?|ths?|mps?|nks?|sks?|ngs?|nch|rch|tch|"
                           "lth|rth|ngth|xts?|pts?|rts?|lts?|fts?|lms?|rms?|mns?|rns?|rls?|rps?|lps?|lfs?|lves|sms?|"
                           "ss|lls?|ffs?|cks?|shs?|wns?|wls?|phs?|tz|rld|rsh|nth|mph|nce|pps?|tts?)$")  # fmt: skip
_OLD_CODES = frozenset("µ¶¸¹º»¼½¾ª¨¬®¤¦¥¢§£\u00ad")
_LONGEST_ACRONYM = 12
# Names that programs make of several words: "MediaBox", "PDFBox".
_PART_OF_NAME = re.compile("[A-Z]?[a-z]{2,}|[A-Z]{2,}(?![a-z])")
_LONGEST_WORD = 20
# The codes of days and years in forms and formats ("dd/mm/yyyy"), and marks in place of names ("Nguyễn Văn XXX").
_ONE_LETTER = re.compile(r"(\w)\1{1,3}|x+", re.IGNORECASE)
# Addresses of e-mail are made of names and codes, which are neither right nor wrong.
_OF_MAIL, _AROUND = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<>()[],;:.\"'"
# They are before and in addresses, and after names of files.
_OF_ADDRESSES = frozenset((
    "http", "https", "html", "htm", "mailto", "pdf", "doc", "docx", "xls", "xlsx", "xlsm", "ppt", "pptx", "txt", "csv",
    "xml", "rtf", "zip", "rar", "jpg", "jpeg", "png",
))  # fmt: skip
# They follow numbers.
_UNITS = frozenset((
    "kg", "mg", "ml", "dl", "km", "dm", "cm", "mm", "kw", "kwh", "kva", "kv", "hz", "mhz", "ghz", "kb", "mb", "gb",
    "kbps", "mbps",
))  # fmt: skip
_NO_WORDS = _UNITS | _OF_ADDRESSES
# Vowel signs and numbers.
_IN_WORDS = frozenset(("Mn", "Mc", "Nd", "Nl", "No"))
_MAY_BE_WRONG = frozenset(("accented", "odd"))
# Names of the peoples of the Central Highlands, without tones: "Bkrông", "Kbuôr", "Čư", "Êban". Of letters in VNI, "oâ"
# and the like are not vowels.
_OF_HIGHLANDS = re.compile(
    "(?![^ ]*[aeo][âêô])(?:[bcčdđghjklmnprstvwyzƀ]{0,4}[aăâeĕêiĭoŏôơuŭư]{1,2}){1,2}[cčghjklmnprstuwyi]{0,2}"
)
_WITHOUT_MARKS = frozenset(("plain", "bare"))
# From a letter to the next one: in columns of crosses, and in the alphabet, where Vietnamese passes over F, J, W and Z.
_IN_LISTS = range(4)
# A letter of them may be a word.
_WITHOUT_SPACES = frozenset(("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL"))


@dataclass(frozen=True, slots=True)
class TextMeasures:
    """Counts of the words of a text.

    Args:
        letters: letters and digits in the whole text.
        marked: Vietnamese syllables with a mark or đ.
        plain: Vietnamese syllables that are written without one, such as "trong".
        bare: syllables that lost their marks, if the text is Vietnamese: "nuoc", "huyen".
        latin: words of other languages in plain Latin letters.
        accented: words with letters of Western languages that are not syllables.
        foreign: words in one other script.
        odd: words that are none of these: signs in words, letters without a meaning, mixed scripts.
        wrong_forms: different words among `accented` and `odd`. One that comes again and again is an abbreviation.
        single: letters that stand alone.
        singles: different letters among them.
        apart: those that are not the same as the one before, nor follow it in the alphabet, as in a list.
        forms: different syllables without a mark, `plain` and `bare`.
        columned: letters of scripts without spaces that stand alone, if most of them do.
        unknown: words with letters that a file does not tell (U+FFFD), other than signs before or after them; all such
            signs of a text that has more of them than letters.
    """

    letters: int
    marked: int
    plain: int
    bare: int
    latin: int
    accented: int
    foreign: int
    odd: int
    wrong_forms: int
    single: int
    singles: int
    apart: int
    forms: int
    columned: int
    unknown: int

    @property
    def words(self) -> int:
        """All words that are judged."""
        return self.marked + self.plain + self.bare + self.latin + self.accented + self.foreign + self.odd

    @property
    def is_vietnamese(self) -> bool:
        """Whether most words are syllables, with or without their marks."""
        syllables = self.marked + self.plain + self.bare
        return 2 * self.marked > self.latin + self.bare + self.plain or syllables > _MOSTLY * self.words

    @property
    def lost(self) -> int:
        """Vietnamese words that seem to have lost their marks."""
        # A few words that come again and again are labels.
        if not self.is_vietnamese or self.forms < _FEWEST_WORDS:
            return 0
        # Of the syllables of running text three quarters are marked.
        return max(self.bare - self.marked // 10, 0) if self.marked > self.plain else self.bare + self.plain

    @property
    def right(self) -> int:
        """Words that seem to be as they were written."""
        known = self.marked + self.plain + self.bare + self.latin + self.foreign - self.lost
        return known + (self.accented if self._is_western else 0)

    @property
    def _is_western(self) -> bool:
        """Whether the words with accents are those of a Western language, not undecoded legacy letters."""
        if self.accented <= self.latin // 2:
            return True
        # Of Czech and Turkish words half have accents. Of legacy letters more; the others are syllables or no words.
        others = self.plain + self.bare + self.odd * _ODD_AMONG_LEGACY
        return self.accented <= _MOST_ACCENTED * self.latin and self.latin > others

    @property
    def quality(self) -> float | None:
        """The share of right words, 0 to 1; None if there are too few words to say."""
        words = self.words + (self.single if self.is_apart else 0)
        return None if words < _FEWEST_WORDS else round(self.right / words, 3)

    @property
    def is_apart(self) -> bool:
        """Whether single letters are as many as in no language, separated by spaces that the page does not show."""
        # Crosses in tables, and answers from A to D, are few different letters.
        return min(self.apart, self.singles) >= _FEWEST_WORDS and self.apart > _MANY_SINGLE * self.words

    @property
    def is_columned(self) -> bool:
        """Whether lines from top to bottom seem to be read across, or letters have spaces that no reader types."""
        return self.columned >= _FEWEST_COLUMNED

    @property
    def lost_share(self) -> float:
        """The share of words that seem to have lost their marks, 0 to 1."""
        return self.lost / self.words if self.words else 0.0

    @property
    def odd_share(self) -> float:
        """The share of words that seem to have wrong letters, 0 to 1."""
        return (self.words - self.right - self.lost) / self.words if self.words else 0.0

    @property
    def has_unknown(self) -> bool:
        """Whether words have letters that a file does not tell: more than a stray one."""
        is_more = self.unknown >= _FEWEST_UNKNOWN and self.unknown > _MOST_UNKNOWN * self.words
        return is_more or (self.unknown > 1 and self.unknown > _MANY_UNKNOWN * self.words)

    @property
    def worth(self) -> int:
        """A number that is larger for the better of two readings of one file: right words less wrong ones."""
        return 2 * self.right - self.words - (self.single if self.is_apart else 0)


# Of English words a third could be syllables; of Vietnamese without marks nine tenths.
_MOSTLY = 0.7
_FEWEST_WORDS = 5
# A table has a few cells of one letter.
_FEWEST_COLUMNED = 20
# Of a short text two words with such letters are many.
_FEWEST_UNKNOWN, _MOST_UNKNOWN, _MANY_UNKNOWN = 3, 0.01, 0.05
# Of the words of Vietnamese and English a twentieth are of one letter; of a drawing with letters at its margin more.
_MANY_SINGLE = 0.5
# For each Latin word; and how many such words outweigh a word that is none.
_MOST_ACCENTED, _ODD_AMONG_LEGACY = 2, 5


@dataclass(slots=True)
class _Words:
    """The words of a text: how many of each kind, those that are judged together, and how many have unknown letters."""

    kinds: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    singles: set[str] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)
    wrong: set[str] = field(default_factory=set)
    unknown: int = 0
    apart: int = 0


def _sort_words(text: str) -> _Words:
    """Count the words of a text by their kinds, and keep those that are judged together."""
    words = _Words()
    before = ""
    for chunk in _CHUNK.findall(text):
        if "@" in chunk and _OF_MAIL.fullmatch(chunk.strip(_AROUND)):
            continue
        for kind, word in _kinds_of(chunk):
            # Without their spaces, wrong letters are one word.
            words.kinds[kind] += len(word) // _LONGEST_WORD + 1 if kind == "odd" else 1
            words.unknown += _UNKNOWN_LETTER in (word.strip(_UNKNOWN_LETTER) or word[1:])
            if kind == "foreign":
                words.foreign.append(word)
            elif kind in _MAY_BE_WRONG:
                words.wrong.add(word.lower())
            elif kind in _WITHOUT_MARKS:
                words.forms.add(word.lower())
            elif kind == "single":
                words.singles.add(word.lower())
                words.apart += not before or ord(word[0]) - ord(before[0]) not in _IN_LISTS
                before = word
    return words


def measure_text(text: str) -> TextMeasures:
    """Count the words of a text by what they can be.

    >>> measure_text("Ủy ban nhân dân tỉnh Lào Cai ban hành Quyết định 12/QĐ-UBND").quality
    1.0
    >>> measure_text("Céng hoµ x· héi chñ nghÜa ViÖt Nam").quality
    0.143
    >>> measure_text("The annual report of the province is printed in two languages").quality
    1.0
    """
    words = _sort_words(text[:SAMPLE_CHARACTERS])
    kinds, unknown = words.kinds, words.unknown
    letters, signs = sum(map(str.isalnum, text)), text.count(_UNKNOWN_LETTER)
    if signs > letters:
        # Single ones are bullets and other signs, but not where there is nothing else.
        unknown = max(unknown, signs)
    unlikely = count_unlikely(words.foreign)
    kinds["foreign"] -= unlikely
    kinds["odd"] += unlikely
    # Scripts with spaces have no foreign words of one letter, but Korean: it has columns of letters, too.
    alone = sum(len(word) == 1 and find_script(word) != "HANGUL" for word in words.foreign)
    return TextMeasures(
        letters=letters,
        columned=alone if 2 * alone > sum(map(len, words.foreign)) else 0,
        singles=len(words.singles),
        apart=words.apart,
        forms=len(words.forms),
        wrong_forms=sum(len(word) // _LONGEST_WORD + 1 for word in words.wrong) + unlikely,
        unknown=unknown,
        **{name: kinds[name] for name in ("marked", "plain", "bare", "latin", "accented", "foreign", "odd", "single")},
    )


def count_words(text: str) -> int:
    """Count the words of a text, split at white space."""
    return len(text.split())


def agreement(one: str, other: str) -> float:
    """Return how far two readings of a file agree: the share of common words, 0 to 1; case and order do not count.

    >>> agreement("Kế hoạch năm 2024", "kế hoạch"), agreement("", "")
    (0.5, 1.0)
    """
    words, others = _count_all(one), _count_all(other)
    most = max(words.total(), others.total())
    return round((words & others).total() / most, 3) if most else 1.0


def coverage(text: str, whole: str) -> float:
    """Return the share of the words of a text that another text has too, 0 to 1; case and order do not count.

    >>> coverage("kế hoạch", "Kế hoạch năm 2024"), coverage("", "x")
    (1.0, 1.0)
    """
    words = _count_all(text)
    return round((words & _count_all(whole)).total() / words.total(), 3) if words else 1.0


def _count_all(text: str) -> Counter[str]:
    words = _PUNCTUATION.sub(" ", text.translate(_WITHOUT_WIDTH).lower()).split()
    return Counter(word for word in words if any(map(str.isalnum, word)) or _UNKNOWN_LETTER in word)


def _kinds_of(chunk: str) -> list[tuple[str, str]]:
    """Return the words in a chunk between spaces, each after its kind; numbers and codes are none."""
    return [(kind, word) for word in _PUNCTUATION.split(chunk) if word for kind in (_kind_of(word),) if kind]


def _kind_of(word: str) -> str | None:
    if _UNKNOWN_LETTER in word:
        known = word.strip(_UNKNOWN_LETTER)
        return "odd" if _UNKNOWN_LETTER in known else _kind_of(known) if known else "odd" if len(word) > 1 else None
    if is_syllable(word) and _is_sound(word):
        return "single" if len(word) == 1 else "plain" if word.isascii() else "marked"
    if not any(map(str.isalpha, word)):
        return None if word.isnumeric() or len(word) < 2 else "odd"
    if not word.isalpha():
        return _kind_of_mixed(word)
    if len(word) == 1:
        return "foreign" if find_script(word) in _WITHOUT_SPACES else "single"
    if _ONE_LETTER.fullmatch(word) or word.lower() in _NO_WORDS or _PART.fullmatch(word):
        return None
    if word.isupper() and len(word) <= _LONGEST_ACRONYM and (word.isascii() or "Đ" in word):
        return _kind_of_capitals(word)
    if not word.isascii():
        return _kind_of_letters(word)
    return "bare" if is_bare_syllable(word) else "latin" if _is_latin(word) else "odd"


def _kind_of_mixed(word: str) -> str | None:
    """Return the kind of a word with signs or digits in it: codes such as "A4", "m2" and "2024a" are not words."""
    if not word.isascii() and _is_of_other_script(word):
        return "foreign"
    if word.isalnum():
        return "odd" if not _PART.fullmatch(word) and _LETTER_BETWEEN_DIGITS.search(word[:_LONG_WORD]) else None
    return "odd"


def _is_of_other_script(word: str) -> bool:
    """Return whether all letters are of one script that is not Latin, beside their vowel signs and numbers."""
    letters = [letter for letter in word if letter.isalpha() or unicodedata.category(letter) not in _IN_WORDS]
    scripts = {find_script(letter) for letter in letters}
    return (len(scripts) == 1 or scripts <= _WITHOUT_SPACES) and scripts.isdisjoint(("LATIN", "?"))


def _kind_of_capitals(word: str) -> str | None:
    """Return the kind of a word in capitals: headings are written so, and abbreviations, which are none."""
    if word.isascii() and is_bare_syllable(word) and len(word) > 2:
        return "bare"
    return "latin" if len(word) > 5 and _is_latin(word) else None


def _kind_of_letters(word: str) -> str | None:
    scripts = {find_script(letter) for letter in word}
    if len(scripts) > 1 and "MATHEMATICAL" in scripts:
        return None
    if scripts == {"LATIN"}:
        if not word.islower() and _is_sound(word) and _OF_HIGHLANDS.fullmatch(word.lower()):
            return "latin"
        return "accented" if _is_sound(word) and not _OLD_CODES & set(word) else "odd"
    # Japanese mixes three.
    return "foreign" if (len(scripts) == 1 and "?" not in scripts) or scripts <= _WITHOUT_SPACES else "odd"


def _is_sound(word: str) -> bool:
    return word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower())


def _is_latin(word: str) -> bool:
    """Return whether a word in plain letters can be of a language with Latin letters."""
    if not _is_sound(word):
        parts = _PART_OF_NAME.findall(word)
        return "".join(parts) == word and all(part.isupper() or _is_latin(part) for part in parts)
    low = word.lower()
    if not _VOWELS & set(low):
        return False
    crowd = _TOO_MANY_CONSONANTS.search(low)
    return crowd is None or (crowd[0] == low[-3:] and _ENGLISH_ENDS.search(low) is not None)
