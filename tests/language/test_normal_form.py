"""Normal forms: those of the library for every text, in linear time, and no module that asks the library itself."""

import random
import unicodedata
from pathlib import Path

import pytest

import crawler
from crawler.language.normal_form import compose, decompose
from crawler.language.text import contains_marks, fold_and_mark, normalize_text

MARKS = [letter for letter in map(chr, range(0x110000)) if unicodedata.combining(letter)]
# Starters that compose, decompose into marks alone (U+0F73), or take part in no run.
OTHERS = list("aeAôệ \u0f73\u0f75\u0f81\uac00\U00012000\U0001d15e")


@pytest.mark.parametrize("kinds", [2, 5, 50])
def test_every_text_has_the_form_that_the_library_makes(kinds: int) -> None:
    chance = random.Random(kinds)
    for _ in range(60):
        letters = chance.sample(MARKS + OTHERS * 20, kinds)
        text = "".join(chance.choices(letters, k=1100)) + "e" + "".join(chance.choices(MARKS, k=300))
        assert compose(text) == unicodedata.normalize("NFC", text)
        assert decompose(text) == unicodedata.normalize("NFD", text)


# The library alone would take minutes for each.
@pytest.mark.parametrize("run", ["\u0323\u0301", "\u0f73", "\u05b0\u0301\u0323", "\U0001d165\u0301\u0334"])
def test_200000_marks_behind_one_letter_stay_in_canonical_order(run: str) -> None:
    text = "e" + run * (200_000 // len(run))
    marks = list(map(unicodedata.combining, decompose(text)))
    assert marks == sorted(marks)
    assert len(normalize_text(text)) > 199_000
    assert contains_marks(text) is (run != "\u0f73")  # no mark of Latin letters
    assert fold_and_mark(text)[0].startswith("e")


def test_no_other_module_asks_the_library_for_a_normal_form() -> None:
    root = Path(crawler.__file__).parent
    asking = [
        path.relative_to(root).as_posix() for path in root.rglob("*.py") if "unicodedata.normalize" in path.read_text()
    ]
    assert [path for path in asking if not path.startswith("replica/")] == ["language/normal_form.py"]


@pytest.mark.parametrize("before", range(1000, 1031))
def test_a_long_run_is_put_in_order_wherever_it_begins(before: int) -> None:
    text = "ấ" * before + "e" + "\u0301\u0323" * 15_000
    # The library alone takes a second for each.
    assert decompose(text) == decompose("ấ" * before) + "e" + "\u0323" * 15_000 + "\u0301" * 15_000


def test_paragraphs_have_the_normal_form_of_their_words() -> None:
    words = ["Ủy", "ban  nhân", "a\u0323\u0302", "", "đ"]
    for parting in ("\n\n", "\n", "  \n ", "\u00a0\n", "\u200b\n"):
        assert normalize_text(parting.join(words)) == "Ủy ban nhân ậ đ"
