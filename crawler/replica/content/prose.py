"""Compose Vietnamese administrative prose from templates. The random generator determines everything."""

import re
import unicodedata
from collections.abc import Callable
from random import Random

from crawler.replica.content import vocabulary
from crawler.replica.content.topics import Topic

_TONE_PAIRS = "òaoà óaoá ỏaoả õaoã ọaoạ òeoè óeoé ỏeoẻ ùyuỳ úyuý ủyuỷ ũyuỹ ụyuỵ ỦyUỷ ÒaOà"
_OLD_TO_NEW_TONE = {pair[:2]: pair[2:] for pair in _TONE_PAIRS.split()}
_TONE_AT_WORD_END = re.compile("(" + "|".join(_OLD_TO_NEW_TONE) + r")(?!\w)")


def _commune(rng: Random) -> str:
    return rng.choice(vocabulary.COMMUNES)


def _person(rng: Random) -> str:
    return f"{rng.choice(vocabulary.SURNAMES)} {rng.choice(vocabulary.GIVEN)}"


def _large(rng: Random) -> str:
    number = rng.randint(101, 9800)
    return f"{number:,}".replace(",", ".")


def _money(rng: Random) -> str:
    if rng.random() < 0.5:
        return f"{rng.randint(1, 95)},{rng.randint(1, 9)} tỷ đồng"
    return f"{rng.randint(20, 980)} triệu đồng"


def _document(rng: Random) -> str:
    kind, code = rng.choice(
        (
            ("Quyết định số", "QĐ-UBND"),
            ("Kế hoạch số", "KH-UBND"),
            ("Công văn số", "UBND-VX"),
            ("Thông báo số", "TB-UBND"),
        )
    )
    return f"{kind} {rng.randint(12, 3900)}/{code} ngày {_full_day(rng)}"


def _resolution(rng: Random) -> str:
    return f"Nghị quyết số {rng.randint(5, 60):02d}-NQ/{rng.choice(('TW', 'HU', 'TU'))}"


def _day(rng: Random) -> str:
    return f"{rng.randint(1, 28)}/{rng.randint(1, 12)}"


def _full_day(rng: Random) -> str:
    return f"{rng.randint(1, 28)}/{rng.randint(1, 12)}/{rng.randint(2017, 2024)}"


_MAKERS: dict[str, Callable[[Random], str]] = {
    "xa": _commune,
    "ban": lambda rng: rng.choice(vocabulary.VILLAGES),
    "nguoi": _person,
    "chuc": lambda rng: rng.choice(vocabulary.ROLES),
    "dv": lambda rng: rng.choice(vocabulary.UNITS),
    "so": lambda rng: f"{rng.randint(2, 96):02d}",
    "lon": _large,
    "tien": _money,
    "pt": lambda rng: f"{rng.randint(41, 99)},{rng.randint(1, 9)}%",
    "ngay": _day,
    "ngaydu": _full_day,
    "thang": lambda rng: str(rng.randint(1, 12)),
    "nam": lambda rng: str(rng.randint(2019, 2025)),
    "vb": _document,
    "nq": _resolution,
    "cay": lambda rng: rng.choice(vocabulary.CROPS),
    "con": lambda rng: rng.choice(vocabulary.HERDS),
    "truong": lambda rng: rng.choice(vocabulary.SCHOOLS),
    "le": lambda rng: rng.choice(vocabulary.FESTIVALS),
    "hang": lambda rng: str(rng.randint(1, 4)),
    "dt": lambda rng: f"{rng.randint(3200000, 3899999)}",
}


class _TemplateValues(dict[str, str]):
    """Fills the slots of a template. A slot with a digit at the end of its name keeps its value."""

    def __init__(self, rng: Random) -> None:
        super().__init__()
        self.rng = rng

    def __missing__(self, key: str) -> str:
        value = _MAKERS[key.rstrip("0123456789")](self.rng)
        if key[-1].isdigit():
            self[key] = value
        return value

    def fill(self, template: str) -> str:
        """Return the template with every slot filled."""
        return template.format_map(self)


