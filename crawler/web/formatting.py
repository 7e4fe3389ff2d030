"""Template filters, and the portal's HTML made safe to show."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from types import MappingProxyType
from urllib.parse import quote, urlsplit

import nh3
from markupsafe import Markup, escape

from crawler.extract.cost import has_many_entities, hide_entities, hide_in_value, reveal_entities, reveal_in_value
from crawler.language.bylines import read_authors
from crawler.language.text import fold, normalize_text
from crawler.locale import (
    describe,
    describe_in_each,
    say,
    say_stored,
    show_day,
    show_day_of_year,
    show_decimal,
    show_moment,
    show_month,
    show_number,
    show_size,
)
from crawler.media.pasted import is_data_address

_MARKED = re.compile("\1([^\1\2]*)\2")


def show_marks(text: str) -> Markup:
    r"""Escape a text and put `<mark>` around each hit, which is between char(1) and char(2).

    >>> show_marks("a \1<b>\2")
    Markup('a <mark>&lt;b&gt;</mark>')
    """
    marked = _MARKED.sub(r"<mark>\1</mark>", str(escape(text)))
    return Markup(marked.replace("\1", "").replace("\2", ""))  # noqa: S704 - escaped above


def show_paragraphs(text: str | None) -> list[str]:
    r"""Split a text at its blank lines.

    >>> show_paragraphs("a\n\nb")
    ['a', 'b']
    """
    return [paragraph for paragraph in (text or "").split("\n\n") if paragraph.strip()]


def is_web_address(address: str) -> bool:
    """Whether an address may become a link: http or https, with a host.

    >>> is_web_address("https://x.vn/"), is_web_address("javascript:alert(1)"), is_web_address("//x.vn")
    (True, False, False)
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and address.isprintable()


def quote_address(address: str) -> str:
    """Encode what could end an address after a path of this site or in a Link header; keep its separators.

    >>> quote_address('https://x.vn/a?b=c"<')
    'https://x.vn/a?b=c%22%3C'
    """
    return quote(address, safe="%/:=&?~+!$,;'@()*[]-._")


def show_dong(dong: int, language: str) -> str:
    """Show a sum in đồng in the largest unit that keeps it exact with up to three decimals.

    >>> [show_dong(dong, "vi") for dong in (1_500_000_000, 4_000_000_000_000, 12_345_678_901, 500_000)]
    ['1,5 tỷ đồng', '4.000 tỷ đồng', '12.345.678.901 đồng', '500.000 đồng']
    >>> show_dong(2_250_000, "en")
    '2.25 million đồng'
    """
    for unit, key in ((10**9, "dong_billions"), (10**6, "dong_millions")):
        if dong >= unit and dong * 1000 % unit == 0:
            thousandths = dong * 1000 // unit
            part = f"{thousandths % 1000:03}".rstrip("0")
            whole = show_number(thousandths // 1000, language)
            return say(key, language, amount=f"{whole}{_DECIMAL[language] if part else ''}{part}")
    return say("dong", language, amount=show_number(dong, language))


_DECIMAL = {"vi": ",", "en": "."}
_TAG_NAMES = (
    "a abbr b blockquote br caption center cite code col colgroup dd del div dl dt em figcaption figure h2 h3 h4 h5 h6 "
    "hr i img ins li ol p pre q s small span strong sub sup table tbody td tfoot th thead tr u ul"
)
_REMOVED_NAMES = "script style noscript template iframe object embed svg math title head textarea select button"
_TAGS = set(_TAG_NAMES.split())
_REMOVED_WHOLE = set(_REMOVED_NAMES.split())
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "p": {"align"},
    "div": {"align"},
    "ol": {"start", "type"},
    "*": {"style"},
}
_STYLES = {"text-align", "font-style", "font-weight", "text-decoration"}
# As nh3 writes them: every value in quotation marks, and within it each such mark as an entity.
_IMAGE = re.compile(r'<img ((?:[^">]++|"[^"]*+")*+)>')
_SOURCE, _ALT = re.compile(r'(?<![^ ])src="([^"]*)"'), re.compile(r'(?<![^ ])alt="')
_ALT_OF_EVERY_UPLOAD = "anh tin bai"


def show_html(
    html: str,
    *,
    picture: Callable[[str], str | None],
    link: Callable[[str], str | None],
    sizes: Mapping[str, tuple[int, int]] = MappingProxyType({}),
) -> Markup:
    """Sanitise an article's stored HTML again and replace every address in it.

    It was sanitised when it was read, but perhaps by an older version with other rules.

    Args:
        html: from the column `body_html`.
        picture: gives the path on this site of a picture's address; None removes the picture.
        link: gives the new address of a link; None removes the link.
        sizes: width and height in pixels by the path from `picture`, so that the text does not move while they load.
    """

    def put_size(image: re.Match[str]) -> str:
        values, source = image[1], _SOURCE.search(image[1])
        size = sizes.get(unescape(source[1])) if source is not None else None
        if source is not None and size is not None:
            values = f'{values[: source.start()]}width="{size[0]:d}" height="{size[1]:d}" {values[source.start() :]}'
        return f"<img {values}>" if _ALT.search(values) else f'<img alt="" {values}>'

    def replace(_tag: str, name: str, value: str) -> str | None:
        if name == "src":
            return picture(value)
        if name == "href":
            return None if is_data_address(value) else link(value)
        return "" if name == "alt" and fold(value).strip() == _ALT_OF_EVERY_UPLOAD else value

    cleaned = _clean_cheaply(html, replace) if has_many_entities(html) else _clean(html, replace)
    return Markup(_IMAGE.sub(put_size, cleaned))  # noqa: S704 - nh3 made it


