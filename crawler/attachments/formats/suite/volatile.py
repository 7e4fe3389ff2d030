"""Leave out of an OpenDocument file what LibreOffice computes as it opens it: the day, the time, places of files. Pure.

These values are in no file.
"""

import re
import zipfile
from dataclasses import dataclass, replace
from io import BytesIO

_CONTENT, _META = "content.xml", "meta.xml"
_PARTS = frozenset((_CONTENT, _META, "styles.xml"))
MOST_BYTES = 100 * 1024**2
_FIELD = re.compile(
    r"<text:(?P<name>date|time|file-name|print-date|print-time|modification-date|modification-time)\b(?P<said>[^>]*)>"
    r"(?:(?!</text:).)*</text:(?P=name)>",
    re.DOTALL,
)
_FIXED = 'text:fixed="true"'
_GENERATOR = re.compile(r"<meta:generator>LibreOffice/([0-9.]{1,20})")


@dataclass(frozen=True, slots=True)
class Stored:
    """A file without what was shown or computed again, and the version of LibreOffice that wrote it.

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


def leave_out_volatile(data: bytes) -> Stored:
    """Leave out fields of the day and place of a text, drawing or presentation that LibreOffice wrote.

    Raises:
        ValueError, OSError, zipfile.BadZipFile: if it is no such file, or too large.
    """
    with zipfile.ZipFile(BytesIO(data)) as package:
        named = {name: package.getinfo(name) for name in package.namelist()}
        if sum(named[name].file_size for name in named.keys() & _PARTS) > MOST_BYTES:
            raise ValueError("it is too large")
        texts = {name: package.read(name).decode("utf-8") for name in named.keys() & _PARTS}
        version = _GENERATOR.search(texts.pop(_META, ""))
        fields = sum(_FIXED not in field["said"] for text in texts.values() for field in _FIELD.finditer(text))
        stored = Stored(data, version[1] if version else "", fields)
        if not fields:
            return stored
        packed = BytesIO()
        with zipfile.ZipFile(packed, "w") as made:
            for name in named:
                text = texts.get(name)
                made.writestr(name, package.read(name) if text is None else _FIELD.sub(_keep_fixed, text))
        return replace(stored, data=packed.getvalue())


def _keep_fixed(field: re.Match[str]) -> str:
    return field[0] if _FIXED in field["said"] else ""
