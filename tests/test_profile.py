"""A portal's profile: what is accepted, what is refused, and with which message."""

from base64 import b64encode
from pathlib import Path

import pytest

from crawler.errors import ProfileError
from crawler.profile import bundled_profile_names, load_profile, parse_profile, render_profile, restore_profile
from tests.support.build import PROFILE_TOML, make_profile

REQUIRED = {"name": '"sapa"', "title": '"Sa Pa"', "cms": '"vnpt"', "base_url": '"https://sapa.example.vn/"'}


def toml(**keys: str) -> str:
    return "\n".join(f"{key} = {value}" for key, value in (REQUIRED | keys).items())


def refusal(text: str) -> str:
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "p.toml")
    message = str(caught.value)
    assert message.startswith("p.toml: ")
    assert "\n" not in message
    return message


def test_four_keys_suffice_and_the_rest_has_the_contracts_defaults() -> None:
    profile = parse_profile(toml())
    assert (profile.pace.delay_seconds, profile.pace.concurrency) == (1.0, 2)
    assert profile.tls.verify
    assert profile.schedule.cron == "30 1 * * *"
    assert profile.removal.nights == 3
    assert profile.robots == "obey"
    assert profile.timezone == "Asia/Ho_Chi_Minh"
    assert profile.listings is None


@pytest.mark.parametrize("key", sorted(REQUIRED))
def test_a_missing_required_key_is_named(key: str) -> None:
    text = "\n".join(f"{name} = {value}" for name, value in REQUIRED.items() if name != key)
    assert f"key `{key}`: missing" in refusal(text)


def test_an_unknown_key_is_refused_with_the_known_ones() -> None:
    message = refusal(toml(colour='"red"'))
    assert "key `colour`: unknown" in message
    assert "asset_hosts" in message


def test_an_unknown_key_of_a_table_is_refused_with_its_known_ones() -> None:
    message = refusal(toml() + "\n[pace]\ndelay = 2\n")
    assert "key `pace.delay`: unknown" in message
    assert "delay_seconds" in message


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ({"name": '"Sa Pa"'}, "name"),
        ({"name": '""'}, "name"),
        ({"name": '"sapa\\n"'}, "name"),
        ({"title": '""'}, "title"),
        ({"title": "7"}, "title"),
        ({"cms": '"joomla"'}, "cms"),
        ({"base_url": '"sapa.example.vn"'}, "base_url"),
        ({"base_url": '"ftp://sapa.example.vn/"'}, "base_url"),
        ({"base_url": '"https://sapa.example.vn/tin-tuc"'}, "base_url"),
        ({"base_url": '"https://sapa.example.vn/?a=b"'}, "base_url"),
        ({"base_url": '"https://user:word@sapa.example.vn/"'}, "base_url"),
        ({"base_url": '"https://sapa.example.vn:99999/"'}, "base_url"),
        ({"listings": '"/tin-tuc"'}, "listings"),
        ({"listings": "[]"}, "listings"),
        ({"listings": '["tin-tuc"]'}, "listings"),
        ({"listings": '["//elsewhere.vn/tin-tuc"]'}, "listings"),
        ({"listings": "[3]"}, "listings"),
        ({"asset_hosts": '["https://storage.example.vn"]'}, "asset_hosts"),
        ({"asset_hosts": '["storage.example.vn:0"]'}, "asset_hosts"),
        ({"asset_hosts": '["storage.example.vn/"]'}, "asset_hosts"),
        ({"timezone": '"Asia/Sa_Pa"'}, "timezone"),
        ({"timezone": '""'}, "timezone"),
        ({"timezone": '"../../etc/passwd"'}, "timezone"),
        ({"robots": '"ignore"'}, "robots"),
        ({"robots": '"record"'}, "robots_reason"),
        ({"robots": '"record"', "robots_reason": '" "'}, "robots_reason"),
        ({"contact": '"a b@example.vn"'}, "contact"),
        ({"contact": '"a@example.vn\\r\\nX-Evil: 1"'}, "contact"),
        ({"moved_from": '["https://sapa.example.vn/"]'}, "moved_from"),
        ({"moved_from": '["old"]'}, "moved_from"),
    ],
)
def test_a_wrong_value_is_refused_by_its_key(keys: dict[str, str], key: str) -> None:
    assert f"key `{key}" in refusal(toml(**keys))


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("pace", "delay_seconds = -1"),
        ("pace", "delay_seconds = 3601"),
        ("pace", "delay_seconds = nan"),
        ("pace", "delay_seconds = inf"),
        ("pace", 'delay_seconds = "1"'),
        ("pace", "concurrency = 0"),
        ("pace", "concurrency = 17"),
        ("pace", "concurrency = 1.5"),
        ("pace", "concurrency = true"),
        ("tls", 'verify = "yes"'),
        ("tls", 'pins = "sha256//"'),
        ("tls", 'pins = {"a.vn" = 7}'),
        ("tls", f'pins = {{a.vn = "{"0" * 64}"}}'),
        ("tls", 'pins = {"a.vn" = []}'),
        ("tls", 'pins = {"a.vn" = ""}'),
        ("tls", 'pins = {"a.vn" = "sha256//AAAA"}'),
        ("tls", f'pins = {{"a.vn" = "sha1//{"A" * 43}="}}'),
        ("tls", f'pins = {{"a.vn" = ["{"A" * 43}=", "{"0" * 63}"]}}'),
        ("tls", f'pins = {{"https://a.vn" = "{"0" * 64}"}}'),
        ("removal", "nights = 0"),
        ("schedule", 'cron = "daily"'),
        ("schedule", 'cron = "30 1 * *"'),
        ("schedule", 'cron = "30 1 * * * *"'),
        ("schedule", 'cron = "30 1 * * mon"'),
        ("schedule", 'cron = "30 1 * * *\\n"'),
        ("limits", "page_bytes = 0"),
        ("rights", "notice = 3"),
    ],
)
def test_a_wrong_value_of_a_table_is_refused_by_its_key(table: str, line: str) -> None:
    key = line.split(" ")[0]
    assert f"key `{table}.{key}" in refusal(f"{toml()}\n[{table}]\n{line}\n")


