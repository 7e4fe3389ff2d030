"""Read what a draft claims, in its order: quotations, links, document numbers, sums, dates and numbers. Pure."""

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from crawler.language.claims.quantities import Quantity, find_quantities, is_name
from crawler.language.claims.quotations import find_quotations
from crawler.language.text import HYPHENS, locate_document_numbers

Kind = Literal["quotation", "link", "document", "sum", "date", "number"]
_LINK = re.compile(
    r"(?i:https?://|www\.)[^\s<>\"“”«»‘’]{3,2000}"
    r"|(?<![\w@./-])(?:[a-z0-9-]+\.)+(?:vn|com|net|org|info|gov)(?::[0-9]{1,5})?/[^\s<>\"“”«»‘’]{1,2000}"
)
# A document number in small letters, with or without the marks of Đ.
_SMALL_NUMBER = re.compile(
    r"(?<![\w/.,-])(?P<digits>[0-9]{1,6}(?:/[0-9]{4})?)/(?P<kind>qđ|qd|nq|kh|tb|ct|cv|tt|ttr|nđ|nd|bc|hd|cđ|cd|kl|qc|gm"
    r"|ubnd|hđnd|hdnd)(?P<rest>(?:-[a-zđ]{1,8}[0-9]{0,2}){0,3})(?![\w/-])"
)
# Typed with a blank for the dash before who issued it: "25 NQ/TW", "118/KH UBND".
_BLANK_NUMBER = re.compile(
    r"(?<![\w/.,-])(?:(?P<digits>[0-9]{1,3})\s(?P<kind>(?:NQ|CT|KL|QĐ|QC|HD|TB|BC|KH|CV|TTr|CTr|ĐA)/[A-ZĐ]{2,6})"
    r"|(?P<before>[0-9]{1,6}(?:/[0-9]{4})?/(?:NQ|CT|KL|QĐ|QC|HD|TB|BC|KH|CV|TTr|TT|NĐ|CĐ|GM|ĐA))\s"
    r"(?P<office>UBND|HĐND|MTTQ|TTg|CP|TU|HU|B[A-ZĐ]{2,7}|S[A-ZĐ]{2,7}))(?![\w/])"
)
_WITH_STROKE = {"QD": "QĐ", "ND": "NĐ", "CD": "CĐ", "HDND": "HĐND"}
# Typed without the dash before who issued it: "245/TBUBND".
_JOINED = re.compile(r"(?<=/)(QĐ|TB|KH|NQ|CT|BC|CV|HD|TTr|QC|GM|KL)(?=(?:UBND|HĐND|TTg|BTV|HU|TU)$)")
_SENTENCE_END = re.compile(r"[.!?…][\"”’»)\]]*(?=\s)|\n")
_MOST_SENTENCE = 400
_CLAUSE_END = re.compile(rf"[,.!?…](?=\s)|\s[{re.escape(''.join(map(chr, HYPHENS)))}]\s")
_MOST_SHORTER, _LEAST_SPOKEN = 4, 4


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a draft claims: how the draft writes it, where, and the sentence around it.

    `quantity` is set for a sum, date or number, `number` for a document, in one spelling. `shorter` are what may be
    meant of a line of speech, the longest first: who says it may be at its end. `days` are both ends of a
    range of days, "12-14/2/2026", as claims of their own; `quantity` is then the last.
    """

    kind: Kind
    text: str
    start: int
    end: int
    sentence: str
    quantity: Quantity | None = None
    number: str | None = None
    shorter: tuple[str, ...] = ()
    days: tuple["Claim", ...] = ()


def find_claims(text: str) -> list[Claim]:
    """Find the claims of a draft. Its lines must be in normal form (`normalize_text`).

    >>> [(one.kind, one.text) for one in find_claims("Theo 12/QĐ-UBND, xã “chi đủ” 1,5 tỷ đồng: https://a.vn/b-1.")]
    [('document', '12/QĐ-UBND'), ('quotation', 'chi đủ'), ('sum', '1,5 tỷ đồng'), ('link', 'https://a.vn/b-1')]
    >>> [(one.kind, one.text) for one in find_claims("Lễ hội từ 12-14/2/2026.")]
    [('date', '12-14/2/2026')]
    """
    found = [_read_quotation(text, start, end=end) for start, end in find_quotations(text)]
    taken: list[tuple[int, int]] = []
    for claim in _find_facts(text):
        place = bisect_right(taken, (claim.start, len(text)))
        is_free = (place == 0 or taken[place - 1][1] <= claim.start) and (
            place == len(taken) or claim.end <= taken[place][0]
        )
        if is_free:
            found.append(claim)
            insort(taken, (claim.start, claim.end))
    ends = [match.end() for match in _SENTENCE_END.finditer(text)]
    return [_with_sentence(claim, text, ends=ends) for claim in sorted(found, key=lambda one: (one.start, -one.end))]


def _read_quotation(text: str, start: int, *, end: int) -> Claim:
    said = text[start:end]
    is_spoken = text[max(0, start - 9) : start].rstrip(" \t")[-1:] in set(map(chr, HYPHENS))
    cuts = [match.start() for match in _CLAUSE_END.finditer(said)][::-1] if is_spoken else []
    shorter = tuple(said[:cut] for cut in cuts[:_MOST_SHORTER] if len(said[:cut].split()) >= _LEAST_SPOKEN)
    return Claim("quotation", said, start, end, "", shorter=shorter)


def _find_facts(text: str) -> Iterator[Claim]:
    # In this order: a link may hold a number of a document, and such a number may look like a date.
    for match in _LINK.finditer(text):
        link = match[0].rstrip(".,;:!?…)]}'")
        yield Claim("link", link, match.start(), match.start() + len(link), "")
    for match in _BLANK_NUMBER.finditer(text.translate(HYPHENS)):
        number = f"{match['digits'] or match['before']}-{match['kind'] or match['office']}"
        yield Claim("document", text[match.start() : match.end()], *match.span(), "", number=number)
    for number, start, end in locate_document_numbers(text.replace("\n", "\t")):
        yield Claim("document", text[start:end], start, end, "", number=_JOINED.sub(r"\1-", number))
    for match in _SMALL_NUMBER.finditer(text.translate(HYPHENS)):
        letters = f"{match['kind']}{match['rest']}".upper().split("-")
        number = f"{match['digits']}/{'-'.join(_WITH_STROKE.get(one, one) for one in letters)}"
        yield Claim("document", text[match.start() : match.end()], *match.span(), "", number=number)
    last: Claim | None = None
    for one in find_quantities(text):
        if is_name(text, one):
            continue
        claim = Claim(one.kind, text[one.start : one.end], one.start, one.end, "", quantity=one)
        is_range = last is not None and claim.kind == last.kind == "date" and last.text.isdigit()
        if last is not None:
            yield _join_days(text, last, last=claim) if is_range else last
        last = None if is_range else claim
    if last is not None:
        yield last


def _join_days(text: str, first: Claim, *, last: Claim) -> Claim:
    """Join the days of a range: the first says no month, so that alone it is no day."""
    whole = replace(last, text=text[first.start : last.end], start=first.start)
    return replace(whole, days=(first, last))


def _with_sentence(claim: Claim, text: str, *, ends: list[int]) -> Claim:
    before, behind = bisect_right(ends, claim.start), bisect_left(ends, claim.end)
    start = max(ends[before - 1] if before else 0, claim.start - _MOST_SENTENCE)
    end = min(ends[behind] if behind < len(ends) else len(text), claim.end + _MOST_SENTENCE)
    sentence = text[start:end].strip()
    return replace(claim, sentence=sentence, days=tuple(replace(day, sentence=sentence) for day in claim.days))