def _clean(html: str, replace: Callable[[str, str, str], str | None]) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_REMOVED_WHOLE,
        attributes=_ATTRIBUTES,
        attribute_filter=replace,
        filter_style_properties=_STYLES,
        url_schemes={"http", "https", "data"},
        link_rel="nofollow noopener noreferrer",
        set_tag_attribute_values={"img": {"loading": "lazy", "decoding": "async"}},
        strip_comments=True,
    )


def _clean_cheaply(html: str, show: Callable[[str, str, str], str | None]) -> str:
    def replace(tag: str, name: str, value: str) -> str | None:
        shown = show(tag, name, reveal_in_value(value))
        return None if shown is None else hide_in_value(shown)

    return reveal_entities(_clean(hide_entities(html), replace))


def find_links(html: str) -> list[str]:
    """List the addresses of the links in an article's stored HTML, in order."""
    found: list[str] = []

    def note(url: str) -> None:
        found.append(url)

    show_html(html, picture=lambda _: None, link=note)
    return found


# As nh3 writes tags: every value in quotation marks.
_TAG = re.compile(r'<(/?[a-z0-9]+)(?:[^">]++|"[^"]*+")*+>')
# Tags that part no words.
_INLINE_NAMES = "a abbr b cite code del em i ins q s small span strong sub sup u"
_INLINE = frozenset(_INLINE_NAMES.split())


def read_visible(html: Markup) -> str:
    r"""Return the text that sanitised HTML shows; a line feed where a tag parts words.

    >>> read_visible(Markup("<p>M<b>á</b> Tra &amp; b</p><p>c</p>"))
    '\nMá Tra & b\n\nc\n'
    """
    return "".join(piece.text for piece in _cut_html(html))


def mark_html(html: Markup, spans: Sequence[tuple[int, int]]) -> Markup:
    """Put `<mark>` around spans of what sanitised HTML shows (`read_visible`), in each of its elements by itself.

    >>> mark_html(Markup("<p>M<b>á</b> Tra</p>"), [(1, 3)])
    Markup('<p><mark>M</mark><b><mark>á</mark></b> Tra</p>')
    """
    found: list[str] = []
    place, left = 0, list(spans)[::-1]
    for piece in _cut_html(html):
        end = place + len(piece.text)
        if piece.is_tag:
            found.append(piece.html)
            place = end
            continue
        while left and left[-1][1] <= place:
            left.pop()
        inside = [(max(a, place) - place, min(b, end) - place) for a, b in _until(left, end)]
        found.append(_mark_piece(piece, inside) if inside else piece.html)
        place = end
    return Markup("".join(found))  # noqa: S704 - pieces of the given markup, and escaped text


@dataclass(frozen=True, slots=True)
class _Piece:
    """A tag, or what is between two: as HTML, and as the text that it shows."""

    html: str
    text: str
    is_tag: bool


def _cut_html(html: str) -> Iterator[_Piece]:
    place = 0
    for tag in _TAG.finditer(html):
        if place < tag.start():
            between = html[place : tag.start()]
            yield _Piece(between, unescape(between), is_tag=False)
        yield _Piece(tag[0], "" if tag[1].strip("/") in _INLINE else "\n", is_tag=True)
        place = tag.end()
    if place < len(html):
        yield _Piece(html[place:], unescape(html[place:]), is_tag=False)


def _until(left: list[tuple[int, int]], end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans that begin before a place; `left` has the first of them last."""
    for span in reversed(left):
        if span[0] >= end:
            return
        yield span


def _mark_piece(piece: _Piece, spans: Sequence[tuple[int, int]]) -> str:
    text, parts, place = piece.text, list[str](), 0
    for start, end in spans:
        parts += [str(escape(text[place:start])), f"<mark>{escape(text[start:end])}</mark>"]
        place = end
    return "".join((*parts, str(escape(text[place:]))))


FILTERS: Mapping[str, Callable[..., object]] = {
    "day": show_day,
    "day_of_year": show_day_of_year,
    "month": show_month,
    "moment": show_moment,
    "number": show_number,
    "decimal": show_decimal,
    "dong": show_dong,
    "size": show_size,
    "stored": say_stored,
    "described": describe,
    "in_each_language": describe_in_each,
    "marks": show_marks,
    "paragraphs": show_paragraphs,
    "authors": read_authors,
    # For places where no element can isolate the text: without controls of writing direction.
    "plain": normalize_text,
    "web_address": is_web_address,
    "urlpath": quote_address,
}
