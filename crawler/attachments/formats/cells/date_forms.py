"""Show dates and times as number formats of spreadsheets do (ECMA-376, 18.8.31). Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise

# Spreadsheets allow 255 letters.
_LONGEST_CODE = 1_000
# Day 60 of the system of 1900 is 29/02/1900, which never was.
_FALSE_LEAP_DAY = 60
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<letter>.)|\[(?P<elapsed>h+|m+|s+)\]|\[\$[^\]-]*-(?P<locale>[0-9A-F]+)[^\]]*\]'
    r"|\[[^\]]*\]|\*.|(?P<wide>_.)|(?P<half>am/pm|a/p)|(?P<field>y+|e+|m+|d+|h+|s+|\.0+)|(?P<sign>.)",
    re.DOTALL | re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
# The last two digits of a locale are its language.
_VIETNAMESE = 0x2A
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAYS_VI = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_NAMED, _INITIAL, _SHORT = 3, 5, 3
_TIMES = frozenset("hHnsS.a")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A field of a date or time, or a text.

    Args:
        field: "y", "m", "d", "h", "n" (minutes), "s", "." (parts of a second), "a" (half of a day); capital if it
            counts all hours, minutes or seconds of the value; "" for a text.
        text: the text; of a field, its letters in the format.
    """

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class DateForm:
    """What a section of a number format shows of a moment: its pieces; whether in Vietnamese; digits of a second."""

    pieces: tuple[_Piece, ...]
    is_vietnamese: bool
    places: int

    def show(self, value: float, *, is_1904: bool) -> str:
        """Show a date as 02/09/2023, and before it as its format does if that has other words; a time as it is.

        Args:
            value: the days since the beginning of the system, not negative.
            is_1904: whether that is the year 1904.

        >>> [parse_date_form(code).show(45171.3125, is_1904=False) for code in ("yyyy-mm-dd", "d-mmm-yy", "h:mm AM/PM")]
        ['02/09/2023', '2-Sep-23 (02/09/2023)', '7:30 AM']
        """
        # Whole parts of a second: a float cannot hold most times exactly.
        parts = 10**self.places
        days, ticks = divmod(round(value * 86_400 * parts), 86_400 * parts)
        start = datetime(1904, 1, 1) if is_1904 else datetime(1899, 12, 30 if days > _FALSE_LEAP_DAY else 31)  # noqa: DTZ001
        is_zero = not days and not is_1904
        moment = _Moment(start + timedelta(days=days + is_zero), is_zero, days, ticks, parts)
        has_half = any(piece.field == "a" for piece in self.pieces)
        shown = [self._show_piece(piece, moment, has_half=has_half) for piece in self.pieces]
        joined = " ".join("".join(shown).split())
        normal = self._normal_date(moment)
        if not normal:
            return joined
        clock = "".join(text for piece, text in zip(self.pieces, shown, strict=True) if piece.field in _TIMES)
        if _counted(joined) - _counted(normal) - _counted(self._clock(shown)):
            return f"{joined} ({normal})"
        return f"{normal} {self._clock(shown)}" if clock else normal

    def _normal_date(self, moment: "_Moment") -> str:
        fields, day = {piece.field for piece in self.pieces}, moment.day
        if "d" in fields or ("m" in fields and "y" not in fields):
            return f"{moment.day_of_month:02}/{day.month:02}/{day.year:04}"
        if "m" in fields:
            return f"{day.month:02}/{day.year:04}"
        return f"{day.year:04}" if "y" in fields else ""

    def _clock(self, shown: Sequence[str]) -> str:
        """Return the fields of the time, with what is between them."""
        places = [place for place, piece in enumerate(self.pieces) if piece.field in _TIMES]
        if not places:
            return ""
        within = range(places[0], places[-1] + 1)
        return "".join(shown[place] for place in within if self.pieces[place].field not in tuple("ymd")).strip()

    def _show_piece(self, piece: _Piece, moment: "_Moment", *, has_half: bool) -> str:
        size = len(piece.text)
        if piece.field == "":
            return piece.text
        if piece.field == "y":
            return f"{moment.day.year:04}" if size >= _NAMED else f"{moment.day.year % 100:02}"
        if piece.field in ("m", "d"):
            named = self._name(piece.field, moment.day, size=size) if size >= _NAMED else ""
            number = moment.day.month if piece.field == "m" else moment.day_of_month
            return named or f"{number:0{min(size, 2)}}"
        if piece.field == "a":
            return "AM" if moment.hours < 12 else "PM"
        if piece.field == ".":
            return f".{moment.ticks % moment.parts:0{self.places}}"[: size or None]
        return f"{moment.count(piece.field, has_half=has_half):0{min(size, 2)}}"

    def _name(self, field: str, day: datetime, *, size: int) -> str:
        if field == "d":
            names = _DAYS_VI if self.is_vietnamese else _DAYS
            name = names[day.weekday()]
            return name if size > _SHORT or self.is_vietnamese else name[:_SHORT]
        if self.is_vietnamese:
            return f"Tháng {day.month:02}"
        name = _MONTHS[day.month - 1]
        return name[:1] if size == _INITIAL else name[:_SHORT] if size == _SHORT else name