class Writer:
    """Writes the parts of one article about one topic, without repeating a sentence."""

    def __init__(self, topic: Topic, rng: Random) -> None:
        self.topic = topic
        self.rng = rng
        self.values = _TemplateValues(rng)
        self._left: list[str] = []

    def _sentence(self) -> str:
        if not self._left:
            self._left = [*self.topic.sentences, *vocabulary.COMMON]
            self.rng.shuffle(self._left)
        return self.values.fill(self._left.pop())

    def title(self) -> str:
        """Return a title, long enough for the 96 character cut in a third of all cases."""
        title = self.values.fill(self.rng.choice(self.topic.titles))
        if self.rng.random() < 0.34:
            title += self.values.fill(self.rng.choice(vocabulary.LONG_TAILS))
        return title

    def lead(self) -> str:
        """Return the paragraph that opens the article."""
        return self.values.fill(self.rng.choice(self.topic.leads))

    def paragraph(self, low: int = 2, high: int = 4) -> str:
        """Return a paragraph of `low` to `high` sentences, always longer than a caption."""
        return " ".join(self._sentence() for _ in range(self.rng.randint(low, high)))

    def long_paragraph(self) -> str:
        """Return a paragraph too long for a caption: over 300 characters."""
        text = self.paragraph(3, 4)
        while len(text) < 300:
            text += " " + self._sentence()
        return text

    def caption(self) -> str:
        """Return a caption: short, mostly without a full stop."""
        text = self.values.fill(self.rng.choice(self.topic.captions))
        return text + "." if self.rng.random() < 0.15 else text

    def summary(self) -> str:
        """Return the sapo: one or two sentences."""
        return f"(TS) - {self.lead()}" if self.rng.random() < 0.3 else f"{self.lead()} {self._sentence()}"

    def items(self, count: int) -> tuple[str, ...]:
        """Return the lines of a list."""
        return tuple(self.values.fill(item) for item in self.rng.sample(vocabulary.ITEMS, count))

    def rows(self, count: int) -> tuple[tuple[str, ...], ...]:
        """Return a table of data with its head row: number, commune, households, money."""
        head = ("STT", "Xã, thị trấn", "Số hộ", "Kinh phí")
        communes = self.rng.sample(vocabulary.COMMUNES, count)
        body = tuple((str(n), name, _large(self.rng), _money(self.rng)) for n, name in enumerate(communes, 1))
        return (head, *body)


def mix_tones(text: str, rng: Random, *, share: float) -> str:
    """Return the text with that share of its old tone marks (hòa, ủy) set the new way (hoà, uỷ).

    >>> mix_tones("Thị ủy hòa giải, hoàn toàn", Random(1), share=1.0)
    'Thị uỷ hoà giải, hoàn toàn'
    """
    return _TONE_AT_WORD_END.sub(lambda m: _OLD_TO_NEW_TONE[m[1]] if rng.random() < share else m[1], text)


def leave_typos(text: str, rng: Random) -> str:
    """Return the text as a hurried editor leaves it: double space, extra comma, missing letter or word."""
    slip = rng.randrange(5)
    if slip == 0:
        return text.replace(" ", "  ", 3)
    if slip == 1:
        return text.replace(", ", ",; ", 1)
    if slip == 2:
        return text.replace("Trung", "Trng", 1).replace("trong", "trog", 1)
    if slip == 3:
        return text.replace("Nghị quyết", "quyết", 1).replace(" và ", " và và ", 1)
    return text.replace(". ", ".", 1)


def slugify(text: str) -> str:
    """Return the slug of a title: without marks, đ to d, lower case, hyphens, not cut.

    >>> slugify("Hội nghị 25-NQ/TW “Đổi mới”")
    'hoi-nghi-25-nq-tw-doi-moi'
    """
    flat = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    plain = "".join(char for char in flat if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def normalise(text: str) -> str:
    r"""Return the text in the contract's form: NFC, NBSP as space, runs of space as one.

    >>> normalise("a\u00a0\u00a0 b\n")
    'a b'
    """
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
