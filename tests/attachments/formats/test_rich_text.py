"""Rich Text documents: fonts and their letters, signs as words, notes and text boxes, nothing that no page shows."""

import random
import time

import pytest

from crawler.attachments.formats.deleted import NOTE_ON_DELETED, NOTE_ON_HIDDEN
from crawler.attachments.formats.rich_text import read_rtf
from tests.support.attachments.legacy_letters import to_tcvn3, to_vni
from tests.support.attachments.metafiles import emf_font, emf_text, write_emf, write_wmf

FONTS = (
    rb"{\fonttbl{\f0\froman\fcharset0 Times New Roman{\*\falt Times};}{\f1\fcharset163 Arial (Vietnamese);}"
    rb"{\f2\fcharset0 .VnTime;}{\f3\fnil\fcharset2 VNI-Times;}{\f4\fcharset0 .VnTimeH;}{\f5\fcharset128 MS Mincho;}}"
)


def document(body: bytes, head: bytes = rb"\ansi\ansicpg1252\deff0") -> bytes:
    return rb"{\rtf1" + head + FONTS + body + b"}"


def escape(text: str, encoding: str) -> bytes:
    return b"".join(b"\\'%02x" % byte if byte > 127 else bytes([byte]) for byte in text.encode(encoding))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            rb"{\header S\u7889? trang\par}b\u224?i {\footnote ch\u250? th\u237?ch} sau\par x",
            "Số trang\nbài sau\nchú thích\nx",
        ),
        (rb"m\u7897?t\page hai {\pntext 1.\tab}ba\sect b\u7889?n", "một\n\nhai 1. ba\n\nbốn"),
        (rb"{\trowd\intbl\cellx9 a\cell b\par c\nestcell d\cell\row}\pard e", "a b c d\ne"),
        (rb'{\field{\*\fldinst{HYPERLINK "http://a.vn"}}{\fldrslt{\ul c\u7893?ng}}} sau', "cổng sau"),
        (rb"\ldblquote a\rdblquote \endash  L\u224?o\_Cai C:\\page", "“a”– Lào-Cai C:\\page"),
        (rb"2010\endash 2015, 2\emdash 9, a\endash{}b, 5\ENDASH 6, QD\'96UBND", "2010–2015, 2—9, a–b, 5–6, QD–UBND"),
        (rb"{\fonttbl\f0\fcharset78 HiraKaku;}\f0 \'93\'c7\'82\'dd", "読み"),
        (rb"{\fonttbl\f0\fcharset2 Symbol;}\f0 a\'b3b\'b7\f1 \'b3", "α≥β•³"),
        (rb"\u-10179?\u-8704? x", "😀 x"),
        (rb"a{\uc2 \u7889\'e1\'bb b\u224\ldblquote\'e0c}{\uc0\u7889 d}", "aố bàcốd"),
        (b"{\\pict " + b"0123456789abcdef\n" * 90_000 + b"}tin th\xf4", "tin thô"),
        (rb"{\pict\bin9 }}}}{{{{\}tin{\pict\bin3 {{{}c\u361?", "tincũ"),
        (rb"{\PrFont34 a}\Width1980 \clFitText b{\*\Unknown34 c\par d}\par\n", "ab"),
        (
            rb"{\b\*\cs7 tin}{\*\cs8 kh\u244?ng}{\deleted xo\u225?}{\info{\upr{\title a}{\*\ud{\title b}}}}",
            "tin\n[-xoá-]",
        ),
        (rb"{\upr{? ?}{\*\ud{H\u7891? s\u417?}}}", "Hồ sơ"),
        (
            rb"x{\shp{\*\shpinst\shpleft1{\sp{\sn a}{\sv 1}}{\shptxt S\u7889?: 5\par}}"
            rb"{\shprslt{\dptxbxtext S 5}}} y\par z",
            "x y\nSố: 5\nz",
        ),
        (rb"{\*\atnid AB}{\*\annotation g\u243?p \u253?}v\u259?n b\u7843?n", "văn bản\ngóp ý"),
        (rb"{\stylesheet{\s0 Normal;}}{\*\generator Word;}{\info{\author Ai}}tin{\xe ch\'fa m\'fc}", "tin"),
        (rb"tin\~b\-\u225?o\line{}hai" + b"\\\nba", "tin báo\nhai\nba"),
    ],
)  # fmt: skip
def test_rich_text_gives_what_its_pages_show(body: bytes, text: str) -> None:
    assert read_rtf(document(body)).text == text


def test_a_document_that_was_cut_is_doubted_and_one_with_deletions_has_a_note() -> None:
    whole = document(rb"m\u7897?t{\b hai}")
    assert (read_rtf(whole).doubts, read_rtf(whole).detail) == ((), None)
    cut = read_rtf(whole[: whole.index(b"hai") + 2])
    assert (cut.text, cut.doubts, cut.detail) == ("mộtha", ("structure",), "the end of the file is missing")
    changed = read_rtf(document(rb"a{\deleted x\par y}{\deleted  z}\par b"))
    assert (changed.text, changed.detail) == ("a\nb\n[-x-]\n[-y z-]", NOTE_ON_DELETED)


