"""Remove from an article's content what does not belong to it: furniture, lists of articles, a repeated title."""

from collections.abc import Sequence

from msgspec.structs import replace

from crawler.extract.article.blocks import Block, Line, OfferedFile, Picture, Video
from crawler.extract.article.label_patterns import (
    is_attachment_lead_in,
    is_furniture_line,
    is_pager_line,
    is_related_heading,
    letters_only,
    strip_author_label,
    strip_source_label,
)
from crawler.language.counters import drop_tail

# A line with at least this share of its letters in links to articles is an entry of a list.
_ENTRY_SHARE = 0.5
_MAX_ENTRY_WORDS = 8
_MAX_HEAD_LINES = 5


def trim_furniture(blocks: Sequence[Block]) -> list[Block]:
    """Cut off a list of other articles with its heading, and the furniture at both ends."""
    start, end = 0, _start_of_list(blocks)
    while end > 0 and isinstance(last := blocks[end - 1], Line) and _is_furniture(last):
        end -= 1
    while start < end and isinstance(first := blocks[start], Line) and _is_furniture(first):
        start += 1
    return list(blocks[start:end])


def _is_furniture(line: Line) -> bool:
    """True for the words of a tool bar and a row of page numbers. Numbers in table cells are data."""
    return is_furniture_line(line.text) or (line.look.cell is None and is_pager_line(line.text))


def drop_repeated_title(blocks: Sequence[Block], title: str) -> list[Block]:
    """Drop a repeated title from the first lines of a body. Case, line breaks and a counter after it do not count.

    An author's or a date's line can precede it.
    """
    wanted = letters_only(drop_tail(title))
    lines = [place for place, block in enumerate(blocks) if isinstance(block, Line)][:_MAX_HEAD_LINES]
    for start in range(len(lines)):
        letters = ""
        for end in range(start, len(lines)):
            line = blocks[lines[end]]
            if not isinstance(line, Line) or len(line.text) > 2 * len(title) + 10:
                break
            letters += letters_only(line.text)
            if letters == wanted:
                gone = set(lines[start : end + 1])
                return [block for place, block in enumerate(blocks) if place not in gone]
            if not wanted.startswith(letters):
                break
    return list(blocks)


def drop_label_lines(blocks: Sequence[Block]) -> list[Block]:
    """Drop lines that only offer a file or only introduce one. A sentence keeps its linked words."""
    kept: list[Block] = []
    for place, block in enumerate(blocks):
        if isinstance(block, Line) and block.plain != block.text:
            if is_attachment_lead_in(block.plain) and not block.look.caption:
                continue
            kept.append(_with_label(block))
        elif isinstance(block, Line) and is_attachment_lead_in(block.text) and _offers(blocks, place):
            continue
        else:
            kept.append(block)
    return kept


def drop_file_lines(lines: Sequence[Line]) -> list[Line]:
    """Drop the lines of a summary that only offer files, unless there are no others. The others keep every word."""
    kept = [line for line in lines if line.plain == line.text or not is_attachment_lead_in(line.plain)]
    return kept or list(lines)


def _with_label(line: Line) -> Line:
    """Keep the words of a link inside a sentence. Drop a link after a colon, unless it is a caption's or a credit's."""
    if line.plain.endswith(":") and not line.look.caption and not _is_credit(line.text):
        return line
    return replace(line, plain=line.text)


def _is_credit(text: str) -> bool:
    return bool(strip_author_label(text) or strip_source_label(text))


def _offers(blocks: Sequence[Block], place: int) -> bool:
    """True if the next or the previous block offers a file. A number in a table is data, unless a file follows it."""
    after = blocks[place + 1] if place + 1 < len(blocks) else None
    before = blocks[place - 1] if place else None
    if isinstance(after, OfferedFile) and not _is_last_number(blocks[place]):
        return True
    if _is_number_of_row(blocks[place]):
        return False
    return isinstance(before, OfferedFile) or (isinstance(before, Line) and before.plain != before.text)


def _is_number_of_row(block: Block) -> bool:
    return (
        isinstance(block, Line) and block.text.isdigit() and block.look.cell is not None and block.look.cell.width > 1
    )


def _is_last_number(block: Block) -> bool:
    cell = block.look.cell if isinstance(block, Line) and block.text.isdigit() else None
    return cell is not None and 0 < cell.column == cell.width - 1


def _start_of_list(blocks: Sequence[Block]) -> int:
    """Return the place of the first heading that only titles of articles, with dates, pictures and pagers, follow.

    The number of blocks if there is none. Goes up from the end, so that many headings take linear time.
    """
    start, lines, entries, others, has_pictures = len(blocks), 0, 0, 0, False
    for place in range(len(blocks) - 1, -1, -1):
        block = blocks[place]
        if isinstance(block, OfferedFile | Video):
            break
        if isinstance(block, Line):
            is_list = others <= entries if entries else not lines and not has_pictures
            if is_list and is_related_heading(block.text):
                start = place
            lines += 1
            entries += block.linked >= _ENTRY_SHARE
            others += block.linked < _ENTRY_SHARE and block.words > _MAX_ENTRY_WORDS
        else:
            has_pictures = has_pictures or isinstance(block, Picture)
    return start
