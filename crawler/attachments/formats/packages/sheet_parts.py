"""What the readers of XML and of binary workbooks share: sheets, styles of cells, and a cell as it is shown. Pure."""

from dataclasses import dataclass, field

from crawler.attachments.formats.cells.shown import BUILT_IN_FORMATS, show_text
from crawler.attachments.formats.packages.drawing_fonts import DrawingFonts
from crawler.attachments.formats.packages.package import Package
from crawler.language.legacy.decoding import Run


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: its name and the path of its part."""

    name: str
    path: str
    is_hidden: bool = False


@dataclass(slots=True)
class CellStyles:
    """The number format and font of each style of cells, by its number."""

    codes: list[str] = field(default_factory=list)
    fonts: list[str | None] = field(default_factory=list)

    def add(self, code: int, font: int, *, codes: dict[int, str], fonts: list[str | None]) -> None:
        """Add a style; `codes` and `fonts` are those that the workbook defines, by their numbers."""
        self.codes.append(codes.get(code, BUILT_IN_FORMATS.get(code, "General")))
        self.fonts.append(fonts[font] if 0 <= font < len(fonts) else None)

    def find_code(self, style: int) -> str:
        """Return the number format of a style; General if it is not known."""
        return self.codes[style] if 0 <= style < len(self.codes) else "General"

    def find_font(self, style: int) -> str | None:
        """Return the font of a style."""
        return self.fonts[style] if 0 <= style < len(self.fonts) else None


@dataclass(slots=True)
class Book:
    """A workbook whose shared texts and styles are read; how many cells have a value, and formulas have none.

    Programs that are not spreadsheets write formulas without their results, and pivot tables without their cells
    (`unfilled`).
    """

    package: Package
    styles: CellStyles
    strings: list[list[Run]]
    is_1904: bool
    fonts: DrawingFonts
    valued: int = 0
    unvalued: int = 0
    unfilled: int = 0

    def find_string(self, place: int, style: int) -> list[Run]:
        """Return the shared text of a cell as runs; those without a font have that of its style."""
        runs = self.strings[place] if 0 <= place < len(self.strings) else []
        shown = [Run(run.text, run.font or self.styles.find_font(style)) for run in runs if run.text]
        return show_text(shown, self.styles.find_code(style))
