"""Judge whether a home page is one of a portal of the profile's CMS at all.

Only what is certain is said. A block page, a challenge or a notice of maintenance passes; an unknown look is read.
"""

import re

from crawler.extract.identity.surroundings import Surroundings
from crawler.extract.identity.systems import find_other_system, has_own_marks
from crawler.extract.page import Page, absolute_url, attribute
from crawler.extract.strangers import has_frame, leads_to_login, look_at, name_no_page, name_stranger
from crawler.profile import Profile
from crawler.sentences import Sentence, say

# A page that scripts fill shows at most this many words and links by itself.
_SHELL_WORDS, _SHELL_LINKS = 40, 3
# A login or parked page is short, unless its title says it. A login without a field for the password has few links.
_SHORT_LETTERS = 1500
_LOGIN_LINKS = 6
_LEADS_ON = re.compile(r"""location(?:\.href)?\s*=\s*["']([^"']+)|location\.(?:replace|assign)\(\s*["']([^"']+)""")
_MOUNTS = frozenset(
    ("root", "app", "main-app", "__next", "__nuxt", "___gatsby", "q-app", "svelte", "react-root", "vue-app")
)
# Scripts of firewalls, which come and go.
_GATE_FILE = re.compile(r"cdn-cgi|challenge|captcha|incapsula|_sec/|ddos", re.IGNORECASE)
_GATE_SCRIPT = re.compile(r"document\s*\.\s*cookie\s*=|location\s*\.\s*reload|\.submit\s*\(|__cf_chl|slowAES")
_PARKING = re.compile(
    r"sedoparking|parkingcrew|bodis\.com|parklogic|parking-lander|above\.com/|dan\.com/|hugedomains|afternic|"
    r"location\.href\s*=\s*[\"']/lander",
    re.IGNORECASE,
)
_DEFAULT_TITLE = re.compile(
    r"^\s*(index of /|welcome to (nginx|caddy|openresty)|iis windows|apache2? .*default|test page for|it works|"
    r"domain default page|default (web )?(site )?page|directadmin)",
    re.IGNORECASE,
)


def find_other_home(page: Page, profile: Profile, *, around: Surroundings) -> Sentence | None:
    """Say what a home page is of instead of the profile's CMS. None for a portal, and in doubt."""
    other = find_other_system(page, around)
    if other is not None:
        name, signs = other
        return say("another-cms", system=name, expected_cms=profile.cms, signs=signs)
    kind = _name_no_portal(page, profile)
    return say("no-portal", expected_cms=profile.cms, signs=(say(kind),)) if kind is not None else None


def _name_no_portal(page: Page, profile: Profile) -> str | None:
    """Name what came in place of any portal's home page."""
    if name_no_page(page.html) == "empty":
        return "home-empty"
    if has_own_marks(page) or has_frame(page, profile):
        return None
    if _is_parked(page):
        return "home-parked"
    if _is_shell(page):
        return "home-by-scripts"
    shown = look_at(page, profile)
    kind = name_stranger(page, shown)
    is_short = len(shown.text) < _SHORT_LETTERS
    if kind == "empty":
        return "home-login" if _is_login(page, None) else "home-empty"
    if kind == "parked" and is_short:
        return "home-parked"
    return "home-login" if is_short and _is_login(page, kind) else None


def _is_login(page: Page, kind: str | None) -> bool:
    """True for a login, or a page that only leads to one. A short home page that also offers one is not a login."""
    if kind == "login":
        return page.tree.css_first('input[type="password" i]') is not None or len(page.links) < _LOGIN_LINKS
    if kind is None and leads_to_login(page.url):
        return True
    refreshes = page.tree.css('meta[http-equiv="refresh" i]')
    targets = [attribute(node, "content").partition("=")[2].strip(" '\"") for node in refreshes]
    targets += [
        one or other for node in page.tree.css("script:not([src])") for one, other in _LEADS_ON.findall(node.text())
    ]
    urls = [url for target in targets[:1] if (url := absolute_url(page, target)) is not None]
    return kind in (None, "challenge") and bool(urls) and leads_to_login(urls[0].partition("?")[0])


def _is_parked(page: Page) -> bool:
    title = page.tree.css_first("title")
    if title is not None and _DEFAULT_TITLE.search(title.text()):
        return True
    scripts = [attribute(node, "src") + node.text() for node in page.tree.css("script")]
    frames = [attribute(node, "src") for node in page.tree.css("iframe, frame")]
    is_shell = len(page.links) < _SHELL_LINKS
    return is_shell and any(_PARKING.search(one) for one in (*scripts, *frames))


def _is_shell(page: Page) -> bool:
    """True for a page whose content comes by scripts alone: an empty place for it, and the program's own files."""
    body = page.tree.body
    scripts = page.tree.css("script")
    files = [attribute(node, "src") for node in scripts if attribute(node, "src")]
    if body is None or not files or len(page.links) >= _SHELL_LINKS or page.tree.css_first('input[type="password" i]'):
        return False
    if any(_GATE_FILE.search(one) for one in files) or any(_GATE_SCRIPT.search(node.text()) for node in scripts):
        return False
    words = 0
    for node in body.traverse(include_text=True):
        parent = node.parent
        if node.tag == "-text" and parent is not None and parent.tag not in ("script", "style", "noscript", "template"):
            words += len((node.text_content or "").split())
    mounts = [
        node for node in body.css("*")
        if "-" in (node.tag or "") or attribute(node, "id").lower() in _MOUNTS
        or (node.tag == "div" and attribute(node, "id") and not node.text(strip=True))
    ]  # fmt: skip
    return words <= _SHELL_WORDS and bool(mounts)
