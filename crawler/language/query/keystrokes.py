"""Read words typed with the keys of an input method that was off: Telex (`lowr`), VNI (`lo73`). Pure."""

import re

from crawler.language.normal_form import compose
from crawler.language.query.forms import is_syllable
from crawler.language.text import contains_marks

_WORD = re.compile("[a-z0-9]+", re.IGNORECASE)
_TONES = {"f": "\u0300", "r": "\u0309", "x": "\u0303", "s": "\u0301", "j": "\u0323"}
_TONES_VNI = dict(zip("21345", ("\u0300", "\u0301", "\u0309", "\u0303", "\u0323"), strict=True))
_LONGEST = 12  # keys: of "nghiêng", eleven
_HORNS, _ROOFS = {"a": "ă", "o": "ơ", "u": "ư"}, {"a": "â", "e": "ê", "o": "ô"}
_VOWELS = "aăâeêioôơuưy"
_LAST_VOWELS = re.compile(f"(?:^qu|^gi(?=[{_VOWELS}])|^[^{_VOWELS}]*)([{_VOWELS}]+)")


def read_keystrokes(text: str) -> str:
    """Return a text with the words that its keys spell; unchanged where they spell no Vietnamese syllable.

    >>> read_keystrokes("sat lowr ddaats"), read_keystrokes("sa5t lo73"), read_keystrokes("hats xyz covid19")
    ('sat lở đất', 'sạt lở', 'hát xyz covid19')
    """
    return _WORD.sub(lambda match: _read_word(match[0]), text)


def _read_word(word: str) -> str:
    # With a single letter it is a name: A4, m2.
    if not 3 <= len(word) <= _LONGEST or word.isdigit() or (word.isalpha() and is_syllable(word)):
        return word
    keys = word.lower()
    letters, tone = _press(keys, _TONES_VNI, by_digit=True) if not word.isalpha() else _press(keys, _TONES)
    spelled = _put_tone(letters, tone)
    return spelled if contains_marks(spelled) and spelled.isalpha() and is_syllable(spelled) else word


def _press(keys: str, tones: dict[str, str], *, by_digit: bool = False) -> tuple[str, str]:
    """Return the letters that keys give, and the tone."""
    letters, tone = "", ""
    for key in keys:
        if key in tones and re.search(f"[{_VOWELS}]", letters):
            tone = tones[key]
        elif (changed := _change_digit(letters, key) if by_digit else _change(letters, key)) != letters:
            letters = changed
        else:
            letters += key
    return letters, tone


def _change(letters: str, key: str) -> str:
    """Apply a key of Telex that changes a letter typed before it; the same letters if it does not."""
    if key == "w":
        return _put_horn(letters, "aou")
    if key == "d" and letters.startswith("d"):
        return f"đ{letters[1:]}"
    return _ROOFS[key].join(letters.rsplit(key, 1)) if key in _ROOFS else letters


def _change_digit(letters: str, key: str) -> str:
    if key == "9" and letters.startswith("d"):
        return f"đ{letters[1:]}"
    if key == "6":
        last = max(letters.rfind(letter) for letter in _ROOFS)
        return letters if last < 0 else f"{letters[:last]}{_ROOFS[letters[last]]}{letters[last + 1 :]}"
    return _put_horn(letters, {"7": "ou", "8": "a"}[key]) if key in "78" else letters


def _put_horn(letters: str, among: str) -> str:
    if "o" in among and "uo" in letters and not letters.startswith("quo"):
        return letters.replace("uo", "ươ", 1)
    if "ưo" in letters:
        return letters.replace("ưo", "ươ", 1)
    last = max(letters.rfind(letter) for letter in among)
    return letters if last < 0 else f"{letters[:last]}{_HORNS[letters[last]]}{letters[last + 1 :]}"


def _put_tone(letters: str, tone: str) -> str:
    """Put a tone on the vowel that carries it."""
    match = _LAST_VOWELS.match(letters)
    if not (tone and match):
        return letters
    start, vowels = match.start(1), match[1]
    marked = [place for place, letter in enumerate(vowels) if letter in "ăâêôơư"]
    is_open = match.end() == len(letters)
    place = marked[-1] if marked else len(vowels) - 1 if not is_open else max(len(vowels) - 2, 0)
    at = start + place + 1
    return compose(f"{letters[:at]}{tone}{letters[at:]}")