@pytest.mark.parametrize(
    "cron", ["60 1 * * *", "30 24 * * *", "30 1 32 * *", "30 1 * 13 *", "30 1 * * 8", "5-1 1 * * *"]
)
def test_a_cron_field_out_of_its_range_is_refused_by_its_key(cron: str) -> None:
    assert "key `schedule.cron`" in refusal(f'{toml()}\n[schedule]\ncron = "{cron}"\n')


def test_a_whole_number_is_a_delay_too() -> None:
    assert parse_profile(toml() + "\n[pace]\ndelay_seconds = 0\n").pace.delay_seconds == 0


def test_what_is_not_toml_is_refused_as_such() -> None:
    assert "not TOML" in refusal("name = ")


def test_a_table_where_a_value_belongs_is_refused() -> None:
    assert "key `pace`" in refusal(toml(pace="1"))


def test_origin_is_lower_case_and_keeps_the_port() -> None:
    profile = parse_profile(toml(base_url='"http://SaPa.Example.vn:8080/"'))
    assert profile.origin == "http://sapa.example.vn:8080"


def test_file_hosts_are_the_systems_known_stores_unless_named() -> None:
    assert parse_profile(toml()).file_hosts == ("storage-vnportal.vnpt.vn", "storage-edu.vnpt.vn")
    assert parse_profile(toml(asset_hosts='["[::1]:80"]')).file_hosts == ("[::1]:80",)
    assert parse_profile(toml(asset_hosts="[]")).file_hosts == ()


def test_a_rendered_profile_is_restored_equal() -> None:
    profile = make_profile('moved_from = ["http://old.vn/"]\nlistings = ["/a"]\n[rights]\nnotice = "Đã đăng"\n')
    assert restore_profile(render_profile(profile)) == profile


def test_pins_are_read_in_every_form_and_found_by_host_and_port() -> None:
    digest = bytes(range(32))
    base64 = b64encode(digest).decode()
    forms = [f"sha256//{base64}", f"sha256/{base64}", base64, f"sha256:{digest.hex()}", digest.hex().upper()]
    pins = "\n".join(f'"h{number}.vn" = "{form}"' for number, form in enumerate(forms))
    profile = make_profile(f'[tls.pins]\n{pins}\n"H.vn:8443" = ["{"0" * 64}", "{base64}"]\n"[::1]:443" = "{base64}"\n')
    for number in range(len(forms)):
        assert profile.tls.pins_of(f"https://h{number}.vn/tin") == (digest,)
        assert profile.tls.pins_of(f"https://h{number}.vn:8443/tin") == (digest,)
    assert profile.tls.pins_of("https://h.vn:8443/") == (bytes(32), digest)
    assert profile.tls.pins_of("https://[::1]/") == (digest,)
    assert profile.tls.pins_of("https://h.vn/") == profile.tls.pins_of("https://[::1]:8443/") == ()
    assert restore_profile(render_profile(profile)) == profile


def test_every_bundled_profile_loads_under_its_own_name() -> None:
    names = bundled_profile_names()
    assert "sapa" in names
    assert [load_profile(name).name for name in names] == names


def test_a_profile_is_loaded_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "here.toml"
    path.write_text(PROFILE_TOML, encoding="utf-8")
    assert load_profile(str(path)) == make_profile()


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match="sapa"):
        load_profile("nowhere")


def test_a_missing_file_a_folder_and_binary_bytes_are_refused_by_path(tmp_path: Path) -> None:
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "none.toml", tmp_path, binary):
        with pytest.raises(ProfileError, match=str(path)):
            load_profile(str(path))
