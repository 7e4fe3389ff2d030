"""Restore texts in UTF-8 that a program took for Western letters and wrote in UTF-8 again: "Quyáº¿t Ä‘á»‹nh". Pure.

A table that was opened in the wrong encoding and saved is such a text, whatever the kind of its file.
"""

import re

_WESTERN = "cp1252"
# What the bytes from 0x80 on are in Western Windows; five of them are no letters there, and stay control characters.
_BYTES = {
    ord(bytes([byte]).decode(_WESTERN, "ignore") or chr(byte)): byte for byte in range(0x80, 0x100)
} | {byte: byte for byte in range(0x80, 0xA0)}  # fmt: skip
_HIGH = "".join(map(chr, _BYTES))
_STRETCH = re.compile(f"[{re.escape(_HIGH)}]+")
# How syllables with marks begin: á» and áº, Ã, Ä, Æ.
_SIGN = re.compile("á[º»][^\\s]|[ÃÄÆ][\u0080-\u00bf\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]")
_FEWEST = 3
# A no-break space is the second byte of "à". Programs write a space for it.
_LOST_SPACE = re.compile("Ã (?=[\\w\\s.,;:)]|$)")
# Programs drop bytes that are no letters in Western Windows. Of those behind the first byte of "Đ" only its own is one
# of Vietnamese; after "á»" it may be that of "ề", "ọ", "ỏ", "Ố" or "ờ".
_CUT_D, _WHOLE_D = re.compile(b"\xc4(?![\x80-\xbf])"), b"\xc4\x90"
_BEGINNINGS = frozenset((0xC3, 0xC4, 0xC5, 0xC6, 0xE1, 0xE2))
# Of a text that is rightly Western next to no letter is two bytes of UTF-8.
_LEAST_RESTORED = 0.8


def restore_twice_encoded(text: str) -> str:
    r"""Return a text whose letters were encoded twice as it was written; any other text unchanged.

    A letter that has lost a byte is U+FFFD.

    >>> restore_twice_encoded("Quyáº¿t Ä‘á»‹nh cá»§a NgÃ y há»\x8dp, ÄÆ¡n tá»«, tiá»n")
    'Quyết định của Ngày họp, Đơn từ, ti\ufffdn'
    >>> restore_twice_encoded("café, à la carte, Ã")
    'café, à la carte, Ã'
    """
    if not _has_signs(text):
        return text
    whole = _undo_once(text)
    if whole == text:
        # It may be joined of parts, of which one was encoded twice.
        return "".join(map(_undo_once, text.splitlines(keepends=True)))
    # Some were encoded three times.
    return _undo_once(whole)


def _has_signs(text: str) -> bool:
    return len(_SIGN.findall(text)) >= _FEWEST


def _undo_once(text: str) -> str:
    if not _has_signs(text):
        return text
    counts = {"whole": 0, "cut": 0, "other": 0}

    def restore(found: re.Match[str]) -> str:
        letters, how = _restore(_CUT_D.sub(_WHOLE_D, bytes(_BYTES[ord(letter)] for letter in found[0])))
        counts[how] += 1
        return found[0] if letters is None else letters

    made = _STRETCH.sub(restore, _LOST_SPACE.sub("Ã\u00a0", text))
    return made if counts["whole"] >= max(_FEWEST, _LEAST_RESTORED * sum(counts.values())) else text


def _restore(data: bytes) -> tuple[str | None, str]:
    try:
        return data.decode("utf-8"), "whole"
    except UnicodeDecodeError:
        return (data.decode("utf-8", "replace"), "cut") if data[0] in _BEGINNINGS else (None, "other")
