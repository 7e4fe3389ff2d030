"""The rows of a table stay rows where an article is shown without its HTML."""

from crawler.language.tables.blocks import cut_blocks


def shown(html: str, body: str) -> list[str | list[list[str]]]:
    return [
        one if isinstance(one, str) else [[cell.text for cell in row] for row in one] for one in cut_blocks(html, body)
    ]


def row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def test_two_tables_stand_apart_and_paragraphs_around_them_stay() -> None:
    html = (
        f"<p>Một.</p><table>{row('Xã', 'Hộ')}{row('Tả Van', '98')}</table><table>{row('Cầu', '619')}</table><p>Hai.</p>"
    )
    body = "Một.\n\nXã Hộ\n\nTả Van 98\n\nCầu 619\n\nHai."
    assert shown(html, body) == ["Một.", [["Xã", "Hộ"], ["Tả Van", "98"]], [["Cầu", "619"]], "Hai."]


def test_a_row_with_lines_within_stays_as_its_paragraphs_are() -> None:
    html = f"<table>{row('Xã', 'Hộ')}{row('Tả<br>Van', '98')}{row('Bản Hồ', '40')}</table>"
    body = "Xã Hộ\n\nTả\n\nVan\n\n98\n\nBản Hồ 40"
    assert shown(html, body) == [[["Xã", "Hộ"]], "Tả", "Van", "98", [["Bản Hồ", "40"]]]


def test_nothing_of_a_body_is_lost_whatever_the_html_says() -> None:
    body = "A 1\n\nB 2\n\nA 1"
    for html in ("", "<p>x</p>", f"<table>{row('B', '2')}</table>", f"<table>{row('A', '1')}{row('C', '3')}</table>"):
        text = "\n\n".join(
            one if isinstance(one, str) else "\n\n".join(" ".join(cell.text for cell in cells) for cells in one)
            for one in cut_blocks(html, body)
        )
        assert text == body
