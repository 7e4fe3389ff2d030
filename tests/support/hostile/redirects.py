"""Hostile ways to a page: redirects to foreign and internal addresses, mazes, walls without a door."""

from collections.abc import Callable

from tests.support.hostile.answers import Ask, Catalogue, Hostile, Steps, page, whole

_LOCATIONS: dict[str, Callable[[Ask], str | bytes]] = {
    "metadata": lambda _: "http://169.254.169.254/latest/meta-data/",
    "metadata-name": lambda _: "http://metadata.google.internal/computeMetadata/v1/",
    "other-port": lambda ask: f"http://{ask.trap}/",
    "other-port-by-name": lambda ask: f"http://localhost:{ask.trap.rpartition(':')[2]}/",
    "scheme-relative": lambda ask: f"//{ask.trap}/a",
    "three-slashes": lambda ask: f"http:///{ask.trap}/a",
    "backslashes": lambda ask: f"\\\\{ask.trap}\\a",
    "slash-backslash": lambda ask: f"/\\{ask.trap}/a",
    "https-backslash": lambda ask: f"http:\\\\{ask.trap}/a",
    "file": lambda _: "file:///etc/passwd",
    "ftp": lambda ask: f"ftp://{ask.trap}/a",
    "gopher": lambda ask: f"gopher://{ask.trap}/_GET%20/",
    "dict": lambda ask: f"dict://{ask.trap}/info",
    "javascript": lambda _: "javascript:alert(1)",
    "data": lambda _: "data:text/html,<h1>Thông báo</h1>",
    "userinfo-before": lambda ask: f"http://{ask.host}@{ask.trap}/a",
    "userinfo-password": lambda ask: f"http://u:p@{ask.trap}/a",
    "userinfo-at-twice": lambda ask: f"http://{ask.host}@a@{ask.trap}/a",
    "userinfo-hash": lambda ask: f"http://{ask.trap}#@{ask.host}/a",
    "userinfo-question": lambda ask: f"http://{ask.trap}?@{ask.host}/a",
    "userinfo-backslash": lambda ask: f"http://{ask.trap}\\@{ask.host}/a",
    "ipv6": lambda ask: f"http://[::1]:{ask.trap.rpartition(':')[2]}/a",
    "ipv6-mapped": lambda ask: f"http://[::ffff:127.0.0.1]:{ask.trap.rpartition(':')[2]}/a",
    "ipv6-zone": lambda _: "http://[fe80::1%25eth0]/a",
    "ipv6-broken": lambda _: "http://[::1/a",
    "ipv6-empty": lambda _: "http://[]/a",
    "decimal": lambda ask: f"http://2130706433:{ask.trap.rpartition(':')[2]}/a",
    "octal": lambda ask: f"http://0177.0.0.1:{ask.trap.rpartition(':')[2]}/a",
    "hexadecimal": lambda ask: f"http://0x7f.1:{ask.trap.rpartition(':')[2]}/a",
    "short": lambda ask: f"http://127.1:{ask.trap.rpartition(':')[2]}/a",
    "zero": lambda ask: f"http://0:{ask.trap.rpartition(':')[2]}/a",
    "wide-digits": lambda ask: f"http://①②⑦.⓪.⓪.①:{ask.trap.rpartition(':')[2]}/a",
    "wide-dot": lambda ask: f"http://127。0。0。1:{ask.trap.rpartition(':')[2]}/a",
    "punycode": lambda _: "http://xn--/a",
    "label-too-long": lambda _: f"http://{'a' * 70}.vn/a",
    "host-empty": lambda _: "http:///a",
    "port-0": lambda _: "http://127.0.0.1:0/a",
    "port-99999": lambda _: "http://127.0.0.1:99999/a",
    "port-superscript": lambda _: "http://127.0.0.1:²/a",
    "port-4301-digits": lambda _: f"http://127.0.0.1:{'9' * 4301}/a",
    "long": lambda ask: f"http://{ask.host}/" + "a" * 500_000,
    "nul": lambda ask: f"http://{ask.host}/\0a",
    "controls": lambda ask: f"http://{ask.host}/\x01\x1b\x7f",
    "injected": lambda ask: f"http://{ask.host}/a%0d%0aX-Injected:%201",
    "bare-cr": lambda ask: f"http://{ask.host}/a\rX-Injected: 1",
    "no-utf-8": lambda ask: f"http://{ask.host}/".encode() + b"\xed\xa0\x80\xff",
    "surrogate-escaped": lambda ask: f"http://{ask.host}/%ED%A0%80%FF",
    "only-hash": lambda _: "#",
    "only-blank": lambda _: " \t ",
    "brackets": lambda ask: f"http://{ask.host}/[[[]]]{{}}|^`<>",
}


