"""Pages in legacy letters: their texts and shown attributes are decoded, nothing else is touched."""

import time

from crawler.language.legacy.markup import decode_markup
from tests.support.attachments.legacy_letters import to_tcvn3

WORDS = "Cộng hoà xã hội chủ nghĩa Việt Nam, được người trưởng thành"


def test_scripts_comments_and_addresses_stay_as_they_are() -> None:
    kept = (
        "<!-- ®îc -->", "<script>var a = '®îc < ng\u00adêi';</script>", "<style>.®îc{}</style>",
        '<a href="/®îc?a=1&amp;b=2" data-title="®îc">',
    )  # fmt: skip
    page = f"{''.join(kept)}<p>{to_tcvn3(WORDS)}</p>"
    assert decode_markup(page) == f"{''.join(kept)}<p>{WORDS}</p>"


def test_attributes_that_are_shown_are_decoded_and_stay_within_their_quotes() -> None:
    page = f"<meta content='{to_tcvn3(WORDS)}'><img alt=\"{to_tcvn3('&quot;được&quot; <')}\"><p>{to_tcvn3(WORDS)}</p>"
    assert decode_markup(page) == f'<meta content="{WORDS}"><img alt="&quot;được&quot; &lt;"><p>{WORDS}</p>'


def test_signs_of_markup_in_a_decoded_text_stay_signs_of_a_text() -> None:
    assert decode_markup(f"<p>{to_tcvn3(WORDS)} &lt;b&gt; &amp; &quot;</p>") == f"<p>{WORDS} &lt;b&gt; &amp; &quot;</p>"


def test_hostile_pages_take_seconds() -> None:
    begun = time.process_time()
    for piece in ("<font face=.VnTime>®îc", "<!--®îc", "<script ®îc", "<®îc", "</b>®îc<b>", "<p alt='®îc"):
        decode_markup(piece * 10_000)
    assert time.process_time() - begun < 5


def test_a_page_in_a_legacy_font_that_lost_a_letter_has_it_back() -> None:
    lost = to_tcvn3("trưởng thôn được cử").replace("\u00ad", "")
    assert decode_markup(f"<p style='font-family:.VnTime'>{lost}</p>").endswith(">trưởng thôn được cử</p>")
