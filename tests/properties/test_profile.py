"""What holds for every profile: it is refused in words, or read the same after it was kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from crawler.errors import ProfileError
from crawler.profile import Profile, parse_pin, parse_profile, render_profile, restore_profile
from tests.support.hostile.examples import PROPERTY, TEXTS, URLS

_WHOLE = {"name": '"a"', "title": '"A"', "cms": '"vnpt"', "base_url": '"https://a.vn/"'}
_KEYS = (
    "name", "title", "cms", "base_url", "listings", "asset_hosts", "timezone", "robots", "robots_reason", "contact", "moved_from", "pace",
    "pace.delay_seconds", "pace.concurrency", "tls.verify", "tls.pins", "schedule.cron", "schedule.jitter_minutes", "removal.nights",
    "expect.articles", "rights.notice", "limits.page_bytes", "limits.disk_reserve_bytes", "khong.co", "''", "\"\\u0000\"",
)  # fmt: skip
_PLAIN = (
    "1", "-1", "0", "1e999", "-0.0", "nan", "inf", "9223372036854775808", "true", "[]", "[[]]", "{}", '""', '"²"', '"Asia/Ho_Chi_Minh"', '"../../etc/passwd"',
    '"/dev/null"', '"30 1 * * *"', '"* * * * * *"', '"99 99 99 99 99"', '"0 0 30 2 *"', "1979-05-27", "'''\n'''", '{"a" = "b"}', '{"a.vn" = "²"}', '["//a"]', '["/a"]',
)  # fmt: skip


def _quoted(text: str) -> str:
    return (
        '"'
        + "".join(f"\\U{ord(letter):08x}" if letter in '"\\' or not letter.isprintable() else letter for letter in text)
        + '"'
    )


VALUES = some.one_of(
    some.sampled_from(_PLAIN), TEXTS.map(_quoted), URLS.map(_quoted), URLS.map(lambda url: f"[{_quoted(url)}]")
)
CHANGES = some.dictionaries(some.sampled_from(_KEYS), VALUES, max_size=3)


@PROPERTY
@given(CHANGES)
def test_a_profile_is_read_or_refused_in_words(changes: dict[str, str]) -> None:
    written = _WHOLE | changes
    text = "\n".join(f"{key} = {value}" for key, value in written.items())
    profile, refusal = _attempt(text)
    if profile is None:
        assert refusal.startswith("a.toml: ")
        return
    assert restore_profile(render_profile(profile)) == profile
    assert profile.origin.startswith("http")


def _attempt(text: str) -> tuple[Profile | None, str]:
    try:
        return parse_profile(text, "a.toml"), ""
    except ProfileError as error:
        return None, str(error)


@PROPERTY
@given(some.one_of(TEXTS, some.text('[]{}=."\n#\\ua1', max_size=40)))
def test_any_text_is_no_crash(text: str) -> None:
    with pytest.raises(ProfileError):
        parse_profile(text)


@PROPERTY
@given(some.one_of(TEXTS, some.text("sha256/:AZaz09+=", min_size=40, max_size=66)))
def test_a_pin_is_32_bytes_or_none(text: str) -> None:
    assert len(parse_pin(text) or bytes(32)) == 32
