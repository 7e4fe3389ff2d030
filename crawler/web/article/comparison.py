"""Compare two versions of an article: text word by word, pictures and files by digest, and changed numbers. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Literal

from crawler.archive.articles.derived import Wording, find_changed_numbers, join_captions
from crawler.language.changes.change_kinds import classify_change
from crawler.language.changes.diff import Paragraph, diff_lines, diff_texts
from crawler.language.changes.number_changes import NumberChange
from crawler.web.article.queries import PageAttachment, PageImage, Version

# Unchanged paragraphs in a row are folded if they have at least this many words together.
_FOLD_FROM_WORDS = 60
_PageFile = PageImage | PageAttachment


@dataclass(frozen=True, slots=True)
class LineChange:
    """A short field that differs, word by word."""

    name: str
    words: Paragraph


@dataclass(frozen=True, slots=True)
class ParagraphRun:
    """Paragraphs in a row, all changed or all unchanged; unchanged ones may be folded."""

    paragraphs: tuple[Paragraph, ...]
    is_folded: bool

    @property
    def words(self) -> int:
        """The number of words."""
        return sum(len(paragraph.after.split()) for paragraph in self.paragraphs)


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """A picture or file in one version or both; `words` compares its captions or labels if they differ.

    `renamed` means the same bytes with another caption or label, `moved` the same bytes and words at another place.
    """

    kind: Literal["kept", "moved", "renamed", "removed", "added", "replaced"]
    before: _PageFile | None
    after: _PageFile | None
    words: Paragraph | None


@dataclass(frozen=True, slots=True)
class RevisionComparison:
    """What differs between two versions. `body` is empty if the text is equal, and so are `images` and `files`."""

    lines: tuple[LineChange, ...]
    body: tuple[ParagraphRun, ...]
    images: tuple[ComparedFile, ...]
    files: tuple[ComparedFile, ...]
    numbers: tuple[NumberChange, ...]
    classes: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """True if nothing differs."""
        return not (self.lines or self.body or self.images or self.files)

    @property
    def replaced_files(self) -> list[tuple[str, str]]:
        """The digests of the files that others replaced, with those of the others."""
        pairs = [(one.before, one.after) for one in self.files if one.kind == "replaced"]
        return [(old.sha256, new.sha256) for old, new in pairs if old and new and old.sha256 and new.sha256]


def compare_versions(before: Version, after: Version) -> RevisionComparison:
    """Compare two versions of an article."""
    lines = tuple(_compare_lines(before, after))
    body = diff_texts(before.body, after.body) if before.body != after.body else ()
    images = compare_files(before.images, after.images)
    files = compare_files(before.files, after.files)
    numbers = [one for _, one in find_changed_numbers(_wording(before), _wording(after))]
    return RevisionComparison(
        lines,
        tuple(_fold_unchanged(body)),
        images if any(one.kind != "kept" for one in images) else (),
        files if any(one.kind != "kept" for one in files) else (),
        tuple(dict.fromkeys(numbers)),
        tuple(_classify(before, after, images=images, files=files, numbers=numbers)),
    )


def _wording(version: Version) -> Wording:
    captions = join_captions(image.caption for image in version.images if image.caption is not None)
    return Wording(
        version.title, version.summary, version.body, captions, version.body_html, version.byline, version.source
    )


def _compare_lines(before: Version, after: Version) -> Iterator[LineChange]:
    for name in ("title", "summary", "byline", "source", "published_on"):
        old, new = getattr(before, name), getattr(after, name)
        if (old or "") != (new or ""):
            yield LineChange(name, diff_lines(old, new))


def _fold_unchanged(paragraphs: Sequence[Paragraph]) -> Iterator[ParagraphRun]:
    run: list[Paragraph] = []
    for paragraph in paragraphs:
        if run and (paragraph.kind == "same") != (run[0].kind == "same"):
            yield _make_run(run)
            run = []
        run.append(paragraph)
    if run:
        yield _make_run(run)


def _make_run(paragraphs: list[Paragraph]) -> ParagraphRun:
    run = ParagraphRun(tuple(paragraphs), is_folded=False)
    return replace(run, is_folded=paragraphs[0].kind == "same" and run.words >= _FOLD_FROM_WORDS)


def _words_of(file: _PageFile | None) -> str:
    if file is None:
        return ""
    return (file.caption if isinstance(file, PageImage) else file.label) or ""


def _key(file: _PageFile) -> str:
    """Return what identifies a file: its digest, or its file name until its bytes are fetched."""
    return file.sha256 or file.url.rpartition("/")[2]


def compare_files(before: Sequence[_PageFile], after: Sequence[_PageFile]) -> tuple[ComparedFile, ...]:
    """Compare the pictures, or the files, of two versions, in the order of the later version.

    A file belongs to the one of the same bytes and address, wherever it is; else to that of its address, whose
    bytes were replaced; else to that of its bytes. Of what is left between two files that stayed, as many as were
    removed and added replaced each other.
    """
    partners = _find_partners(before, after)
    kept = {new: old for new, old in partners.items() if _key(before[old]) == _key(after[new])}
    matched, staying = set(partners.values()), set(kept.values())
    old_tokens = [f"{at}" if at in staying else f"-{at}" for at in range(len(before))]
    new_tokens = [f"{kept[at]}" if at in kept else f"+{at}" for at in range(len(after))]
    found: list[ComparedFile] = []
    for operation, i, j, k, m in SequenceMatcher(None, old_tokens, new_tokens, autojunk=False).get_opcodes():
        lone_old = [at for at in range(i, j) if at not in matched]
        lone_new = [at for at in range(k, m) if at not in partners]
        replaced = dict(zip(lone_new, lone_old, strict=True)) if len(lone_new) == len(lone_old) else {}
        found += [_leave(before[at]) for at in lone_old if not replaced]
        for at in range(k, m):
            old = partners.get(at, replaced.get(at))
            moved = operation != "equal" and at in kept
            found.append(_come(after[at]) if old is None else _pair(before[old], after[at], moved=moved))
    return tuple(found)


def _find_partners(before: Sequence[_PageFile], after: Sequence[_PageFile]) -> dict[int, int]:
    """Find the earlier place of each file that both versions have by bytes or address, by its later place."""
    partners: dict[int, int] = {}
    for name in (_key_and_url, _url, _key):
        lone: dict[str, list[int]] = {}
        taken = set(partners.values())
        for at, file in enumerate(before):
            if at not in taken:
                lone.setdefault(name(file), []).append(at)
        for at, file in enumerate(after):
            if at not in partners and (places := lone.get(name(file))):
                partners[at] = places.pop(0)
    return partners


def _key_and_url(file: _PageFile) -> str:
    return f"{_key(file)} {file.url}"


def _url(file: _PageFile) -> str:
    return file.url


def _leave(file: _PageFile) -> ComparedFile:
    return ComparedFile("removed", file, None, _diff_words(file, None))


def _come(file: _PageFile) -> ComparedFile:
    return ComparedFile("added", None, file, _diff_words(None, file))


def _pair(old: _PageFile, new: _PageFile, *, moved: bool) -> ComparedFile:
    words = _diff_words(old, new)
    if _key(old) != _key(new):
        return ComparedFile("replaced", old, new, words)
    return ComparedFile("renamed" if words else "moved" if moved else "kept", old, new, words)


def _diff_words(old: _PageFile | None, new: _PageFile | None) -> Paragraph | None:
    before, after = _words_of(old), _words_of(new)
    return diff_lines(before, after) if before != after else None


def _classify(
    before: Version,
    after: Version,
    *,
    images: Sequence[ComparedFile],
    files: Sequence[ComparedFile],
    numbers: Sequence[NumberChange],
) -> list[str]:
    """Classify the change as the archive does for two revisions in a row."""
    fields = [
        name for name in ("title", "published_on") if (getattr(before, name) or "") != (getattr(after, name) or "")
    ]
    if any(one.kind not in ("kept", "renamed") for one in images):
        fields.append("images")
    if any(one.kind != "kept" for one in files):
        fields.append("attachments")
    return classify_change(fields, _texts(before), after=_texts(after), numbers=numbers)


def _texts(version: Version) -> list[str | None]:
    captions = "\n".join(image.caption for image in version.images if image.caption is not None)
    return [version.body, version.summary, captions, version.byline, version.source]
