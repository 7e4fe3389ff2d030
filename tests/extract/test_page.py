"""Pages that cost too much: what is above a budget is refused by its count, before it is parsed."""

import time
from contextlib import suppress

import pytest

from crawler.addresses import classify
from crawler.errors import BadFileError
from crawler.extract import parse_page, read_article, read_stylesheet
from crawler.extract.answer import read_page
from crawler.extract.cost import MAX_DEPTH, MAX_NAMED, check_cost
from crawler.extract.page import absolute_url
from crawler.items import Answer, PageReading, Purpose
from crawler.profile import parse_profile
from tests.support.processes.cpu_time import is_linear, least_seconds

PROFILE = parse_profile('name="sapa"\ntitle="Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"')
URL = "https://sapa.laocai.gov.vn/tin-tuc/bai-viet-123456"
HEAD = '<a href="/tin-tuc/b-100001">Trước</a><div class="ArticleDetailControl"><div class="ArticleHeader">Tên</div>'


def read(html: str, purpose: Purpose) -> PageReading:
    """Read a page as a crawl does."""
    answer = Answer(URL, html.encode(), "text/html; charset=utf-8", None)
    return read_page(answer, purpose, asked=URL, listing=None, page=None, profile=PROFILE)[0]


def refuse(html: str, kind: str = "costs-depth") -> None:
    """Assert that a page is refused for this cost, whatever it is read for."""
    for purpose in (Purpose.ARTICLE, Purpose.LISTING, Purpose.HOME, Purpose.MENU):
        refusal = read(html, purpose).refusal
        assert refusal is not None
        assert (refusal.kind, refusal.message.kind) == ("page_too_costly", kind)


@pytest.mark.parametrize(
    "opened",
    ["<div>", "<DIV class='x'>", "<font>", "<b><i>", "<table><tr><td>", "<ul><li>", "<div><img src=/a.jpg>", "<x-y>"],
)
@pytest.mark.parametrize("closed", ["", "</div>"])
def test_page_nested_too_deep_is_refused(opened: str, closed: str) -> None:
    html = f'{HEAD}<div class="ArticleContent">{opened * 25_000}chữ{closed * 25_000}</div></div>'
    refuse(html)


def test_drawings_nested_too_deep_take_little_time() -> None:
    html = f"{HEAD}{'<article><path><nav><svg>x' * 23_000}"
    assert least_seconds(lambda: refuse(html)) < 4 * least_seconds(lambda: refuse(f"{HEAD}{'<div>' * 92_000}"))


def test_page_with_too_many_options_is_refused() -> None:
    refuse(f"{HEAD}<select>{'<option>x' * 30_000}</select></div>", "costs-options")


@pytest.mark.parametrize("piece", ["<!-- x", "<!-->", "<script>", "<style>", "<script></script", "<!-- x -->"])
def test_comments_and_scripts_that_do_not_end_take_linear_time(piece: str) -> None:
    def seconds(count: int) -> float:
        html = f'{HEAD}<div class="ArticleContent">chữ</div></div>{piece * count}'
        return least_seconds(lambda: [read(html, one) for one in (Purpose.ARTICLE, Purpose.LISTING, Purpose.HOME)])

    assert is_linear(seconds, 4_000)


@pytest.mark.parametrize(
    "piece",
    ["<img src=/a.png>", "<noscript><img src=/a.png></noscript>x<br>", "<tr><td>x", "<p>Tin khác", "<p>In trang"],
)
def test_pictures_rows_and_headings_take_linear_time(piece: str) -> None:
    def seconds(count: int) -> float:
        content = "<table><tr><td>" * 100 + piece * count
        html = f'{HEAD}<div class="ArticleContent">chữ{content}</div></div>'
        assert read(html, Purpose.ARTICLE).article is not None
        return least_seconds(lambda: read(html, Purpose.ARTICLE))

    assert is_linear(seconds, 2_000)


def test_of_thousands_of_links_some_are_judged_and_the_rest_is_counted() -> None:
    links = "".join(f'<a href="/tin-tuc/x-{200_000 + n}">tin {n}</a> ' for n in range(MAX_NAMED + 7))
    sheets = "".join(f"<link rel=stylesheet href=/{n}.css>" for n in range(MAX_NAMED + 3))
    page = f'<head>{sheets}</head>{HEAD}<div class="ArticleContent"><p>chữ {links}</p></div></div>'
    reading = read(page, Purpose.ARTICLE)
    assert reading.article is not None
    assert reading.article.body.endswith(f"tin {MAX_NAMED + 6}")
    assert (len(reading.links), len(reading.requisites)) == (MAX_NAMED, MAX_NAMED)
    assert reading.unnoted == 8 + 3  # one more link stands before the article
    assert read(f"{HEAD}<p>{links[:9_000]}</p></div>", Purpose.ARTICLE).unnoted == 0


