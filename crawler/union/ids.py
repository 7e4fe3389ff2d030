"""Public ids: what names an article over all archives. They are made of its archive's number and its own id.

Numbers of archives stay with them for good (the fleet's registry), so a public id is permanent, too.
"""

from crawler.archive.articles.search_index import KEY_BITS
from crawler.union.problems import IdTooHighError

ARTICLE_BITS, NUMBER_BITS = 24, 12
# The bits of a sort key below the day: room for a public id.
PUBLIC_KEY_BITS = ARTICLE_BITS + NUMBER_BITS


def make_public_id(number: int, own_id: int) -> int:
    """Make the public id of an article: its archive's number << 24 | its id there; so too of a category.

    >>> make_public_id(2, 7)
    33554439

    Raises:
        IdTooHighError: if the id has more than 24 bits.
    """
    if not 0 <= own_id < 1 << ARTICLE_BITS:
        raise IdTooHighError(f"the id {own_id} is too high for an index over many archives")
    return number << ARTICLE_BITS | own_id


def split_public_id(public_id: int) -> tuple[int, int]:
    """Return the number of the archive, and the id there.

    >>> split_public_id(33554439)
    (2, 7)
    """
    return public_id >> ARTICLE_BITS, public_id & (1 << ARTICLE_BITS) - 1


def id_range(number: int) -> tuple[int, int]:
    """Return the lowest and the highest public id of an archive."""
    first = make_public_id(number, 0)
    return first, first + (1 << ARTICLE_BITS) - 1


def make_public_key(sort_key: int, public_id: int) -> int:
    """Make the sort key in the index of one in an archive: the same day, then the public id.

    >>> make_public_key(5 << 32 | 7, 33554439) == 5 << 36 | 33554439
    True
    """
    return sort_key >> KEY_BITS << PUBLIC_KEY_BITS | public_id


def make_public_digest(public_id: int, sha256: str) -> str:
    """Name a file of an article in the index. Each article has its own: a file may be withheld from one of them.

    >>> make_public_digest(33554439, "ab12")
    '33554439-ab12'
    """
    return f"{public_id}-{sha256}"
