"""Find out by the name of a font which letters it draws. Pure."""

import re
from typing import Literal

Letters = Literal["tcvn3", "vni"]

# A PDF file names a part of a font ABCDEF+.VnTime.
_SUBSET = re.compile(r"^[A-Z]{6}\+")
# The families of the ABC fonts, for names that lost their point.
_ABC_FAMILIES = (
    "arabia|arial|aristote|avant|bahamas|baltic|black|bodoni|book|bru|centu|clarendon|commercial|cooper|courier|exotic|"
    "fre|futura|goth|gothic|helvet|helve|kool|lincoln|linus|lucida|man|memo|monotype|mono|mystical|palatino|present|"
    "revue|rev|shelley|slogan|south|stamp|swiss|teknical|time|times|tifani|timehe|tun|univer|universe|vogue"
)
_TCVN3 = re.compile(rf"\.vn|vn(?:{_ABC_FAMILIES})(?:h|\b|[^a-z])|abc[ _-]|tcvn", re.IGNORECASE)
_VNI = re.compile(r"\.?vni(?:[ _-]|$)|vni(?:times|helve|univer|couri|avo|book)", re.IGNORECASE)
# What is longer is not a name of a font.
_LONGEST_NAME = 100
_STYLE = re.compile(r"[ ,_-]*(?:bold|italic|regular|normal|oblique|medium|mt|ps|,|-)+$", re.IGNORECASE)


def _shorten(font: str | None) -> str:
    return (font or "")[:_LONGEST_NAME].strip()


def find_letters(font: str | None) -> Letters | None:
    """Return the letters that a font draws; None for Unicode and for every font that is not known.

    >>> [find_letters(font) for font in (".VnTimeH", "ABCDEF+.VnArial,Bold", "VNI-Times", "Times New Roman", None)]
    ['tcvn3', 'tcvn3', 'vni', None, None]
    """
    name = _SUBSET.sub("", _shorten(font))
    if _VNI.match(name):
        return "vni"
    return "tcvn3" if _TCVN3.match(name) else None


def draws_capitals(font: str | None) -> bool:
    """Return whether a TCVN3 font draws small letters as capitals: the name of its family ends in H.

    >>> draws_capitals(".VnTimeH"), draws_capitals(".VnArialH-Bold"), draws_capitals(".VnTime")
    (True, True, False)
    """
    return find_letters(font) == "tcvn3" and _STYLE.sub("", _shorten(font)).upper().endswith("H")
