"""Show numbers as number formats of spreadsheets do (ECMA-376, 18.8.31): groups, places, words beside them. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from crawler.attachments.formats.cells.fractions import FractionForm, parse_fraction

# Spreadsheets allow 255 letters.
_LONGEST_CODE = 1_000
_LARGEST_ROUNDED, _LARGEST_PLAIN = 1e15, 1e21
# Spreadsheets show no more places. `Decimal` counts 28 digits unless its context says otherwise.
_MOST_PLACES = 30
_EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
# Quoted text; a letter after a backslash; the sign of a currency; colours and conditions; fill letters and spaces as
# wide as a letter; the number itself; another sign.
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<letter>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[*_].'
    r"|(?P<number>(?i:general)|@|[0#?][0#?,]*(?:\.[0#?]*)?,*(?:E[+-]0+)?|\.[0#?]+)|(?P<sign>.)",
    re.DOTALL,
)
_DIGITS, _DIGIT = re.compile("[0#?]+"), re.compile("[0#?]")
# A number whose point is after a text: `0 "đồng" .00`.
_WITH_POINT = ("[0#?][0#?,]*", r"\.[0#?]+")
# A negative number always has a minus, and not the brackets of its format.
_UNSHOWN = frozenset(("(", ")", "-", "\0"))
# The signs that make a number a share and a fraction. In quotes or after a backslash they are texts as others are.
_PERCENT, _FRACTION = "\0", "\1"
_BY_SIGN = {"%": _PERCENT, "/": _FRACTION}
_PLAIN = ("general", "@")


@dataclass(frozen=True, slots=True)
class NumberForm:
    """What a section of a number format shows.

    Args:
        before: text before the number.
        after: text after it.
        template: the digits "0", "#", "?" of whole numbers, with the signs between them; "" if none are there.
        least_digits: before the point, filled up with zeros.
        places: at least and at most this many after the point; None if the number is shown plain.
        between: text between the number and its point.
        is_grouped: whether thousands are separated.
        percent: whether it is a share.
        thousands: by how many thousands it is divided, each once more: twice for millions.
        power: if it is shown with a power of ten: the power is a multiple of the first, and has the second of digits.
        is_text: whether no number is shown, but text alone.
        fraction: how it is shown as a fraction; None if it is not.
    """

    before: str = ""
    after: str = ""
    template: str = ""
    least_digits: int = 0
    places: tuple[int, int] | None = None
    between: str = ""
    is_grouped: bool = False
    percent: bool = False
    thousands: int = 0
    power: tuple[int, int] | None = None
    is_text: bool = False
    fraction: FractionForm | None = None

    def show(self, value: float) -> str:
        """Show a value, with a minus if it is negative.

        >>> [parse_number_form(code).show(-1234.5) for code in ('#,##0.00 "đồng"', "($0.0)", "General", "0%")]
        ['-1,234.50 đồng', '-$1234.5', '-1234.5', '-123450%']
        """
        if self.is_text:
            return self.before
        number = self._show_number(value * (100 if self.percent else 1) / 1000**self.thousands)
        sign = "-" if number.startswith("-") else ""
        return f"{sign}{self.before}{number.removeprefix('-')}{'%' if self.percent else ''}{self.after}"

    def _show_number(self, value: float) -> str:
        if self.fraction is not None:
            return self.fraction.show(value) or show_plain_number(value)
        if self.places is not None and self.power is not None:
            return _show_power(Decimal(f"{value:.15g}"), self.power, places=self.places[1])
        if self.places is None or abs(value) >= _LARGEST_ROUNDED:
            return show_plain_number(value)
        least, most = self.places
        shown = Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-most), context=_EXACT)
        text = f"{shown if shown else abs(shown):{',' if self.is_grouped else ''}f}"
        whole, point, places = text.partition(".")
        kept = places[:least] + places[least:].rstrip("0")
        sign, digits = whole[: whole.startswith("-")], whole.removeprefix("-").zfill(self.least_digits)
        if self.template:
            digits = _fill(self.template, digits)
        return sign + digits + self.between + (point + kept if kept else "")


@lru_cache(4096)
def parse_number_form(section: str) -> NumberForm:
    r"""Parse a section of a number format that shows no date.

    >>> [parse_number_form(code).show(0.125) for code in ("0.00", "0.0#", "# ?/?", "0.00E+00", '"có"')]
    ['0.13', '0.13', '1/8', '1.25E-01', 'có']
    >>> [parse_number_form(code).show(12_345_678) for code in ('#,##0, "nghìn đồng"', '0.0,,"M"')]
    ['12,346 nghìn đồng', '12.3M']
    >>> parse_number_form(r'0\ "đồng và"\ .00\ "xu"').show(19.99)
    '19 đồng và .99 xu'
    """
    pieces = [piece for token in _TOKEN.finditer(section[:_LONGEST_CODE]) if any(piece := _read_token(token))]
    places = [place for place, (number, _) in enumerate(pieces) if number]
    if not places:
        text = _join(pieces).strip()
        if any(token["currency"] for token in _TOKEN.finditer(section[:_LONGEST_CODE])):
            # LibreOffice writes `[$USD-409]` for a plain number in dollars.
            return NumberForm(after=text)
        return NumberForm(text, is_text=True) if any(map(str.isalnum, text)) else NumberForm()
    before, after = _join(pieces[: places[0]]), _join(pieces[places[-1] + 1 :])
    percent = any(text == _PERCENT for _, text in pieces)
    own = NumberForm(before.lstrip(), after.rstrip(), percent=percent)
    if any(text == _FRACTION for _, text in pieces):
        fraction = parse_fraction("".join(number or text.replace(_FRACTION, "/") for number, text in pieces))
        return NumberForm(before.lstrip(), fraction=fraction) if fraction else own
    between = ""
    if len(places) == len(_WITH_POINT) and all(map(re.fullmatch, _WITH_POINT, (pieces[place][0] for place in places))):
        between = _join(pieces[places[0] + 1 : places[1]])
        pieces[places[0]] = (pieces[places[0]][0] + pieces[places[1]][0], "")
    elif len(places) > 1:
        template = "".join(number or text for number, text in pieces[places[0] : places[-1] + 1])
        is_whole = all(_DIGITS.fullmatch(number) for number, _ in pieces if number)
        return replace(own, template=template, places=(0, 0), least_digits=_count_least(template)) if is_whole else own
    told = pieces[places[0]][0]
    number, _, power = told.partition("E")
    digits = number.rstrip(",")
    whole, _, behind = digits.partition(".")
    if told.lower() in _PLAIN:
        return own
    behind = behind[:_MOST_PLACES]
    return replace(
        own, between=between, places=(behind.count("0"), len(behind)), thousands=len(number) - len(digits),
        is_grouped="," in whole, least_digits=_count_least(whole),
        power=(len(_DIGIT.findall(whole)), power.count("0")) if power else None,
    )  # fmt: skip


def _count_least(whole: str) -> int:
    """Return how many digits a number has at least: as many as there are places from the first zero on.

    >>> [_count_least(whole) for whole in ("#,##0", "0000", "0### ### ###", "#")]
    [1, 4, 10, 0]
    """
    return len(_DIGIT.findall(whole[whole.index("0") :])) if "0" in whole else 0


def _show_power(number: Decimal, form: tuple[int, int], *, places: int) -> str:
    """Show a number with a power of ten; `form` is that of `NumberForm.power`.

    >>> [_show_power(Decimal(number), (3, 1), places=1) for number in ("12345", "-0.5", "999960", "0")]
    ['12.3E+3', '-500.0E-3', '1.0E+6', '0.0E+0']
    """
    step, digits = form
    power = number.adjusted() // step * step if number else 0
    while True:
        shown = number.scaleb(-power).quantize(Decimal(1).scaleb(-places), context=_EXACT)
        if abs(shown) < 10**step:
            return f"{shown:f}E{power:+0{digits + 1}d}"
        power += step


def _read_token(token: re.Match[str]) -> tuple[str, str]:
    """Return the digits that a token of a format stands for, or its text."""
    sign = _BY_SIGN.get(token["sign"], token["sign"])
    return token["number"] or "", token["quoted"] or token["letter"] or token["currency"] or sign or ""


def _join(pieces: Sequence[tuple[str, str]]) -> str:
    """Join the texts before or after a number, without single signs; a hyphen after a word is not a minus."""
    joined = ""
    for _, text in pieces:
        if text not in _UNSHOWN or (text == "-" and joined[-1:].isalnum()):
            joined += text.replace(_FRACTION, "/")
    return joined


def _fill(template: str, digits: str) -> str:
    """Put digits in the places of a template from its end; those that are left over before the first.

    >>> _fill("0000 000 000", "0912345678"), _fill("# ##0", "1234567"), _fill("# ##0", "7")
    ('0912 345 678', '1234 567', '7')
    """
    left = list(digits)
    out: list[str] = []
    for sign in reversed(template):
        out += sign if sign not in "0#?" else left.pop() if left else ""
    return "".join((*left, *reversed(out))).strip(" -.")


def show_plain_number(value: float) -> str:
    """Show a number with at most 15 digits, as spreadsheets do: 3.3000000000000003 as 3.3."""
    if float(value).is_integer() and abs(value) < _LARGEST_PLAIN:
        return f"{Decimal(f'{value or 0.0:.15g}'):f}"
    return f"{value:.15g}"
