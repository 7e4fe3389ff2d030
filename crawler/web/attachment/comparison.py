"""Compare the texts of two attachments of any size word by word. Pure."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from crawler.language.changes.diff import Kind, Paragraph, Piece, diff_texts
from crawler.language.changes.number_changes import NumberChange, find_number_changes
from crawler.language.money.table_sums import TableLines, by_line, find_table_sums
from crawler.language.tables.text_lines import read_lined_tables
from crawler.web.attachment.lines import Block, align_lines
from crawler.web.attachment.queries import FileText

# Of longer texts only so much is compared: a hundred pages, as much as the search index has of a file.
MOST_COMPARED = 200_000
# Blocks of changed lines are compared as an article's paragraphs are, until they have this many pairs of words
# together: in the worst case difflib looks at each. The words of the other blocks are aligned as lines are.
_MOST_PAIRS = 4_000_000
# Changed lines of a table are compared one by one, those of running text together: a word that came moves all others.
_MOST_ROWS = 60
_WORD = re.compile(r"\S+")
# Unchanged lines that are shown before and after a change.
_AROUND = 2
# Changed paragraphs, and their letters, that a comparison shows.
MOST_SHOWN, _MOST_SHOWN_CHARACTERS = 400, 200_000
# Letters of changed paragraphs in which numbers are looked for.
_MOST_LETTERS = 60_000
_MOST_NUMBERS = 100


# The first and last page of some lines; None if there are no lines, or the file has no pages, or only one.
Pages = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Changed paragraphs in a row; or unchanged lines: the first and last of them, and how many are left out.

    `pages` are those of changed paragraphs in the file before, and in the one after.
    """

    changed: tuple[Paragraph, ...] = ()
    first: tuple[str, ...] = ()
    left_out: int = 0
    last: tuple[str, ...] = ()
    pages: tuple[Pages, Pages] = (None, None)


@dataclass(frozen=True, slots=True)
class FileComparison:
    """What differs between the texts of two files.

    `is_equal`: the texts are the same, only the bytes differ. `is_compared` is False if one has no text. `is_cut`: the
    texts are compared up to `MOST_COMPARED` only. `more` changed paragraphs are not among the stretches.
    """

    before: FileText
    after: FileText
    stretches: tuple[Stretch, ...] = ()
    numbers: tuple[NumberChange, ...] = ()
    is_compared: bool = True
    is_cut: bool = False
    more: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether the texts have the same words."""
        return self.is_compared and not any(stretch.changed for stretch in self.stretches)

    @property
    def most_compared(self) -> int:
        """The characters of each text that are compared."""
        return MOST_COMPARED

    @property
    def is_doubtful(self) -> bool:
        """Whether a difference may come from how the texts were read."""
        return any(file.is_ocr or file.doubts or file.is_cut for file in (self.before, self.after))


def compare_files_texts(before: FileText, after: FileText, *, most: int) -> FileComparison:
    """Compare the texts of two files; `most` is how many changed paragraphs are kept."""
    if not before.text or not after.text:
        return FileComparison(before, after, is_compared=False)
    is_table = before.kind == after.kind == "sheet"
    tables = (_read_sums(before), _read_sums(after))
    blocks = align_lines(_read_lines(before), _read_lines(after))
    compared = list(_compare(blocks, is_table=is_table, rows=tables[0].keys() | tables[1].keys()))
    paragraphs = [paragraph for of_block in compared for paragraph in of_block]
    old, new = _find_pages(before, [one.before for one in blocks]), _find_pages(after, [one.after for one in blocks])
    placed = [(one, (gone, come)) for block, gone, come in zip(compared, old, new, strict=True) for one in block]
    kept, more = _cut(tuple(_collect(placed)), most)
    is_cut = max(len(before.text), len(after.text)) > MOST_COMPARED
    numbers = find_number_changes(list(_take(paragraphs)), tables=tables)
    if is_table:  # a row that came or went is shown whole; to name each of its numbers, too, says nothing more
        numbers = tuple(one for one in numbers if one.before and one.after)
    return FileComparison(before, after, kept, numbers[: min(most, _MOST_NUMBERS)], is_cut=is_cut, more=more)


def _read_sums(file: FileText) -> TableLines:
    """Read the sums in the cells of a file's tables, by line."""
    is_sheet, text = file.kind == "sheet", file.text[:MOST_COMPARED]
    return by_line(text, find_table_sums(read_lined_tables(text, is_sheet=is_sheet), is_sheet=is_sheet))


def _read_lines(file: FileText) -> list[str]:
    return [line for line in file.text[:MOST_COMPARED].split("\n") if line.strip()]


