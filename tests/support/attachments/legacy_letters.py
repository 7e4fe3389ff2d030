"""Write Vietnamese texts in the letters from before Unicode, as old fonts need them."""

import unicodedata

# Each vowel with its level tone, and the bytes of its huyền, hỏi, ngã, sắc and nặng (TCVN 5712:1993, set VN3).
_TCVN3_TONES = {
    "a": "B5B6B7B8B9", "ă": "BBBCBDBEC6", "â": "C7C8C9CACB", "e": "CCCECFD0D1", "ê": "D2D3D4D5D6", "i": "D7D8DCDDDE",
    "o": "DFE1E2E3E4", "ô": "E5E6E7E8E9", "ơ": "EAEBECEDEE", "u": "EFF1F2F3F4", "ư": "F5F6F7F8F9", "y": "FAFBFCFDFE",
}  # fmt: skip
_TCVN3_PLAIN = {
    "ă": 0xA8, "â": 0xA9, "ê": 0xAA, "ô": 0xAB, "ơ": 0xAC, "ư": 0xAD, "đ": 0xAE,
    "Ă": 0xA1, "Â": 0xA2, "Ê": 0xA3, "Ô": 0xA4, "Ơ": 0xA5, "Ư": 0xA6, "Đ": 0xA7,
}  # fmt: skip
_TONES = ("\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
# VNI: a second letter for the tone (same order), for the circumflex and the breve with each tone.
_VNI_TONES = "øûõùï"
_VNI_ROWS = {"â": "âàåãáä", "ă": "êèúüéë", "ê": "âàåãáä", "ô": "âàåãáä"}
_VNI_SINGLE = {"đ": "ñ", "ơ": "ô", "ư": "ö", "í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î"}
_VNI_BASE = {"â": "a", "ă": "a", "ê": "e", "ô": "o"}


def _tcvn3_table() -> dict[str, str]:
    table = {letter: chr(byte) for letter, byte in _TCVN3_PLAIN.items()}
    for vowel, row in _TCVN3_TONES.items():
        for tone, byte in zip(_TONES, bytes.fromhex(row), strict=True):
            table[unicodedata.normalize("NFC", vowel + tone)] = chr(byte)
    return table


def _vni_table() -> dict[str, str]:
    table = dict(_VNI_SINGLE)
    for vowel in "aeouyơư":
        for tone, mark in zip(_TONES, _VNI_TONES, strict=True):
            table.setdefault(unicodedata.normalize("NFC", vowel + tone), _VNI_SINGLE.get(vowel, vowel) + mark)
    for vowel, row in _VNI_ROWS.items():
        for tone, mark in zip(("", *_TONES), row, strict=True):
            table[unicodedata.normalize("NFC", vowel + tone)] = _VNI_BASE[vowel] + mark
    return table | {letter.upper(): pair.upper() for letter, pair in table.items()}


TCVN3 = _tcvn3_table()
VNI = _vni_table()


def to_tcvn3(text: str) -> str:
    """Write a text in TCVN3, as the Latin-1 letters of its bytes; capitals with tones become small letters."""
    return "".join(TCVN3.get(char) or TCVN3.get(char.lower(), char) for char in text)


def to_vni(text: str) -> str:
    """Write a text in VNI, as the Latin-1 letters of its bytes."""
    return "".join(VNI.get(char, char) for char in text)
