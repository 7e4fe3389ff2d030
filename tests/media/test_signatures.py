"""The archive, the readers of attachments and the site share one table of first bytes."""

from io import BytesIO

import pytest
from PIL import Image

from crawler.attachments.formats.kinds import find_kind
from crawler.media.signatures import sniff_media_type
from crawler.web.served_files import picture_or_font_type


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "ICO", "AVIF"])
def test_a_picture_that_pillow_writes_has_the_type_that_pillow_names(kind: str) -> None:
    out = BytesIO()
    Image.new("RGB", (16, 16)).save(out, kind)
    assert sniff_media_type(out.getvalue()) == Image.MIME[kind]
    assert picture_or_font_type("text/html", out.getvalue()) == Image.MIME[kind]


def test_sound_in_the_container_of_webp_is_no_picture() -> None:
    sound = b"RIFF\x24\x00\x00\x00WAVEfmt "
    assert sniff_media_type(sound) is None
    assert find_kind(sound, "hop-dan.wav") == "other"
