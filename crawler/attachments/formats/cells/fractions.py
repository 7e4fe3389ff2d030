"""Show numbers as fractions, as number formats such as `# ?/?` and `# ??/100` do. Pure."""

import re
from dataclasses import dataclass
from fractions import Fraction

_FORM = re.compile(r"(?:(?P<whole>[0#?][0#?,]*)[^0#?/]+)?(?P<top>[0#?]+) */ *(?P<bottom>[1-9][0-9]*|[0#?]+)")
_MOST_DIGITS = 4
# Beyond it, a float has no digits left for a fraction.
_LARGEST = 1e12


@dataclass(frozen=True, slots=True)
class FractionForm:
    """How a number is shown as a fraction.

    Args:
        most: the largest number below the line.
        fixed: the number below the line, if it is always the same; else 0.
        has_whole: whether whole numbers are before the fraction.
        shows_zero: whether a zero is there too.
    """

    most: int
    fixed: int
    has_whole: bool
    shows_zero: bool

    def show(self, value: float) -> str | None:
        """Show a number; None if it is too large for a fraction.

        >>> [parse_fraction(code).show(2.75) for code in ("# ?/?", "?/?", "# ??/100")]
        ['2 3/4', '11/4', '2 75/100']
        """
        if not abs(value) < _LARGEST:
            return None
        near = self._near(Fraction(abs(value)))
        whole, top = divmod(near[0], near[1]) if self.has_whole else (0, near[0])
        sign = "-" if value < 0 and (whole or top) else ""
        if self.has_whole and not top:
            return f"{sign}{whole}"
        return f"{sign}{f'{whole} ' if self.has_whole and (whole or self.shows_zero) else ''}{top}/{near[1]}"

    def _near(self, value: Fraction) -> tuple[int, int]:
        if self.fixed:
            return round(value * self.fixed), self.fixed
        near = value.limit_denominator(self.most)
        return near.numerator, near.denominator


def parse_fraction(form: str) -> FractionForm | None:
    """Parse a number format whose quotes and backslashes are taken out; None if it shows no fraction."""
    found = _FORM.search(form)
    if found is None:
        return None
    fixed = int(found["bottom"][:_MOST_DIGITS]) if found["bottom"][0] in "123456789" else 0
    most = int(10 ** min(len(found["bottom"]), _MOST_DIGITS)) - 1
    return FractionForm(most, fixed, found["whole"] is not None, found["whole"] is not None and "0" in found["whole"])