def test_hidden_text_stands_at_the_end_with_a_note() -> None:
    hidden = read_rtf(document(rb"a{\v x}\par b\v  y\v0  c\v z\plain  d{\v{\*\bkmkstart k}{\xe e}}"))
    assert (hidden.text, hidden.detail) == ("a\nb c d\n[-x-]\n[-y z-]", NOTE_ON_HIDDEN)
    assert read_rtf(document(rb"a{\v x\par }b")).text == "a\nb\n[-x-]"


@pytest.mark.parametrize("font", [b"\\f1", b"\\plain\\f1\\fs28", b"\\loch\\af0\\hich\\f1"])
def test_the_character_set_of_a_font_decodes_its_bytes(font: bytes) -> None:
    words = escape("đâ\u0300u tư xây dư\u0323ng", "cp1258")
    assert read_rtf(document(font + b" " + words + rb"{\f0 caf\'e9}")).text == "đầu tư xây dựngcafé"
    assert read_rtf(document(b"{" + font + b" " + words + b"}{\\f5" + rb"\'93\'fa\'96\'7b" + b"}")).text == (
        "đầu tư xây dựng日本"
    )
    # Half a letter is a sign of the document's code page: a bullet.
    assert read_rtf(document(rb"{\f5\'96} Nam")).text == "– Nam"


def test_the_code_page_of_the_document_decodes_what_no_font_says() -> None:
    head = rb"{\rtf1\ansi\ansicpg1258{\fonttbl{\f0 Arial;}}\f0 "
    assert read_rtf(head + escape("đâ\u0300u tư", "cp1258") + b"}").text == "đầu tư"
    assert read_rtf(rb"{\rtf1\ansi\ansicpg65001 " + "đầu tư".encode() + b"}").text == "đầu tư"
    assert read_rtf(rb"{\rtf1\ansi\ansicpg99999 caf\'e9}").text == "café"
    assert read_rtf(rb"{\rtf1\mac caf\'8e}").text == "café"


def test_legacy_letters_are_decoded_by_the_font_of_each_run() -> None:
    body = b" ".join([
        rb"{\f2 " + escape(to_tcvn3("được"), "latin-1") + b"}", rb"{\f3 " + escape(to_vni("người"), "latin-1") + b"}",
        rb"S\u7889?", rb"{\f4 " + escape(to_tcvn3("cộng hoà"), "latin-1") + b"}", rb"{\f2 th\-}",
    ])  # fmt: skip
    assert read_rtf(document(body)).text == "được người Số CỘNG HOÀ thư"


def test_pages_are_told() -> None:
    assert read_rtf(document(rb"m\page hai\page ba")).page_starts == (0, 3, 8)


def test_damaged_documents_end_soon_in_a_text_or_a_reason() -> None:
    chance = random.Random(7)
    whole = bytearray(
        document(rb"{\f2 a\'ad}{\*\shpinst{\shptxt x}}{\field{\*\fldinst y}{\fldrslt z}}\u7889?\uc9\bin3 abc\par " * 9)
    )
    for _ in range(300):
        spoilt = bytearray(whole)
        for _ in range(5):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        reading = read_rtf(bytes(spoilt[: chance.randrange(len(spoilt))]))
        assert reading.text or reading.reason


def test_a_million_groups_take_seconds() -> None:
    begun = time.process_time()
    read_rtf(b"{\\rtf1" + b"{" * 200_000 + b"a" + b"}" * 200_000 + b"\\u7889?" * 50_000)
    assert time.process_time() - begun < 10


def test_the_words_of_metafiles_are_read_behind_the_text() -> None:
    chart = write_emf(emf_font("Arial"), emf_text("Thu 48213", 0, 0)).hex().encode()
    older = write_wmf([("Thu 48213", 0, 0)])
    body = (
        rb"S\u7889?: 5/TB{\*\shppict{\pict{\*\picprop{\sp{\sn a}{\sv 0123456789abcdef}}}\picw9\emfblip\bliptag7"
        rb"{\*\blipuid 0123456789abcdef0123456789abcdef}" + b"\n" + chart[:300] + b"\r\n" + chart[300:] + b"}}"
        rb"{\nonshppict{\pict\wmetafile8\picw9\bin" + b"%d " % len(older) + older + b"}}\\par sau"
    )
    assert read_rtf(document(body)).text == "Số: 5/TB\nsau\nThu 48213"


def test_a_picture_without_bytes_loses_no_text() -> None:
    body = rb"a{\pict\emfblip}{\pict\wmetafile8 zz" + b"f" * 90 + rb"}b{\pict\pngblip " + b"0f" * 90 + b"}"
    assert read_rtf(document(body)).text == "ab"