def test_rows_of_a_list_are_all_taken() -> None:
    rows = "".join(
        f'<li class=row><h2 class=Title><a href="/tin-tuc/x-{n}">tin {n}</a></h2></li>' for n in range(200_000, 206_000)
    )
    page = f'<div class="UIArticleInMenu_Default"><ul class="ArticleList">{rows}</ul></div>'
    answer = Answer("https://sapa.laocai.gov.vn/tin-tuc", page.encode(), "text/html; charset=utf-8", None)
    reading, _ = read_page(answer, Purpose.LISTING, asked=answer.url, listing=answer.url, page=1, profile=PROFILE)
    assert reading.listing is not None
    assert (len(reading.listing.rows), len(reading.links), reading.unnoted) == (6_000, MAX_NAMED, 0)


@pytest.mark.parametrize("opened", ["<div>", "<font>", "<blockquote>"])
def test_article_nested_almost_too_deep_is_read(opened: str) -> None:
    html = f'{HEAD}<div class="ArticleContent">{opened * (MAX_DEPTH - 10)}chữ{"<br>" * 3000}</div></div>'
    page = parse_page(html, URL)
    address = classify(URL, PROFILE)
    assert address is not None
    assert read_article(page, PROFILE, address=address).body == "chữ"


@pytest.mark.parametrize(
    "html",
    [
        "<div></div>" * 9_000,
        "<ul>" + "<li>x" * 9_000,
        "<p>x" * 9_000,
        "<table>" + "<tr><td>x" * 9_000,
        "<svg>" + "<path d='x'/>" * 9_000,
        "<a name=x>y" * 9_000,
        "<!-- " + "<div>" * 9_000 + "-->",
        "<script>document.write('" + "<div>" * 9_000 + "')</script>",
        "<div><br><img><input></div>" * 9_000,
    ],
)
def test_long_page_of_sound_nesting_is_read(html: str) -> None:
    assert check_cost(html)
    parse_page(html, URL)


@pytest.mark.parametrize(
    "html",
    [
        "<li><h1>" * 20_000,
        "<li><h1>" * 2_000,
        "<span><div></span></div>" * 9_000,
        "<div><table><tr><td></div>" * 9_000,
        "<div></b><div>" * 9_000,
        "<x/>" * 30_000,
        "<svg><p></p>" + "<path/>" * 30_000,
        "<svg><td>" + "<td>" * 30_000,
        '<p title="<!--">' + "<div>" * 30_000,
        "<!-->" + "<div>" * 30_000 + "-->",
        '<p ">' + "<div>" * 30_000 + '"',
    ],
)
def test_depth_is_found_in_any_order_of_tags(html: str) -> None:
    refuse(html, "costs-depth")


@pytest.mark.parametrize(
    ("kind", "html"),
    [
        ("costs-attributes", "<p " + " ".join(f"a{number}" for number in range(50_000)) + ">x"),
        ("costs-attributes", "<p a='>' " + " ".join(f'a{number}=">"' for number in range(50_000)) + ">x"),
        ("costs-formats", "<div>" + "".join(f"<b a={number}>" for number in range(400)) + "</div>" + "<p>x</p>" * 400),
        ("costs-tags", "<br>x" * 100_001),
        ("costs-tags", "x</p>" * 100_001),
        ("costs-tags", "<" * 250_001),
        ("costs-tags", "<!--x-->" * 250_001),
        ("costs-links", "<a href=/a>x</a>" * 50_001),
        ("costs-characters", "chữ " * 1_000_001),
    ],
)
def test_page_above_a_budget_is_refused(kind: str, html: str) -> None:
    refuse(html, kind)


@pytest.mark.parametrize(
    "text",
    ["<p>chữ</p>" * 50_000 + "chữ " * 250_000, "<p>" + "x" * 1_000_001, "<p>x" + "\u00a0" * 700_000, "&amp;" * 790_000],
)
def test_article_with_too_much_text_is_refused_and_a_list_is_not(text: str) -> None:
    html = f'{HEAD}<div class="ArticleContent">{text}</div></div>'
    refusal = read(html, Purpose.ARTICLE).refusal
    is_too_much = len(text) != 5 * 790_000
    assert (refusal is not None) == is_too_much
    assert refusal is None or (refusal.kind, refusal.message.kind) == ("page_too_costly", "costs-text")
    assert read(html, Purpose.HOME).refusal is None


