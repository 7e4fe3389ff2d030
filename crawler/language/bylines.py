"""Read bylines as persons with their units, and join the spellings of one person. Pure.

Persons are joined only on evidence: a name that is common stays apart where the bylines name different units.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal

from crawler.language.syllables import is_syllable
from crawler.language.text import fold, mark_tones, normalize_text

_LABEL = re.compile(
    r"^\s*(?:(?:thực hiện|tác giả|người viết|biên soạn|tin|bài|ảnh|bài viết|viết bài|clip|video)"
    r"(?:\s*(?:,|&|và|-|–)\s*(?:tin|bài|ảnh|clip|video))*)\s*:\s*",
    re.IGNORECASE,
)
_UNIT_IN_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]\s*")
_PARTS = re.compile(r"\s*[,;&/+–]\s*|\s+-\s+|\s+(?:và|cùng)\s+")
# The first word of an office; a person's family name is none of them.
_OFFICE = re.compile(
    r"(?:trung tam|trng tam|tt|phong|ban|so|dai|ubnd|hdnd|hoi|cong an|truong|van phong|doan|uy ban|chi cuc|cuc|to|bao"
    r"|cong thong tin|ttxvn|mttq|benh vien|lien doan|huyen|xa|phuong|thi xa|tinh)\b"
)
_INITIAL = re.compile(r"[^\W\d_]\.?")
_SPELLED = re.compile(r"[^\W\d_]+\.?")
# Before the place of a unit in brackets; texts in normal form have none.
_UNIT_MARK = "\1"
_LIKE_UNITS = 0.9
_FEWEST_UNMARKED, _FEWEST_LOST = 3, 2
_MOST_SYLLABLES = 5

Reason = Literal["case", "marks", "initials", "unit"]


@dataclass(frozen=True, slots=True)
class Author:
    """A person of a byline, and the unit that the byline names after; None without one."""

    name: str
    unit: str | None


@dataclass(frozen=True)
class Person:
    """A person with every spelling that was joined.

    Args:
        name: the spelling met most, of those with the most marks.
        unit: as met most; None if no byline names one.
        spellings: each author as spelled, with the number of articles, the most first.
        bylines: the whole bylines that name the person.
        reasons: by which evidence spellings were joined.
    """

    name: str
    unit: str | None
    spellings: tuple[tuple[Author, int], ...]
    bylines: frozenset[str]
    reasons: frozenset[Reason]

    @cached_property
    def articles(self) -> int:
        """How many articles name the person."""
        return sum(count for _, count in self.spellings)


def read_authors(byline: str) -> tuple[Author, ...]:
    """Read the persons of a byline, each with the unit that is after it.

    >>> read_authors("Tin, ảnh: Hồng Hải (Trung tâm VH) - Lê An")
    (Author(name='Hồng Hải', unit='Trung tâm VH'), Author(name='Lê An', unit=None))
    >>> read_authors("Vàng A Páo, Phòng Nội vụ"), read_authors("UBND xã Tả Van")
    ((Author(name='Vàng A Páo', unit='Phòng Nội vụ'),), ())
    """
    text = _part_syllables(_LABEL.sub("", normalize_text(byline)).strip(" ."))
    units: list[str] = []
    text = _UNIT_IN_BRACKETS.sub(lambda found: f", {_UNIT_MARK}{_keep(units, found[1])}, ", text)
    authors: list[Author] = []
    behind: list[int] = []
    for part in filter(None, (part.strip(" .,:-–") for part in _PARTS.split(text))):
        is_unit = part.startswith(_UNIT_MARK)
        unit = units[int(part[1:])] if is_unit else part
        if is_unit or _OFFICE.match(fold(part)):
            for place in behind:
                authors[place] = Author(authors[place].name, unit.strip() or None)
            behind = []
        elif _is_name(part):
            authors.append(Author(part, None))
            behind.append(len(authors) - 1)
    return tuple(authors)


def write_authors(byline: str) -> str:
    """Write the persons of a byline as a JSON array.

    >>> write_authors("Vàng A Páo, Phòng Nội vụ - Lê An")
    '[{"name": "Vàng A Páo", "unit": "Phòng Nội vụ"}, {"name": "Lê An", "unit": null}]'
    """
    return json.dumps([asdict(author) for author in read_authors(byline)], ensure_ascii=False)


def _keep(units: list[str], unit: str) -> int:
    units.append(unit)
    return len(units) - 1


def _part_syllables(text: str) -> str:
    """Part what was typed without a space: SeoQuý."""
    return "".join(
        f" {letter}" if place and letter.isupper() and text[place - 1].islower() else letter
        for place, letter in enumerate(text)
    )


def _is_name(text: str) -> bool:
    words = text.split()
    return 0 < len(words) <= _MOST_SYLLABLES and all(
        word[0].isupper() and _SPELLED.fullmatch(word.replace(".", "")) for word in words
    )


def join_persons(bylines: Mapping[str, int]) -> list[Person]:
    """Join the spellings of each person, those with the most articles first.

    Case, places of tone marks, i for y and spaces within a name do not count. A name without any mark joins the only
    one that has the same letters, if it cannot have been meant so: a syllable that no word has without its marks, two
    of three syllables that differ, or the same unit. Initials join the only name that begins so and
    ends alike. A name without unit joins that of the only unit. Else, and with different units, persons stay apart.

    Args:
        bylines: each byline with the number of its articles, of one portal.
    """
    spelled: Counter[Author] = Counter()
    named: dict[Author, set[str]] = defaultdict(set)
    for byline, count in bylines.items():
        for author in dict.fromkeys(read_authors(byline)):
            spelled[author] += count
            named[author].add(byline)
    groups = _Groups(spelled)
    groups.join_alike()
    groups.join_units()
    groups.join_unmarked()
    groups.join_initials()
    found = [groups.make_person(members, named) for members in groups.members()]
    return sorted(found, key=lambda one: (-one.articles, one.name, one.unit or ""))


class _Groups:
    """Spellings in groups, each a person."""

    def __init__(self, spelled: Counter[Author]) -> None:
        self._spelled = spelled
        self._group = {author: author for author in spelled}
        self._members = {author: [author] for author in spelled}
        self._reasons: dict[Author, set[Reason]] = defaultdict(set)

    def members(self) -> Iterable[list[Author]]:
        """Return the members of each group, those with the most articles first."""
        for found in self._members.values():
            yield sorted(found, key=lambda one: (-self._spelled[one], one.name, one.unit or ""))

    def _join(self, one: Author, other: Author, *, reason: Reason) -> None:
        kept, gone = self._group[other], self._group[one]
        if kept == gone:
            return
        moved = self._members.pop(gone)
        self._members[kept] += moved
        self._group.update(dict.fromkeys(moved, kept))
        self._reasons[kept] |= self._reasons.pop(gone, set()) | {reason}

    def join_alike(self) -> None:
        """Join names of the same letters and tones with one unit, or both without."""
        for authors in _by(self._spelled, lambda one: _letters(one.name)).values():
            for place, one in enumerate(authors):
                other = next((first for first in authors[:place] if _is_one_unit(first.unit, one.unit)), None)
                if other is not None:
                    self._join(one, other, reason="case")

    def join_units(self) -> None:
        """Join a name without a unit to the same name, if all its bylines with a unit name one unit."""
        for authors in _by(self._spelled, lambda one: _letters(one.name)).values():
            units = {self._group[one] for one in authors if one.unit}
            alone = [one for one in authors if not one.unit]
            if len(units) == 1 and alone:
                self._join(alone[0], next(iter(units)), reason="unit")

    def join_unmarked(self) -> None:
        """Join a name without any mark to the only one that it can be."""
        marked = _by((one for one in self._spelled if not _is_plain(one.name)), lambda one: _plain(one.name))
        for one in [one for one in self._spelled if _is_plain(one.name)]:
            found = marked.get(_plain(one.name), [])
            if len({self._group[other] for other in found}) == 1 and _lost_marks(one, found[0]):
                self._join(one, found[0], reason="marks")

    def join_initials(self) -> None:
        """Join a name with initials to the only one that it can be."""
        whole = [one for one in self._spelled if not _has_initials(one.name)]
        by_last = _by(whole, lambda one: _letters(one.name.split()[-1]))
        for one in [one for one in self._spelled if _has_initials(one.name)]:
            last = one.name.replace(".", " ").split()[-1]
            found = [other for other in by_last.get(_letters(last), []) if _fits_initials(one.name, other.name)]
            units_fit = all(not one.unit or not other.unit or _is_one_unit(one.unit, other.unit) for other in found)
            if len({self._group[other] for other in found}) == 1 and units_fit:
                self._join(one, found[0], reason="initials")

    def make_person(self, members: list[Author], named: Mapping[Author, set[str]]) -> Person:
        """Make the person of a group; its members come by number of articles."""
        # With a unit and without, a name is one spelling.
        met: Counter[str] = Counter()
        for one in members:
            met[one.name] += self._spelled[one]
        ranked = sorted(members, key=lambda one: -met[one.name])
        best = next((one for one in ranked if not _is_plain(one.name) and not _has_initials(one.name)), ranked[0])
        name = next(
            (one.name for one in ranked if _letters(one.name) == _letters(best.name) and one.name != one.name.upper()),
            best.name,
        )
        return Person(
            name,
            next((one.unit for one in members if one.unit), None),
            tuple((one, self._spelled[one]) for one in members),
            frozenset(byline for one in members for byline in named[one]),
            frozenset(self._reasons[self._group[members[0]]]),
        )


def _by(authors: Iterable[Author], key: Callable[[Author], str]) -> dict[str, list[Author]]:
    found: dict[str, list[Author]] = defaultdict(list)
    for author in sorted(authors, key=lambda one: (one.name, one.unit or "")):
        found[key(author)].append(author)
    return found


def _letters(name: str) -> str:
    """Return the letters of a name with the tone of each syllable, without spaces.

    >>> _letters("SÙNG SEO QUÝ") == _letters("Sùng Seo Qúy") == _letters("Sùng SeoQuí")
    True
    """
    toned = mark_tones(normalize_text(name))
    tones = "".join(letter for letter in toned if not letter.isalpha() and not letter.isspace() and letter != ".")
    return "".join(letter for letter in toned if letter.isalpha()) + tones


def _plain(name: str) -> str:
    return "".join(letter for letter in fold(mark_tones(normalize_text(name))) if letter.isalpha())


def has_name(author: Author, name: str) -> bool:
    """Return whether an author is spelled so, case, places of tone marks and spaces aside."""
    return _letters(author.name) == _letters(name)


def _is_plain(name: str) -> bool:
    return fold(name) == normalize_text(name).lower()


def _lost_marks(plain: Author, marked: Author) -> bool:
    """Return whether a name without marks is the other, written without them, and no name of its own."""
    words = plain.name.split()
    if any(not is_syllable(word.lower()) for word in words) or (plain.unit and _is_one_unit(plain.unit, marked.unit)):
        return True
    others = marked.name.split()
    differ = sum(mark_tones(one) != mark_tones(other) for one, other in zip(words, others, strict=False))
    return len(words) == len(others) >= _FEWEST_UNMARKED and differ >= _FEWEST_LOST


def _has_initials(name: str) -> bool:
    parts = name.replace(".", ". ").split()
    return len(parts) > 1 and any(part.endswith(".") and _INITIAL.fullmatch(part) for part in parts[:-1])


def _fits_initials(name: str, whole: str) -> bool:
    parts, words = name.replace(".", ". ").split(), whole.split()
    return len(parts) == len(words) and all(
        fold(part[0]) == fold(word[0]) if part.endswith(".") else _letters(part) == _letters(word)
        for part, word in zip(parts, words, strict=True)
    )


def _is_one_unit(one: str | None, other: str | None) -> bool:
    """Return whether two bylines name one unit, a slip of the pen aside. None is no unit, and equals None alone."""
    if not one or not other:
        return not one and not other
    left, right = _plain(one), _plain(other)
    return left == right or SequenceMatcher(None, left, right, autojunk=False).ratio() >= _LIKE_UNITS