def _to(write: Callable[[Ask], str | bytes], status: int = 302) -> Callable[[Ask], Steps]:
    def answer(ask: Ask) -> Steps:
        target = write(ask)
        line = target if isinstance(target, bytes) else target.encode()
        return whole("", b"Location: " + line, first=f"HTTP/1.1 {status} Found")

    return answer


def _maze(ask: Ask) -> Steps:
    path, _, room = ask.target.rpartition("/buong-")
    inside = int(room) + 1 if path and room.isdecimal() else 1
    base = path or ask.target
    return whole("", f"Location: {base}/buong-{inside}", first="HTTP/1.1 302 Found")


def _growing(ask: Ask) -> Steps:
    return whole(
        "", f"Location: {ask.target}{'&' if '?' in ask.target else '?'}them={'x' * 200}", first="HTTP/1.1 301 M"
    )


def _refresh(target: str) -> Callable[[Ask], Steps]:
    return lambda ask: whole(
        f'<html><head><meta http-equiv="refresh" content="0; url={target.format(ask=ask)}"></head></html>'
    )


def _wall(ask: Ask) -> Steps:
    return whole(
        "", f"Set-Cookie: c{ask.number}={ask.number}; path=/", f"Location: {ask.target}", first="HTTP/1.1 302 F"
    )


REDIRECTS: Catalogue = {
    **{f"location-{name}": Hostile(_to(write), ("*",)) for name, write in _LOCATIONS.items()},
    "location-hundred-lines": Hostile(
        lambda ask: whole("", *[f"Location: http://{ask.trap}/{n}" for n in range(100)], first="HTTP/1.1 302 F"), ("*",)
    ),
    "maze": Hostile(_maze, ("redirect-loop",)),
    "growing": Hostile(_growing, ("*",)),
    "cookie-wall-without-door": Hostile(_wall, ("redirect-loop",)),
    "refresh-to-other-port": Hostile(_refresh("http://{ask.trap}/a"), ("*",)),
    "refresh-to-file": Hostile(_refresh("file:///etc/passwd"), ("*",)),
    "refresh-to-script": Hostile(_refresh("javascript:alert(1)"), ("*",)),
    "refresh-to-itself": Hostile(_refresh("{ask.target}"), ("*",)),
    "refresh-header": Hostile(lambda ask: whole(page(), f"Refresh: 0; url=http://{ask.trap}/a"), None),
    "refresh-4301-digits": Hostile(
        lambda ask: whole(f'<meta http-equiv=refresh content="{"9" * 4301};url={ask.target}?a">'), ("*",)
    ),
    "status-300": Hostile(lambda ask: whole("", f"Location: http://{ask.trap}/", first="HTTP/1.1 300 M"), ("*",)),
    "status-305": Hostile(lambda ask: whole("", f"Location: http://{ask.trap}/", first="HTTP/1.1 305 Use"), ("*",)),
    "status-201": Hostile(lambda ask: whole("", f"Location: http://{ask.trap}/", first="HTTP/1.1 201 C"), ("*",)),
    "status-399": Hostile(lambda ask: whole("", f"Location: http://{ask.trap}/", first="HTTP/1.1 399 ?"), ("*",)),
    "proxy-asked": Hostile(lambda _: whole("", "Proxy-Authenticate: Basic", first="HTTP/1.1 407 Proxy"), ("*",)),
}
