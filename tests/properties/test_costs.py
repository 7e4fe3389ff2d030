"""Texts from outside take linear time, whatever is repeated in them."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from crawler.attachments.formats.cells.number_forms import parse_number_form
from crawler.attachments.formats.cells.shown import classify_format
from crawler.cli.terminal.logs import redact
from crawler.errors import BadFileError
from crawler.extract import parse_page, recognise_cms
from crawler.extract.article.blocks import read_flow
from crawler.extract.article.label_patterns import is_picture_credit
from crawler.extract.files.pasted import read_pasted_picture
from crawler.extract.identity.systems import has_own_marks
from crawler.extract.links import is_cut
from crawler.extract.marks.closing import is_whole_fragment
from crawler.extract.strangers import name_notice
from crawler.language.counters import is_figure_edit
from crawler.language.end_dates import find_end_dates
from crawler.language.legacy.fonts import draws_capitals
from crawler.language.mentions import find_mentions
from crawler.language.query.expressions import build_fts_query
from crawler.media.documents import examine_attachment
from crawler.politeness.robots_rules import read_rules
from crawler.web.formatting import show_html
from crawler.web.withheld_guard import find_shown
from tests.support.build import make_profile
from tests.support.processes.cpu_time import is_linear, least_seconds

URL = "https://a.gov.vn/tin/bai-100001"


def _examine(text: str) -> None:
    with suppress(BadFileError):
        examine_attachment(text.encode(), None, path="/a")


def _show(text: str) -> None:
    show_html(f'<img title="{text}" src="a.png"><p>{text}', picture=lambda url: url, link=lambda url: url)


def _of_page(read: Callable[..., object]) -> Callable[[str], object]:
    return lambda text: read(parse_page(f"<p>{text.replace('<', '&lt;')}</p>{text}", URL))


READERS: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "end dates": (find_end_dates, ("het ngay ", "den ", "han nop ", "den thu hai, ")),
    "figures": (lambda text: is_figure_edit(f"{text} 1", f"{text} 2"), ("1.", "1,1 ", "xem 1.")),
    "mentions": (find_mentions, ("1\n ", "1\n", " \n", "1.000 ", "12/Q", "1/1/")),
    "a cut text": (lambda text: is_cut(f"{text}x"), ("..", ". ", "… ")),
    "a fragment": (is_whole_fragment, ("<aa", "<a ", "a", "<meta http-equiv")),
    "a notice": (lambda text: name_notice("x", text, is_titled=False), ("exception at ", " :", ":", "404 ", "khong tim thay ")),
    "a credit": (lambda text: is_picture_credit(f"Ảnh {text}!"), ("A", "A/", "A ")),
    "the system": (_of_page(recognise_cms), ("class=", "UIA", "/Pages/", "generator ", "/tabid/1")),
    "own marks": (_of_page(has_own_marks), ("class=", "class ", "UIA", "id=", " UIA_")),
    "robots.txt": (lambda text: read_rules(f"user-agent{text}".encode(), None), (" ", "user-agent ", "a-")),
    "a log": (redact, ("secret", "token ", "://", "a")),
    "a font": (lambda text: draws_capitals(f".VnTime{text}x"), ("bold", ",", "-mt")),
    "a number format": (classify_format, ("m", "[", "h.", '"')),
    "a format of numbers": (parse_number_form, ("0", "0,", "#", '"', "[$", "0 ", ".0")),
    "a file": (_examine, ("<!----> ", "<?xml> ", " ", "mso-style-")),
    "an article's text": (_show, ("&lt;img ", "alt=", "&amp;", "\u00a0")),
    "what is withheld": (lambda text: find_shown(text, titles={"Tên": 1}, addresses={}), ("<", "<a ", "\\u0041")),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_reading_takes_linear_time(name: str) -> None:
    read, repeated = READERS[name]

    def seconds(piece: str, length: int) -> float:
        text = piece * (length // len(piece))
        return least_seconds(lambda: read(text))

    for piece in repeated:
        assert is_linear(partial(seconds, piece), 8_000), piece


@pytest.mark.parametrize("piece", ["<svg ", " width =", "\n", "A "])
def test_pasted_pictures_take_linear_time(piece: str) -> None:
    def seconds(length: int) -> float:
        page, source = parse_page("", URL), f"data:image/svg+xml,<svg {piece * (length // len(piece))}!"
        return least_seconds(lambda: read_pasted_picture(page, source))

    assert is_linear(seconds, 8_000)


def test_pictures_without_text_between_them_take_linear_time() -> None:
    def seconds(pictures: int) -> float:
        page = parse_page(f"<div>{'<a href=/tin/x-100001><img src=/a.jpg></a>' * pictures}</div>", URL)
        return least_seconds(lambda: read_flow(page.root, page, profile=make_profile()))

    assert is_linear(seconds, 1_500)


@pytest.mark.parametrize(
    "piece", ["title:1/", "1/1/", "title:1/2 ", "12/Q", '"1/', "1.000,", "Sapa ", "Dienbienphu ", "x1/", "quyhoach"]
)
def test_a_query_of_one_piece_asks_the_index_for_little(piece: str) -> None:
    query = build_fts_query(piece * 1_000)
    assert len(query) < 20_000
    assert query == build_fts_query((piece * 1_000)[:2_000])
