"""The form of a page: its tags and texts as digests, so that two answers can be compared whole.

Digits in texts (counters, dates) and values of hidden fields are masked; the digits stay in a page without the portal's
frame, since block pages have their own numbers. Each piece has two digests: one with what
names the asked address masked, and one without, since a page can name it for another reason, as the home page does.
"""

import hashlib
import re
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

from crawler.addresses import classify
from crawler.extract.page import Page
from crawler.extract.strangers import has_frame
from crawler.page_marks import PageForm
from crawler.profile import Profile

_DIGEST_BYTES = 8
# A shorter slug can be a word of the page, a shorter id any number.
_LEAST_SLUG_LETTERS, _LEAST_ID_DIGITS = 8, 5
_PIECE = re.compile(
    r"<!--.*?(?:-->|\Z)|<script\b.*?(?:</script\s*+>|\Z)|<style\b.*?(?:</style\s*+>|\Z)|<[^<>]*>|[^<]+|<+",
    re.IGNORECASE | re.DOTALL,
)
_DIGITS, _NO_DIGITS = re.compile(r"\d+"), re.compile(r"(?!)")
_HIDDEN = re.compile(r"type\s*+=\s*+[\"']?hidden\b", re.IGNORECASE)
_VALUE = re.compile(r"\bvalue\s*+=\s*+(\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_MASK = "\x00"


def read_form(page: Page, profile: Profile, *, asked: str) -> PageForm:
    """Return the form of a page that answers the asked address."""
    mask, is_framed = _masker(asked, profile), has_frame(page, profile)
    digits = _DIGITS if is_framed else _NO_DIGITS
    found = [piece for piece in _PIECE.findall(page.html) if _normalize(piece, digits)]
    digests = [_digest(_normalize(mask(piece), digits)) + _digest(_normalize(piece, digits)) for piece in found]
    return PageForm(b"".join(digests), mask(unquote(page.url)), is_framed)


def read_fragment_form(html: str) -> PageForm:
    """Return the form of a pager's answer. The number of its page is masked with all digits."""
    pieces = [piece for piece in (_normalize(found) for found in _PIECE.findall(html)) if piece]
    return PageForm(b"".join(_digest(piece) * 2 for piece in pieces), "", has_frame=False)


def _normalize(piece: str, digits: re.Pattern[str] = _DIGITS) -> str:
    text = " ".join(piece.split())
    if text.startswith("<!--"):
        return ""
    if text.startswith("<") and not text.lower().startswith(("<script", "<style")):
        return _VALUE.sub("value", text) if _HIDDEN.search(text) else text
    return digits.sub("#", text)


def _digest(piece: str) -> bytes:
    return hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()


def _masker(asked: str, profile: Profile) -> Callable[[str], str]:
    """Return the function that masks what names an address: its path, its title slug and its id, in any encoding."""
    path = urlsplit(asked).path
    words = {asked, unquote(asked), quote(asked, safe=""), quote(path, safe="")}
    if len(path) > 1:
        words |= {path, unquote(path)}
    address = classify(asked, profile)
    if address is not None and address.title_slug and len(address.title_slug) >= _LEAST_SLUG_LETTERS:
        words |= {address.title_slug, address.title_slug.replace("-", " ")}
    if address is not None and address.source_id and len(address.source_id) >= _LEAST_ID_DIGITS:
        words.add(address.source_id)
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile("|".join(re.escape(word) for word in longest_first), re.IGNORECASE)
    return lambda text: pattern.sub(_MASK, text)