@pytest.mark.parametrize("entity", ["&nbsp;", "\u00a0", "&amp;", "& ", "a&nbsp;"])
def test_many_entities_in_one_text_take_linear_time(entity: str) -> None:
    def seconds(count: int) -> float:
        html = f'{HEAD}<div class="ArticleContent">chữ{entity * count}</div></div>'
        article = read(html, Purpose.ARTICLE).article
        assert article is not None
        assert article.body_html.startswith("chữ")
        return least_seconds(lambda: read(html, Purpose.ARTICLE))

    assert is_linear(seconds, 30_000)


@pytest.mark.parametrize(
    "html",
    [
        "<table>" + "<tr><td><p><span>1</span></p></td><td>2</td></tr>" * 8_000 + "</table>",
        "<p><font face=a>x</p>" * 2_000,
        "<p><b>x</p></b>" * 2_000,
        '<img src="data:image/png;base64,' + "A" * 9_000_000 + '">',
        "<ul><li><a href=/a>x</a></li></ul>" * 9_000,
    ],
)
def test_large_page_below_the_budgets_is_parsed(html: str) -> None:
    parse_page(html, URL)


@pytest.mark.parametrize("text", ["<!--", "<script>", "<", "<a", "</", "<title>", "<div ", "<b x x", "<p a='"])
def test_any_text_is_measured(text: str) -> None:
    with suppress(BadFileError):
        check_cost(text * 100_000)


def test_style_is_read_up_to_its_budget() -> None:
    host = "https://sapa.laocai.gov.vn"
    rule = "a{b:url(/%d.png)}"
    assert len(read_stylesheet("".join(rule % n for n in range(3_000)), f"{host}/a.css", profile=PROFILE)) == 2_000
    long = rule % 1 + "a{b:c}" * 100_000 + rule % 2
    assert read_stylesheet(long, f"{host}/a.css", profile=PROFILE) == (f"{host}/1.png",)
    page = f"<style>{rule % 3}</style><style>{long}</style><p style='b:url(/4.png)'>{'x' * 600_000}"
    assert read(page, Purpose.HOME).requisites == (f"{host}/3.png", f"{host}/4.png")


@pytest.mark.parametrize("opened", ["a{b:(", "{", "a{x:f(", "@media a{"])
def test_style_sheet_nested_too_deep_gives_nothing(opened: str) -> None:
    assert read_stylesheet(opened * 5_000, "https://sapa.laocai.gov.vn/a.css", profile=PROFILE) == ()


@pytest.mark.parametrize("element", ['<a href="{}">x</a>', '<img src="{}">', '<base href="{}"><a href="x">x</a>'])
def test_a_host_of_many_marks_is_none_and_costs_little(element: str) -> None:
    strange = f"http://a{chr(0x301) * 60_000}.vn/b"
    began = time.process_time()
    page = parse_page(element.format(strange), URL)
    assert page.base == URL
    assert {url for _, url in page.links} <= {"", "https://sapa.laocai.gov.vn/tin-tuc/x"}
    assert (absolute_url(page, strange), classify(strange, PROFILE)) == (None, None)
    for purpose in (Purpose.ARTICLE, Purpose.LISTING, Purpose.HOME):
        read(f'{HEAD}<div class="ArticleContent">chữ</div></div>{element.format(strange)}', purpose)
    assert time.process_time() - began < 5


def test_a_long_base_makes_no_address_of_a_page_long() -> None:
    page = parse_page(
        f'<base href="/{"a" * 500_000}/"><img src="a.png"><a href="tin-tuc">x</a>', "https://a.vn/x/y-100001"
    )
    assert absolute_url(page, "a.png") == "https://a.vn/x/a.png"
    assert [target for _, target in page.links] == ["https://a.vn/x/tin-tuc"]


def test_an_address_that_no_server_takes_is_none() -> None:
    page = parse_page(f'<a href="/{"a" * 9_000}">x</a>', "https://a.vn/")
    assert absolute_url(page, f"/{'a' * 9_000}.pdf") is None
    assert [target for _, target in page.links] == [""]
