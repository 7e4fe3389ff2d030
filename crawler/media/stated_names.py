"""Read the file name in the header of an answer (RFC 6266), in the forms that portals write."""

from email.message import Message
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote

_MAX_LETTERS = 255
# The time of the library's parser grows with the square of the length. An encoded name of 255 letters has 3,000.
_MAX_HEADER_LETTERS = 8_000


def read_stated_name(disposition: str | None) -> str | None:
    """Return the file name in a `Content-Disposition`, without folders. None if it names no file.

    `filename*` has priority over `filename`. A `filename` may also be plain UTF-8, or percent-encoded like an address.
    A header of more than 8,000 letters gives None.

    >>> read_stated_name('attachment; filename="QD 12.pdf"')
    'QD 12.pdf'
    >>> read_stated_name("attachment; filename=a.pdf; filename*=UTF-8''Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf")
    'Quyết định.pdf'
    >>> read_stated_name("inline; filename=Ph%E1%BB%A5+l%E1%BB%A5c.docx"), read_stated_name("attachment")
    ('Phụ lục.docx', None)
    """
    if not disposition or len(disposition) > _MAX_HEADER_LETTERS:
        return None
    try:
        text = disposition.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        text = disposition
    message = Message()
    message["Content-Disposition"] = text
    try:
        names = [value for key, value in message.get_params([], "content-disposition") if key.lower() == "filename"]
    except (ValueError, LookupError):
        return None
    if not names:
        return None
    encoded = next((_decode(value) for value in names if isinstance(value, tuple)), None)
    name = encoded or str(names[0])
    if encoded is None and "%" in name:
        name = unquote(name.replace("+", " "))
    name = name.replace("\\", "/").rpartition("/")[2].strip().strip('"')
    return "".join(letter for letter in name if letter.isprintable())[:_MAX_LETTERS] or None


def _decode(value: str | tuple[str | None, str | None, str]) -> str:
    """Decode a `filename*`. If its character set is unknown, return it undecoded."""
    try:
        return collapse_rfc2231_value(value)
    except ValueError:  # UnicodeError too: `undefined`, `idna` and `punycode` are codecs of Python
        return unquote(value[2])
