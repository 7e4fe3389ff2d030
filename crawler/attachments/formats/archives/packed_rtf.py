"""Unpack the Rich Text of a message that Outlook saved [MS-OXRTFCP]. Pure."""

import struct

# Texts begin with these letters as if they had been read before.
_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_HEAD = struct.Struct("<II4s4x")
_PACKED, _AS_IT_IS = b"LZFu", b"MELA"
_WINDOW, _SHORTEST = 4096, 2


def unpack_rtf(data: bytes) -> bytes:
    """Return Rich Text as a document; as far as it goes, if its end is missing.

    Raises:
        ValueError: if it is packed in another way.
    """
    if len(data) < _HEAD.size:
        raise ValueError("no packed text")
    _, size, how = _HEAD.unpack_from(data)
    if how == _AS_IT_IS:
        return data[_HEAD.size : _HEAD.size + size]
    if how != _PACKED:
        raise ValueError("packed in an unknown way")
    out = bytearray(_KNOWN)
    at = _HEAD.size
    while at < len(data):
        marks, at = data[at], at + 1
        for place in range(8):
            if not marks >> place & 1:
                out += data[at : at + 1]
                at += 1
                continue
            said = int.from_bytes(data[at : at + 2])
            at += 2
            back = (len(out) - (said >> 4)) % _WINDOW
            if not back or at > len(data):
                return bytes(out[len(_KNOWN) :])
            for _ in range((said & 0xF) + _SHORTEST):
                out.append(out[-back] if back <= len(out) else 0x20)
    return bytes(out[len(_KNOWN) :])
