"""List what a message of e-mail holds (RFC 5322, [MS-OXMSG]): its heading and text, then the files sent with it."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import MIMEPart
from io import BytesIO
from typing import Any

import olefile

from crawler.attachments.formats.archives.entries import MAX_DEPTH, ArchiveError, Entry, EntryError, clean_name
from crawler.attachments.formats.archives.packed_rtf import unpack_rtf
from crawler.attachments.formats.encodings import decode_text

_HEADING = ("From", "To", "Cc", "Date")
_TEXT, _PAGE, _RICH_TEXT, _NAMELESS = "message.txt", "message.html", "message.rtf", "message"
# Properties of a message in a compound file: in Unicode (001F), or in letters of one byte (001E).
_UNICODE, _OF_ONE_BYTE, _BYTES, _MESSAGE = "001F", "001E", "0102", "000D"
_SUBJECT, _SENDER, _RECEIVERS, _BODY, _BODY_AS_PAGE, _BODY_AS_RTF = "0037", "0C1A", "0E04", "1000", "1013", "1009"
_LONG_NAME, _NAME, _DATA = "3707", "3704", "3701"
_SENT, _PROPERTY, _PROPERTIES = "__attach_version1.0_", "__substg1.0_", "__properties_version1.0"
# The properties of a message that are numbers, after a head: a tag, and what it is. Those of its code page.
_BEFORE_NUMBERS, _NUMBER = 32, struct.Struct("<I4xI4x")
_CODE_PAGES = (0x3FFD0003, 0x3FDE0003)
_CHARSET, _HEAD_BYTES = b"charset", 4096


def list_mail(data: bytes) -> Iterator[Entry]:
    """Give the text of a message (.eml) with its heading, its page if it has no text, and the files sent with it."""
    try:
        message = message_from_bytes(data, policy=policy.default)
        text, page = (message.get_body((kind,)) for kind in ("plain", "html"))
        heading = [f"{name}: {message[name]}" for name in _HEADING if message[name]]
        said = _payload(text)
        yield _as_text(str(message["Subject"] or ""), heading, text=decode_text(said, _charset(text)).text)
        if not said.strip() and page is not None:
            yield _as_page(_payload(page), _charset(page))
        for part in message.iter_attachments():
            yield _as_entry(part.get_filename() or _NAMELESS, _payload(part))
    except (ValueError, LookupError, TypeError, AttributeError) as error:  # `email` raises them for damaged headers
        raise ArchiveError("broken", type(error).__name__) from error


def list_message(data: bytes) -> Iterator[Entry]:
    """Give the same of a message that Outlook saved (.msg). A text that is in Rich Text alone is unpacked."""
    try:
        with olefile.OleFileIO(BytesIO(data)) as compound:
            yield from _list_message(_Stored(compound, _find_code_page(compound)), [], depth=MAX_DEPTH)
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ArchiveError("broken", type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class _Stored:
    """The properties of a message in a compound file, and the code page of its letters of one byte."""

    compound: "olefile.OleFileIO[Any]"
    code_page: str | None

    def read(self, folder: list[str], code: str) -> bytes:
        path = [*folder, _PROPERTY + code]
        return bytes(self.compound.openstream(path).read()) if self.compound.exists("/".join(path)) else b""

    def text(self, folder: list[str], code: str) -> str:
        wide = self.read(folder, code + _UNICODE)
        if wide:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        return decode_text(self.read(folder, code + _OF_ONE_BYTE).rstrip(b"\0"), self.code_page).text

    def list_sent(self, folder: list[str]) -> list[list[str]]:
        """Return the folders of what was sent with the message in a folder."""
        depth = len(folder)
        paths = (path for path in self.compound.listdir() if path[:depth] == folder and len(path) > depth)
        return [[*folder, name] for name in sorted({path[depth] for path in paths}) if name.startswith(_SENT)]

    def holds(self, folder: list[str]) -> bool:
        return bool(self.compound.exists("/".join(folder)))


def _list_message(stored: _Stored, folder: list[str], *, depth: int) -> Iterator[Entry]:
    found = [(name, stored.text(folder, code)) for name, code in (("From", _SENDER), ("To", _RECEIVERS))]
    text = stored.text(folder, _BODY)
    heading = [f"{name}: {value}" for name, value in found if value]
    yield _as_text(stored.text(folder, _SUBJECT), heading, text=text)
    page = stored.read(folder, _BODY_AS_PAGE + _BYTES)
    if not text.strip() and page:
        yield _as_page(page, None if _CHARSET in page[:_HEAD_BYTES].lower() else stored.code_page)
    elif not text.strip() and (packed := stored.read(folder, _BODY_AS_RTF + _BYTES)):
        yield Entry(_RICH_TEXT, lambda most: _unpack(packed, most))
    for sent in stored.list_sent(folder):
        within = [*sent, _PROPERTY + _DATA + _MESSAGE]
        if depth and stored.holds(within):
            yield from _list_message(stored, within, depth=depth - 1)
        else:
            name = stored.text(sent, _LONG_NAME) or stored.text(sent, _NAME) or _NAMELESS
            yield _as_entry(name, stored.read(sent, _DATA + _BYTES))


def _find_code_page(compound: "olefile.OleFileIO[Any]") -> str | None:
    if not compound.exists(_PROPERTIES):
        return None
    listed = _NUMBER.iter_unpack(_whole(compound.openstream(_PROPERTIES).read()[_BEFORE_NUMBERS:]))
    numbers = dict(listed)
    page = next((numbers[tag] for tag in _CODE_PAGES if tag in numbers), None)
    return f"cp{page}" if page else None


def _whole(data: bytes) -> bytes:
    return data[: len(data) // _NUMBER.size * _NUMBER.size]


def _payload(part: MIMEPart | None) -> bytes:
    """Return the bytes of a part; those of a message that was sent on as its file."""
    if part is None:
        return b""
    if part.get_content_maintype() == "message":
        return b"".join(one.as_bytes() for one in part.iter_parts())
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _charset(part: MIMEPart | None) -> str | None:
    return None if part is None else part.get_content_charset()


def _as_text(subject: str, heading: list[str], *, text: str) -> Entry:
    """Return the entry of a text with its heading, under its subject."""
    return _as_entry(subject or _TEXT, "\n".join((*heading, text)).encode("utf-8-sig", "replace"))


def _as_page(data: bytes, charset: str | None) -> Entry:
    return _as_entry(_PAGE, decode_text(data, charset).text.encode("utf-8-sig", "replace") if charset else data)


def _as_entry(name: str, data: bytes) -> Entry:
    return Entry(clean_name(name) or _NAMELESS, _cut(data))


def _cut(data: bytes) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        if len(data) > most:
            raise EntryError("too-large")
        return data

    return read


def _unpack(packed: bytes, most: int) -> bytes:
    try:
        return unpack_rtf(packed)[:most]
    except ValueError as error:
        raise EntryError("broken") from error
