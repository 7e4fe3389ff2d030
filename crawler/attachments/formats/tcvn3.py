"""Decode TCVN3 (ABC), the Vietnamese encoding of documents from before Unicode, with fonts such as .VnTime.

It uses the codes of other letters, so that programs output "Céng hoµ x· héi" for "Cộng hoà xã hội". Pure.
"""

import re

_OLD = (
    "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\u00adõøö÷ùúýûüþ"
    "¡¢§£¤¥¦"
)  # fmt: skip
_NEW = (
    "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"
    "ĂÂĐÊÔƠƯ"
)  # fmt: skip
_TABLE = str.maketrans(_OLD, _NEW)
# Characters that are never between letters in Unicode text, and vowels that never end a word in it.
_MARKER = re.compile("(?<=[A-Za-z])(?:[µ¸¶·¹¨»¾¼½©®ª«¬÷×](?=[a-z])|[µ¸¶·¹](?![^\\W_]))")
_UNICODE = re.compile("[ăđơưĂĐƠƯ\u1ea0-\u1ef9]")
_MIN_MARKERS = 4


def decode_tcvn3(text: str) -> str:
    """Decode a text if it is in TCVN3. Return any other text, and each line that is in Unicode, unchanged.

    >>> decode_tcvn3("Céng hoµ x· héi chñ nghÜa ViÖt Nam, §éc lËp - Tù do - H¹nh phóc, ngµy 5 th¸ng 6 n¨m 2007")
    'Cộng hoà xã hội chủ nghĩa Việt Nam, Độc lập - Tự do - Hạnh phúc, ngày 5 tháng 6 năm 2007'
    >>> decode_tcvn3("© 2007 «Hội nghị», Windows®, 5 µm")
    '© 2007 «Hội nghị», Windows®, 5 µm'
    """
    if len(_MARKER.findall(text)) < max(_MIN_MARKERS, len(_UNICODE.findall(text))):
        return text
    lines = text.split("\n")
    return "\n".join(line if _UNICODE.search(line) else line.translate(_TABLE) for line in lines)
