"""Pairs of neighbouring words as words, so that a phrase that no article has is known at once. Pure.

FTS5 finds a phrase by comparing the places of its words in every article that has them all. In a large archive the
index also has, of each article, its pairs of neighbours and the words of its title. `require_pairs` asks for them
beside the phrase: the hits stay the same, but only articles with all the pairs are compared.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from crawler.language.text import fold

# Raise it when `list_pairs` gives another result for any text: an index with the old pairs is then filled again.
PAIRS_VERSION = 1

# Token characters that nobody types. They lead, so that no prefix that is typed finds a pair.
_NEXT, _IN_TITLE = "\u01c1", "\u01c2"
IN_NO_TEXT = "\u01c3"
# Where two tokens of letters without marks are side by side, these are neighbours too, however the letters of other
# alphabets are cut into tokens.
_WORD = re.compile("[0-9a-z]+")
_TONES = str.maketrans("", "", "²³⁴⁵⁶")
_TITLE_COLUMNS = frozenset(("title", "title_toned"))
_PHRASE = re.compile(
    r'(?:\{(?P<columns>[a-z_ ]+)\} : )?(?:NEAR\((?P<near>[^()]*), [0-9]+\)|(?P<phrase>"[^"]*")(?P<prefix> \*)?)'
)
_MOST_PAIRS = 8  # of one phrase
# Words that `mark_tones` writes with i: such as "ly", which finds "lí".
_SAME = {f"{start}y": f"{start}i" for start in ("qu", *"hklmst")}


def list_pairs(title: str, others: Iterable[str]) -> str:
    """List the pairs of neighbours in folded texts, and the words and pairs of the title, each once.

    >>> list_pairs("sat lo", ["mua to"]).split()
    ['ǂsat', 'ǂlo', 'ǂsatǁlo', 'ǁsatǁlo', 'ǁmuaǁto']
    """
    words = _find_words(title)
    listed = dict.fromkeys(map(_IN_TITLE.__add__, words))
    listed |= dict.fromkeys(_join(_IN_TITLE, words))
    listed |= dict.fromkeys(_join(_NEXT, words))
    for text in others:
        listed |= dict.fromkeys(_join(_NEXT, _find_words(text)))
    return " ".join(listed)


@lru_cache(128)
def require_pairs(query: str) -> str:
    """Rewrite an FTS5 query of `expressions` so that it finds the same in an index with pairs, with less work.

    FTS5 compares the places of a phrase wherever it stops while it looks for an article that all parts of an AND share.
    So several pairs are put in a part of their own, which is found first: a NOT, since an AND would be dissolved.

    >>> require_pairs('"sat lo"'), require_pairs('"sat lo o"')
    ('("ǁsatǁlo" AND "sat lo")', '((("ǁsatǁlo" AND "ǁloǁo") NOT "ǃ") AND "sat lo o")')
    >>> require_pairs('{title_toned} : "bao⁴"'), require_pairs('"bao"')
    ('("ǂbao" AND {title_toned} : "bao⁴")', '"bao"')
    """
    return _PHRASE.sub(_require, query)


@lru_cache(128)
def ask_pairs_alone(query: str) -> str:
    """Rewrite an FTS5 query that excludes nothing: it asks for the pairs of a phrase in its place, and may find more.

    >>> ask_pairs_alone('("sat lo" AND "bao")')
    '("ǁsatǁlo" AND "bao")'
    """
    return _PHRASE.sub(lambda match: _need(match) or match[0], query)


def _require(match: re.Match[str]) -> str:
    needed = _need(match)
    if " AND " in needed:
        needed = f'(({needed}) NOT "{IN_NO_TEXT}")'
    return f"({needed} AND {match[0]})" if needed else match[0]


def _need(match: re.Match[str]) -> str:
    """Write the pairs that a phrase needs, "" if it has none."""
    if match["prefix"]:
        return ""
    is_title = _TITLE_COLUMNS.issuperset((match["columns"] or "-").split())
    phrases = re.findall('"([^"]*)"', match["near"] or match["phrase"])
    wanted = dict.fromkeys(token for phrase in phrases for token in _list_wanted(phrase.split(), is_title=is_title))
    return " AND ".join(f'"{token}"' for token in list(wanted)[:_MOST_PAIRS])


def _list_wanted(tokens: Sequence[str], *, is_title: bool) -> Iterator[str]:
    lead = _IN_TITLE if is_title else _NEXT
    folded = [fold(token.translate(_TONES)) for token in tokens]
    words = [_SAME.get(word, word) if _WORD.fullmatch(word) else "" for word in folded]
    if is_title and len(words) == 1 and words[0]:
        yield f"{lead}{words[0]}"
    yield from (f"{lead}{one}{_NEXT}{other}" for one, other in pairwise(words) if one and other)


def list_title_pairs(title: str) -> list[str]:
    """List the words of the index that an article has for the pairs of its folded title.

    >>> list_title_pairs("sat lo o")
    ['ǂsatǁlo', 'ǂloǁo']
    """
    return list(dict.fromkeys(_join(_IN_TITLE, _find_words(title))))


def _find_words(folded: str) -> list[str]:
    # SQLite folds the long s, too.
    return [_SAME.get(word, word) for word in _WORD.findall(folded.replace("ſ", "s"))]


def _join(lead: str, words: Sequence[str]) -> Iterator[str]:
    return (f"{lead}{one}{_NEXT}{other}" for one, other in pairwise(words))