def _find_pages(file: FileText, blocks: Sequence[Sequence[str]]) -> Iterator[Pages]:
    """Yield the pages on which the lines of each block are."""
    pages, offset = [], 0
    for line in file.text[:MOST_COMPARED].split("\n"):
        if line.strip():
            pages.append(max(bisect_right(file.starts, offset), 1))
        offset += len(line) + 1
    done = 0
    for lines in blocks:
        done += len(lines)
        yield (pages[done - len(lines)], pages[done - 1]) if lines and len(file.starts) > 1 else None


def _join_pages(first: Pages, second: Pages) -> Pages:
    return (first[0], second[1]) if first and second else first or second


def _compare(blocks: Sequence[Block], *, is_table: bool, rows: Collection[str]) -> Iterator[tuple[Paragraph, ...]]:
    """Compare the changed lines of each block together, those of a table one by one.

    `rows` are lines that are rows of sums.
    """
    pairs = 0
    for block in blocks:
        old, new = "\n".join(block.before), "\n".join(block.after)
        if block.is_same:
            yield (Paragraph("same", old, new, (Piece("same", new),)),)
            continue
        cost = len(old.split()) * len(new.split())
        if pairs + cost > _MOST_PAIRS:
            yield (_compare_words(old, new),)
            continue
        pairs += cost
        lines = [*block.before, *block.after]
        is_rows = is_table or 2 * sum(line in rows for line in lines) >= len(lines)
        is_by_line = is_rows and max(len(block.before), len(block.after)) <= _MOST_ROWS
        between = "\n\n" if is_by_line else "\n"
        yield tuple(diff_texts(between.join(block.before), between.join(block.after)))


def _compare_words(old: str, new: str) -> Paragraph:
    """Compare two long passages by the words that are in each of them once."""
    left, right = list(_WORD.finditer(old)), list(_WORD.finditer(new))
    pieces: list[Piece] = []
    i = k = 0
    for block in align_lines([word[0] for word in left], [word[0] for word in right]):
        gone, come = left[i : i + len(block.before)], right[k : k + len(block.after)]
        i, k = i + len(gone), k + len(come)
        if block.is_same:
            pieces.append(_cut_piece("same", new, words=come))
            continue
        pieces += [_cut_piece("removed", old, words=gone)] if gone else []
        pieces += [_cut_piece("added", new, words=come)] if come else []
    return Paragraph("changed", old, new, tuple(pieces))


def _cut_piece(kind: Kind, text: str, *, words: Sequence[re.Match[str]]) -> Piece:
    start = words[0].start()
    return Piece(kind, text[start : words[-1].end()], start, spaced=start > 0)


def _take(paragraphs: Sequence[Paragraph]) -> Iterator[Paragraph]:
    """Yield paragraphs while the letters of the changed ones are few enough."""
    letters = 0
    for one in paragraphs:
        letters += len(one.before) + len(one.after) if one.kind != "same" else 0
        if letters > _MOST_LETTERS:
            return
        yield one


def _collect(placed: Sequence[tuple[Paragraph, tuple[Pages, Pages]]]) -> Iterator[Stretch]:
    changed: list[Paragraph] = []
    pages: tuple[Pages, Pages] = (None, None)
    for number, (paragraph, of_paragraph) in enumerate(placed):
        if paragraph.kind != "same":
            changed.append(paragraph)
            pages = (_join_pages(pages[0], of_paragraph[0]), _join_pages(pages[1], of_paragraph[1]))
            continue
        if changed:
            yield Stretch(tuple(changed), pages=pages)
            changed, pages = [], (None, None)
        yield _shorten(paragraph.after, is_first=number == 0, is_last=number == len(placed) - 1)
    if changed:
        yield Stretch(tuple(changed), pages=pages)


def _shorten(text: str, *, is_first: bool, is_last: bool) -> Stretch:
    """Keep of unchanged lines only those next to a change."""
    lines = text.split("\n")
    first, last = 0 if is_first else _AROUND, 0 if is_last else _AROUND
    if len(lines) <= first + last + 1:
        return Stretch(first=tuple(lines))
    return Stretch((), tuple(lines[:first]), len(lines) - first - last, tuple(lines[len(lines) - last :]))


def _cut(stretches: Sequence[Stretch], most: int) -> tuple[tuple[Stretch, ...], int]:
    """Keep the stretches up to the most that a page shows; return how many changed paragraphs are left out, too."""
    kept: list[Stretch] = []
    shown = letters = more = 0
    for stretch in stretches:
        size = sum(len(one.before) + len(one.after) for one in stretch.changed)
        if more or (shown and (shown + len(stretch.changed) > most or letters + size > _MOST_SHOWN_CHARACTERS)):
            more += len(stretch.changed)
            continue
        shown, letters = shown + len(stretch.changed), letters + size
        kept.append(stretch)
    return tuple(kept), more
