"""Leave out of an OpenDocument file what LibreOffice counted anew: the day, the time, chance, places of files. Pure.

It counts them when it opens a document. What it shows of them stood in no file.
"""

import re
import zipfile
from dataclasses import dataclass, replace
from io import BytesIO

_CONTENT, _META = "content.xml", "meta.xml"
_PARTS = frozenset((_CONTENT, _META, "styles.xml"))
_MOST_BYTES = 100 * 1024**2
# LibreOffice writes these elements so: well-formed, without `>` in a value, no cell of a formula within another.
_FORMULA_CELL = re.compile(
    r'<table:table-cell\b(?P<said>[^>]*?\btable:formula="(?P<formula>[^"]*)"[^>]*?)'
    r"(?:/>|>(?:(?!</?table:table-cell\b).)*?</table:table-cell>)",
    re.DOTALL,
)
_ANEW = re.compile(
    r"\b(?:TODAY|NOW|CELL|INFO|(?:ORG\.LIBREOFFICE\.)?RAND(?:BETWEEN)?(?:\.NV)?|(?:COM\.MICROSOFT\.)?RANDARRAY"
    r"|(?:COM\.MICROSOFT\.)?WEBSERVICE|DDE|INDIRECT)\s*\("
    # Cells of other files, which are not fetched.
    r"|(?:'|&apos;)[a-z]+:/"
)
_QUOTED = re.compile(r"&quot;(?:(?!&quot;).)*&quot;", re.DOTALL)
# What LibreOffice shows of a formula that it does not know, or whose cells it does not have. `#DIV/0!` is a result.
_UNCOUNTED = re.compile(r"<text:p>(?:#NAME\?|#REF!|Err:\d{3})</text:p>")
_REPEATED = re.compile(r'\btable:number-columns-repeated="\d+"')
_FIELD = re.compile(
    r"<text:(?P<name>date|time|file-name|print-date|print-time|modification-date|modification-time)\b(?P<said>[^>]*)>"
    r"(?:(?!</text:).)*</text:(?P=name)>",
    re.DOTALL,
)
# What LibreOffice puts on the pages of workbooks that say nothing of it: the name of the sheet, the number of the page.
_FOOTER = re.compile(r"<text:p>Page <text:page-number>\d+</text:page-number></text:p>")
_FIXED = 'text:fixed="true"'
_GENERATOR = re.compile(r"<meta:generator>LibreOffice/([0-9.]{1,20})")


@dataclass(frozen=True, slots=True)
class Stored:
    """An OpenDocument file without what was counted anew, and the version of LibreOffice that wrote it.

    Args:
        data: its bytes.
        version: such as `7.4.7.2`; "" if it is not said.
        fields: how many fields of the day and place were left out.
        results: how many results of formulas were left out.
        uncounted: how many formulas LibreOffice could not count.
    """

    data: bytes
    version: str
    fields: int = 0
    results: int = 0
    uncounted: int = 0


def leave_out_anew(data: bytes) -> Stored:
    """Leave out fields of the day and place, and formulas without a result, of a file that LibreOffice wrote.

    If one formula asks for what is new each time, all results are left out, for others may follow from it.

    Raises:
        ValueError, OSError, zipfile.BadZipFile: if it is no such file, or too large.
    """
    with zipfile.ZipFile(BytesIO(data)) as package:
        named = {name: package.getinfo(name) for name in package.namelist()}
        if sum(named[name].file_size for name in named.keys() & _PARTS) > _MOST_BYTES:
            raise ValueError("it is too large")
        texts = {name: package.read(name).decode("utf-8") for name in named.keys() & _PARTS}
        version = _GENERATOR.search(texts.pop(_META, ""))
        content = texts.get(_CONTENT, "")
        formulas = list(_FORMULA_CELL.finditer(content))
        is_anew = any(_ANEW.search(_QUOTED.sub("", cell["formula"])) for cell in formulas)
        uncounted = sum(_UNCOUNTED.search(cell[0]) is not None for cell in formulas)
        fields = sum(_FIXED not in field["said"] for text in texts.values() for field in _FIELD.finditer(text))
        stored = Stored(data, version[1] if version else "", fields, len(formulas) if is_anew else 0, uncounted)
        if not (fields or is_anew or uncounted or any(map(_FOOTER.search, texts.values()))):
            return stored
        kept = {
            name: _FIELD.sub(lambda field: field[0] if _FIXED in field["said"] else "", texts[name]) for name in texts
        }
        kept = {name: _FOOTER.sub("", text) for name, text in kept.items()}
        if _CONTENT in kept:
            kept[_CONTENT] = _FORMULA_CELL.sub(lambda cell: _empty(cell, is_anew=is_anew), kept[_CONTENT])
        # Charts show results, too.
        others = [] if is_anew else [name for name in named if name not in kept]
        return replace(stored, data=_pack(package, kept, others=others))


def _empty(cell: re.Match[str], *, is_anew: bool) -> str:
    """Return an empty cell in place of one whose result is left out; the columns that it stands for stay."""
    if not is_anew and _UNCOUNTED.search(cell[0]) is None:
        return cell[0]
    repeated = _REPEATED.search(cell["said"])
    return f"<table:table-cell{f' {repeated[0]}' if repeated else ''}/>"


def _pack(package: zipfile.ZipFile, kept: dict[str, str], *, others: list[str]) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name in others:
            made.writestr(name, package.read(name))
        for name, text in kept.items():
            made.writestr(name, text)
    return packed.getvalue()
