"""What holds for every body and every coding that a server says of it."""

from collections.abc import Callable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from crawler.errors import BadFileError
from crawler.media.content_coding import decode_first, decode_page, decode_payload, find_misfit, is_cut_short, is_text
from crawler.media.transfer_coding import TransferDecoder, undo, undo_bytes
from tests.support.hostile.examples import CODED, CODINGS, PLAIN, PROPERTY

MOST = 5_000


@PROPERTY
@given(CODED, CODINGS, some.booleans())
def test_a_payload_is_bounded_or_refused_under_a_kind(body: bytes, codings: str, is_cut: bool) -> None:
    decoded, kind = _attempt(lambda: decode_payload(body, codings, max_bytes=MOST, is_cut=is_cut))
    assert kind in ("", "too-large", "bad-encoding")
    assert len(decoded) <= MOST
    first, kind = _attempt(lambda: decode_first(body, codings, max_bytes=100))
    assert kind in ("", "bad-encoding")
    assert len(first) <= 100
    misfit = find_misfit(body, codings, max_bytes=MOST)
    assert misfit is None or misfit.kind in ("too-large", "bad-encoding")
    assert isinstance(is_cut_short(body, codings, max_bytes=MOST), bool)
    assert isinstance(is_text(body), bool)


@PROPERTY
@given(CODED, CODINGS)
def test_a_page_is_what_its_payload_is_or_the_gzip_in_it(body: bytes, codings: str) -> None:
    decoded, kind = _attempt(lambda: decode_payload(body, codings, max_bytes=MOST))
    page, page_kind = _attempt(lambda: decode_page(body, codings, max_bytes=MOST))
    if decoded.startswith(b"\x1f\x8b"):
        assert (page, page_kind) == _attempt(lambda: decode_payload(decoded, "gzip", max_bytes=MOST))
    else:
        assert (page, page_kind) == (decoded, kind)


def _attempt(decode: Callable[[], bytes]) -> tuple[bytes, str]:
    """The result of decoding, and the kind under which it was refused."""
    try:
        return decode(), ""
    except BadFileError as error:
        return b"", error.kind


@PROPERTY
@given(CODED, CODINGS, some.lists(some.integers(0, 300), max_size=6))
def test_a_transfer_coding_is_undone_alike_however_the_body_comes(body: bytes, codings: str, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(body)]
    places.sort()
    parts = [body[start:end] for start, end in pairwise(places)]
    assert b"".join(undo(parts, codings)) == undo_bytes(body, codings)
    decoder = TransferDecoder(codings)
    for part in parts:
        list(decoder.feed(part))
    list(decoder.finish())
    assert isinstance(decoder.is_whole, bool)


@PROPERTY
@given(PLAIN)
def test_what_has_no_coding_stays(body: bytes) -> None:
    assert undo_bytes(body, None) == undo_bytes(body, "identity") == body
    assert decode_payload(body, "identity", max_bytes=MOST) == decode_payload(body, None, max_bytes=MOST) == body
