"""Judge the words of a text in other scripts than Latin: whether anybody writes so. Pure.

A font without Unicode, or with a wrong table, gives letters of any script: Hangul in place of Cyrillic, rare Chinese
characters, the syllables of the Cree. Words of one script alone are believed only if it is one that papers of Vietnam
quote, and, in the scripts of thousands of letters, if they have the letters that every text has.
"""

import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence

# Papers of Vietnam quote its neighbours, and those whom its offices write to.
_USUAL = frozenset(
    ("CYRILLIC", "GREEK", "CJK", "HIRAGANA", "KATAKANA", "HANGUL", "LAO", "THAI", "KHMER", "MYANMAR", "ARABIC",
     "HEBREW", "DEVANAGARI", "TAMIL", "BENGALI", "GEORGIAN", "ARMENIAN", "MATHEMATICAL", "FULLWIDTH")
)  # fmt: skip
_EAST_ASIA = frozenset(("CJK", "HIRAGANA", "KATAKANA"))
# Each is a twentieth of the letters of any text of some lines, in Chinese (both spellings) and Korean.
_COMMON_HAN = frozenset(
    "的一是不了人我在有他这這为為之大来來以个個中上们們到说說国國和地也子时時道出而要于於就下得可你年生自会會那"
    "后後能对對着事其里所去行过過家十用发發天如然作方成者多日都三小军軍二无無同么经經法当當起与與好看学學进進种種将將还還"
    "分此心前面又定见見只主没從从部市省公民政文月第四五六七八九号號会委员員关關通知规規定区區县縣"
)
_COMMON_HANGUL = frozenset(
    "이다의는에을를가고하한지로기사은도아자나어그서대리인시해정일있보수전주제부과들만게라면니스여으상것동구장안성원선"
    "내조유무용공생국관소연와신경중화계적요방모비회문마우음물오치발교학세할미트할개간위실"
)
_LEAST_COMMON = 0.05
_FEWEST_LETTERS = 20
# A paper in two scripts has perhaps quotations in a third. Arabic, Thai and Greek beside each other are a wrong table.
_MOST_SCRIPTS = 3


_RIGHT_TO_LEFT = ("R", "AL")
_MANY_LETTERS = 0.1


def find_script(letter: str) -> str:
    r"""Return the script of a letter as its Unicode name says it; "?" for one without a name.

    >>> find_script("д"), find_script("越"), find_script("\ue001")
    ('CYRILLIC', 'CJK', '?')
    """
    return unicodedata.name(letter, "?").split(" ", 1)[0]


def count_unlikely(words: Sequence[str]) -> int:
    """Count the words that nobody wrote so, of all words of a text in other scripts, each in a single one.

    >>> [count_unlikely(words) for words in (["Народный", "комитет"], ["ᐊᐱ", "ᐃᓄᒃ"], ["킜킰톁톁킰톂킰킱킘킷"] * 2)]
    [0, 2, 2]
    """
    by_script: Counter[str] = Counter()
    letters: dict[str, list[str]] = {}
    for word in words:
        script = find_script(word[0])
        by_script[script] += 1
        letters.setdefault(script, []).append(word)
    likely = {script for script in by_script if script in _USUAL and _has_common("".join(letters[script]), script)}
    families = {"CJK" if script in _EAST_ASIA else script for script in likely}
    if len(families) > _MOST_SCRIPTS:
        likely = set()
    # Japanese has its own common characters; its syllables tell it.
    if not {"HIRAGANA", "KATAKANA"}.isdisjoint(likely) and "CJK" in by_script and by_script.total() > by_script["CJK"]:
        likely.add("CJK")
    return sum(count for script, count in by_script.items() if script not in likely)


def is_rightward(text: str) -> bool:
    """Return whether many letters of a text are of scripts that run from right to left.

    >>> is_rightward("דוח שנתי של המחוז 2024"), is_rightward("Báo cáo")
    (True, False)
    """
    letters = [letter for letter in text if letter.isalpha()]
    count = sum(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in letters if not letter.isascii())
    return count > _MANY_LETTERS * len(letters)


def _has_common(text: str, script: str) -> bool:
    common: Collection[str] = {"CJK": _COMMON_HAN, "HANGUL": _COMMON_HANGUL}.get(script, ())
    if not common or len(text) < _FEWEST_LETTERS:
        return True
    return sum(letter in common for letter in text) >= _LEAST_COMMON * len(text)