@dataclass(frozen=True, slots=True)
class _Moment:
    """A day, the days since the beginning, and the parts of seconds of the day.

    The day before the first, of an empty cell that a formula repeats, is shown as 00/01/1900: it is no date.
    """

    day: datetime
    is_zero: bool
    days: int
    ticks: int
    parts: int

    @property
    def day_of_month(self) -> int:
        return 0 if self.is_zero else self.day.day

    @property
    def hours(self) -> int:
        return self.ticks // self.parts // 3600

    def count(self, field: str, *, has_half: bool) -> int:
        """Return the number that a field of the time shows."""
        seconds = self.ticks // self.parts
        whole = self.days * 86_400 + seconds
        hours = (self.hours - 1) % 12 + 1 if has_half else self.hours
        return {
            "h": hours, "n": seconds // 60 % 60, "s": seconds % 60, "H": whole // 3600, "N": whole // 60, "S": whole,
        }[field]  # fmt: skip


def _counted(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text))


@lru_cache(4096)
def parse_date_form(section: str) -> DateForm:
    """Parse a section of a number format that shows a date or a time. A month before its day is put after it.

    >>> parse_date_form("m/d/yyyy").show(45171, is_1904=False)
    '2/9/2023 (02/09/2023)'
    """
    pieces: list[_Piece] = []
    is_vietnamese = False
    for token in _TOKEN.finditer(section[:_LONGEST_CODE]):
        if token["locale"]:
            is_vietnamese = int(token["locale"][-2:], 16) == _VIETNAMESE
        elif token["elapsed"]:
            letter = token["elapsed"][0].upper()
            pieces.append(_Piece("N" if letter == "M" else letter, token["elapsed"]))
        elif token["field"] or token["half"]:
            pieces.append(_Piece("a" if token["half"] else _field(token["field"]), token["field"] or ""))
        elif not token["wide"]:
            pieces.append(_Piece("", token["quoted"] or token["letter"] or token["sign"] or ""))
    places = max((len(piece.text) - 1 for piece in pieces if piece.field == "."), default=0)
    return DateForm(tuple(_put_day_first(_find_minutes(pieces))), is_vietnamese, min(places, 6))


def _field(letters: str) -> str:
    first = letters[0].lower()
    return "y" if first == "e" else first


def _find_minutes(pieces: list[_Piece]) -> list[_Piece]:
    """Distinguish minutes from months: they are after hours or before seconds."""
    fields = [place for place, piece in enumerate(pieces) if piece.field not in ("", "a", ".")]
    minutes: set[int] = set()
    for before, behind in pairwise(fields):
        if pieces[behind].field == "m" and pieces[before].field in ("h", "H"):
            minutes.add(behind)
        if pieces[before].field == "m" and pieces[behind].field in ("s", "S"):
            minutes.add(before)
    return [
        _Piece("n", piece.text) if place in minutes and len(piece.text) < _NAMED else piece
        for place, piece in enumerate(pieces)
    ]


def _put_day_first(pieces: list[_Piece]) -> list[_Piece]:
    """Exchange the numbers of a month and its day if the month comes first: a reader here takes 9/2/2023 for February.

    A date that begins with its year stays.
    """
    days = {piece.field: place for place, piece in reversed(list(enumerate(pieces))) if piece.field in tuple("ymd")}
    month, day = days.get("m"), days.get("d")
    if month is None or day is None or day < month or days.get("y", day) < month:
        return pieces
    if max(len(pieces[month].text), len(pieces[day].text)) >= _NAMED:
        return pieces
    changed = list(pieces)
    changed[month], changed[day] = pieces[day], pieces[month]
    return changed
