"""Tell Vietnamese syllables from other words, by their spelling. Pure."""

import re
import unicodedata
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_ANY_TONE = re.compile(f"[{_TONES}]")
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_RIMES = """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong
    op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uân uâng uât uây uc uê uêch uên uênh uêt ui um un ung uơ uôc uôi uôm uôn uông uôt up ut uy uya uych uyên uyêt
    uyn uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ưt ưu ươ ươc ươi ươm ươn ương ươp ươt ươu y ynh yt ych yêm yên yêng yêt
    yêu
"""
_SYLLABLE = re.compile(f"(?:{'|'.join(_ONSETS.split())})?(?:{'|'.join(_RIMES.split())})|gi|gi[mnpt]|giêc|giêng|giêt")
_STOPPED = re.compile("(?:c|ch|p|t)$")
_LONGEST = 7  # nghiêng
_STOP_TONES = ("\u0301", "\u0323")


def is_syllable(word: str) -> bool:
    """Tell whether a word is spelled as a Vietnamese syllable. Its case and the place of its tone do not matter.

    >>> [is_syllable(word) for word in ("người", "Hoà", "hóa", "UBND", "für", "cộng", "các", "cac")]
    [True, True, True, False, False, True, True, False]
    """
    return _is_syllable(word.lower())


@lru_cache(65_536)
def _is_syllable(word: str) -> bool:
    letters = unicodedata.normalize("NFD", word)
    tones = _ANY_TONE.findall(letters)
    plain = unicodedata.normalize("NFC", _ANY_TONE.sub("", letters))
    if len(tones) > 1 or len(plain) > _LONGEST or not _SYLLABLE.fullmatch(plain):
        return False
    # A syllable that ends in a stop has the sharp or the heavy tone.
    return not _STOPPED.search(plain) or (bool(tones) and tones[0] in _STOP_TONES)
