"""How the text of a file is cut into pages of the reader."""

from crawler.web.attachment.pages import MOST_CHARACTERS, cut_leaves, find_leaves


def test_pages_are_those_of_the_file_and_unread_ones_are_empty() -> None:
    leaves = cut_leaves("một\n\nhai", (0, 0, 5), pages=5)
    assert [(leaf.page, leaf.part, leaf.start, leaf.end) for leaf in leaves] == [
        (1, 1, 0, 0), (2, 1, 0, 5), (3, 1, 5, 8), (4, 1, 8, 8), (5, 1, 8, 8),
    ]  # fmt: skip
    assert [leaves[number].page for number in find_leaves(leaves, (0, 4, 5, 7))] == [2, 2, 3, 3]


def test_a_text_without_pages_is_one_page() -> None:
    for starts in ((), (0,)):
        assert [(leaf.page, leaf.start, leaf.end) for leaf in cut_leaves("một hai", starts)] == [(1, 0, 7)]
    assert [(leaf.page, leaf.start, leaf.end) for leaf in cut_leaves("", ())] == [(1, 0, 0)]


def test_a_long_page_is_cut_at_line_ends_and_no_letter_is_lost() -> None:
    for text in ("dòng này dài\n" * 9000, "một " * 30_000, "x" * 50_000):
        leaves = cut_leaves(f"đầu\n\n{text}", (0, 5))
        assert leaves[0].parts == 1
        parts = leaves[1:]
        assert [leaf.part for leaf in parts] == list(range(1, parts[0].parts + 1))
        assert max(leaf.end - leaf.start for leaf in parts) <= MOST_CHARACTERS
        assert "".join(f"đầu\n\n{text}"[leaf.start : leaf.end] for leaf in leaves) == f"đầu\n\n{text}"
        assert find_leaves(leaves, (leaf.start for leaf in leaves)) == list(range(len(leaves)))
