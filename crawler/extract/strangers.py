"""Name what came in place of a portal's page: a firewall's block, a challenge, an error text, a login, nothing at all.

The name is for people. Whether a page is the portal's own is decided by its structure, because words differ with every
vendor: a page without links to the portal's categories or articles is not in the portal's frame.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from crawler.addresses import classify
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.page import Page, attribute, document_title, parse_page
from crawler.items import AddressKind
from crawler.language.text import fold, normalize_text
from crawler.media.json_texts import read_json
from crawler.profile import Profile

# A page in the portal's frame links to at least this many of its categories and articles.
FRAME_LINKS = 3
# The message of an error page is shorter than an article.
_MESSAGE_LETTERS = 600
# Words that articles have too name a page only if it says little else.
_SHORT_LETTERS = 300
# The title of a notice is short: "Thông báo", "Lỗi hệ thống".
_NOTICE_WORDS = 4
# A page that only runs a script shows at most this many words.
_SCRIPT_PAGE_WORDS = 40

_UNSHOWN = frozenset(("script", "style", "template", "title", "head", "textarea", "option", "select"))
_ASIDE_TAGS = frozenset(("nav", "header", "footer", "aside", "a", "button", "label", "li", "noscript"))
_ASIDE_NAMES = re.compile(
    r"menu|nav(bar|igation)?(?![a-z])|header|footer|banner|side|search|tim-?kiem|breadcrumb|statisti|thong-?ke|login|"
    r"counter|pager|pagination|copyright",
    re.IGNORECASE,
)

_NOUN = (
    r"(?:trang(?: web| tin)?|bai(?: viet| dang)?|(?:ban )?tin(?: bai| tuc)?|noi dung|duong (?:dan|link)|dia chi|"
    r"lien ket|"
    r"chuyen muc|van ban|tai lieu|(?<!co so )du lieu)"
)
_ABSENT = (
    r"(?:khong (?:con )?(?:ton tai|tim thay|duoc tim thay|kha dung|co san)|khong con(?: nua)?(?=[ .!]*$)|"
    r"(?:da|vua) (?:bi |duoc )?(?:xoa|go|thao|huy)|bi (?:xoa|go))"
)
_EN_NOUN = r"(?:page|article|content|document|post|item|news|file|directory|url)"
_EN_ABSENT = (
    r"(?:(?:was |were |is |be |could |can)? ?(?:not|n't|n’t)(?: be)? found|(?:does not|doesn't|doesn’t|"
    r"no longer) exists?|"
    r"no longer available|(?:has|have) been (?:removed|deleted))"
)
# The page says that what was asked for is not there. Words such as "không tìm thấy" alone also occur in search results,
# accounts, servers and rights.
_GONE = re.compile(
    rf"\b{_NOUN}\b[^.!?;:]{{0,60}}\b{_ABSENT}\b|\bkhong (?:the )?tim (?:thay|duoc)(?: duoc| mot| cac|"
    rf" bat ky)* {_NOUN}\b|"
    rf"\bkhong ton tai {_NOUN}\b|^(?:thong bao|loi|error)?[ :!.]{{0,20}}(?:404)?[ :!.–-]{{0,20}}"
    rf"khong (?:duoc )?(?:tim thay|ton tai)[ .!]*$|"
    rf"\b{_EN_NOUN}\b[^.!?;:]{{0,60}}\b{_EN_ABSENT}\b|\b(?:no|"
    rf"not found)\b[^.!?;:]{{0,20}}\b(?:such )?{_EN_NOUN}\b(?= found|[ .!]*$)|"
    r"(?:^|[.!:] ?)(?:ma )?(?:loi|error|http)?[ :]{0,5}404(?:\b[ :.–-]{0,20}(?:not found|error|loi|$))"
)

_CAPTCHA = re.compile(
    r"captcha|turnstile|khong phai (?:la )?(?:robot|nguoi may|may)\b|not a robot|are (?:a )?human|human verification|"
    r"prove (?:that )?you|xac (?:minh|nhan|thuc) (?:ban |quy vi )?(?:la|khong phai) |"
    r"nhap (?:cac |lai )?(?:ky tu|chu so|ma (?:xac|bao|an toan))|ma (?:xac (?:nhan|thuc|minh)|bao ve|kiem tra|"
    r"an toan)\b"
)
_CHALLENGE = re.compile(
    r"checking (?:your|the|if the) (?:browser|site|connection)|just a moment|ddos (?:protection|guard)|"
    r"kiem tra (?:trinh duyet|ket noi|bao mat)|(?:enable|requires?|bat|kich hoat) (?:java ?script|cookies?)|"
    r"verifying your"
)
_QUEUE = re.compile(
    r"hang (?:doi|cho)\b|xep hang|phong cho|waiting room|in (?:a |the )?(?:line|queue)\b|queue-?it|so thu tu|den luot|"
    r"thoi gian cho|wait(?:ing)? time|qua nhieu (?:nguoi|luot|truy cap|yeu cau)|(?:nguoi|"
    r"luot) truy cap (?:dang )?qua (?:dong|lon)"
)
_DATABASE = re.compile(
    r"\bora-\d{4,5}|sql ?server|sqlexception|sqlstate|\bmysql|mariadb|postgre|npgsql|ole ?db|\bodbc\b|timeout expired|"
    r"deadlock|connection pool|max pool|stored procedure|object reference|server error in|stack trace|traceback|"
    r"\bsystem\.(?:data|nullreference|web|io|exception|argument|invalid)|unhandled exception|exception (?:of type|"
    r"details)|"
    r"nullreference|\bexception\b.{0,300}?\bat [\w.]{1,200}\(|csdl|co so du lieu|\bdatabase\b|"
    r"could not open a connection|fatal error|"
    r"java\.(?:lang|sql|io)\.|servlet|compilation error|\bsyntax error"
)
_ACCESS = (
    r"(?:truy cap|truy xuat|yeu cau|ket noi|request|access|traffic|connection|dia chi ip|\bip\b|your ip|requested url)"
)
_DENIED = (
    r"(?:chan|tu choi|khong hop le|khong duoc (?:phep|chap nhan)|bi (?:khoa|cam|han che|gioi han)|bat thuong|"
    r"nghi ngo|vi pham|"
    r"khong an toan|nguy hiem|denied|block(?:ed|ing)?|reject(?:ed)?|refused|forbidden|not (?:acceptable|allowed|"
    r"permitted)|"
    r"suspicious|unusual|violat\w*|restricted|limited|prohibited)"
)
_BLOCK = re.compile(
    rf"\b{_ACCESS}\b[^.!?;]{{0,40}}\b(?:bi|da|was|been|is) (?:bi |duoc )?(?:\w+ ){{0,5}}{_DENIED}\b|"
    rf"\bnot acceptable\b|\bforbidden\b|"
    r"(?:support|incident|event|request|reference|transaction|attack) (?:id|number|#)|\breference #|\bray id\b|"
    r"ma (?:su co|tham chieu|ho tro|yeu cau|giao dich|nhat ky)|firewall|tuong lua|\bwaf\b|mod_?security|incapsula|"
    r"imperva|"
    r"fortinet|fortigate|fortiguard|cloudflare|akamai|sucuri|security (?:policy|rule|reason|gateway)|"
    r"chinh sach (?:bao mat|an ninh)|(?:truy cap|quyen)[^.!?]{0,30}(?:bi|duoc) tu choi|web page blocked|access denied"
)
# A portal's own "not found" can say these too.
_WEAK_BLOCK = re.compile(
    rf"\b{_ACCESS}\b[^.!?;]{{0,80}}\b{_DENIED}\b|\b{_DENIED}\b[^.!?;]{{0,60}}\b{_ACCESS}\b|"
    r"khong co quyen|quyen truy cap|(?:consult|contact)[^.]{0,40}administrator|lien he[^.]{0,40}quan tri"
)
_PARKED = re.compile(
    r"welcome to (?:nginx|openresty|caddy|tomcat)|default (?:web )?(?:page|site|server)|^it works|"
    r"internet information services|"
    r"\biis\b|test page|domain (?:name )?(?:is |has |may be )?(?:for sale|parked|expired)|this domain|buy this|"
    r"parking|plesk|"
    r"cpanel|directadmin|under construction|coming soon|dang (?:duoc )?xay dung|sap ra mat|"
    r"ten mien[^.]{0,60}(?:het han|duoc dang ky|chua|rao ban|tam)|apache2? .{0,20}default|web hosting"
)
_MAINTENANCE = re.compile(
    r"bao tri|nang cap|tam (?:ngung|dung|thoi)|gian doan|maintenance|temporarily|unavailable|thu lai sau|try again|"
    r"qua tai|may chu [^.!?]{0,40}\b(?:khong|mat|ban)\b|(?:mat|khong (?:the )?)ket noi|khong (?:co )?phan hoi|"
    r"overload|het han truy cap|loi (?:he thong|may chu)|(?:server|runtime|application|internal) error|be back"
)
# Weaker words than "không tìm thấy": an error page of the portal often says both.
_ILL = re.compile(r"loi xay ra|(?:da )?xay ra loi|co loi|error occurred|something went wrong")
# A status of HTTP, and no count of people or money: alone at the beginning, or beside its words.
_STATUS = (
    r"(?:(?:\b(?:loi|error|http(?:/[0-9.]+)?|status|code|ma)\W{0,3}5(?:0[0-4]|2[0-9])|^\W*5(?:0[0-4]|2[0-9]))"
    r"(?=\W*$| ?[-–:|(]|[.:] )"
    r"|\b5(?:0[0-4]|2[0-9])\W{1,3}(?:bad|service|gateway|internal|error|server|web|origin|connection|loi)\b)"
)
# The server or something before it is in trouble, or it refuses this visitor: "not found" says nothing then.
_TROUBLE = re.compile(
    r"may chu|\bserver\b|gateway|time-?out|het thoi gian|\bket noi|connection|"
    r"(?:he thong|cong|trang) dang (?:ban|tai)\b|"
    rf"qua tai|dong bo|bo nho dem|\bcache|dang (?:duoc )?chuyen|phan hoi|{_STATUS}|rate[ -]limit|internal|"
    r"su co|(?:quay|ghe|tro|thu) lai (?:sau|trong)|\.(?:as[cp]x|master|cshtml|php|dll)\b|giao dien|trang mau|template"
)
_VISITOR = re.compile(
    r"khu vuc|quoc gia|mang (?:nuoc|noi bo|khac|cua|nay)|thiet bi|trinh duyet|phien (?:lam|truy|dang|ket)|truy xuat|"
    r"kiem soat|dang nhap|your (?:country|region|area|network|device|browser)|browser|phuc vu"
)
_LOGIN = re.compile(
    r"dang nhap|sign in|log ?in\b|single sign|\bsso\b|mat khau|password|tai khoan|phien (?:lam viec|dang nhap)"
)
_ERROR_TEXT = re.compile(
    r"\bora-\d{4,5}|timeout expired|object reference not set|sqlexception|connection pool|unhandled exception|"
    r"stack trace"
)
_LOGIN_PATH = re.compile(
    r"/(?:dang-?nhap|log-?in|sign-?in|sso|cas|oauth2?|account|auth|xac-thuc)(?:[/.?]|$)", re.IGNORECASE
)
_STRONG = (
    ("captcha", _CAPTCHA), ("challenge", _CHALLENGE), ("database-error", _DATABASE), ("blocked", _BLOCK),
    ("waiting-room", _QUEUE), ("parked", _PARKED),
)  # fmt: skip
_HTML = re.compile(
    r"<(?:!doctype html|html|head|body|title|div|p|span|table|tr|td|ul|li|h[1-6]|form|script|meta|section|main|center|"
    r"font|b|i|a|br|strong|pre|img|input|iframe|noscript|style|link|frameset)\b",
    re.IGNORECASE,
)
# Its cookies or its address are set by the script, or a form is sent.
_GATE_SCRIPT = re.compile(
    r"document\s*\.\s*cookie|location\s*(?:\.\s*(?:reload|href|replace|assign)|=)|\.\s*submit\s*\(|\beval\s*\(|"
    r"\batob\s*\(|"
    r"fromCharCode|__cf_chl|slowAES"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows a person, folded: its title, all its text, and the text outside menus, boxes and lists.

    `has_frame`: it links to the portal's categories and articles as the portal's own pages do.
    """

    title: str
    text: str
    message: str
    has_frame: bool


def look_at(page: Page, profile: Profile) -> Shown:
    """Return what a page shows."""
    text, message = [], []
    body = page.tree.body
    for words, is_aside in _texts(body) if body is not None else ():
        text.append(words)
        if not is_aside:
            message.append(words)
    return Shown(
        fold(document_title(page) or ""),
        fold(normalize_text(" ".join(text))),
        fold(normalize_text(" ".join(message))),
        has_frame(page, profile),
    )


def has_frame(page: Page, profile: Profile) -> bool:
    """True for a page with links to several of the portal's own categories and articles, as its menu and boxes have."""
    own = set()
    for _, url in page.links:
        address = classify(url, profile)
        if address is not None and (address.is_article or address.kind is AddressKind.CATEGORY):
            own.add(address.url)
            if len(own) >= FRAME_LINKS:
                return True
    return False


def name_no_page(html: str) -> str | None:
    """Name an answer that is not an HTML page: `empty`, or `not-a-page` for JSON, XML and plain text; else None."""
    text = html.strip("\ufeff \t\r\n\x00")
    if not text:
        return "empty"
    start = text[:1]
    if start in '{["':
        try:
            read_json(text)
        except ValueError:
            pass
        else:
            return "not-a-page"
    return None if _HTML.search(text) else "not-a-page"


def name_no_fragment(html: str, url: str, *, profile: Profile) -> str | None:
    """Name what came in place of a pager's fragment. None for a fragment without rows, or a short message."""
    text = html.strip("\ufeff \t\r\n\x00")
    kind = name_no_page(html)
    if kind == "empty" or (kind is not None and text[:1] in '{["<'):
        return kind
    page = parse_page(html, url)
    shown = look_at(page, profile)
    stranger = name_stranger(page, shown) if shown.text or shown.title or page.tree.css_first("script") else None
    if stranger is not None:
        return stranger
    return "not-a-page" if re.search(r"<(?:html|head|body|title)\b", text, re.IGNORECASE) else None


def name_stranger(page: Page, shown: Shown) -> str | None:
    """Name a page that is not the portal's answer. None for a page that may be: in the frame, or saying "not found"."""
    if not shown.text and not shown.title and not page.tree.css("img, iframe, script, object, form, input"):
        return "empty"
    if not shown.has_frame and _is_script_page(page, shown):
        return "captcha" if _CAPTCHA.search(fold(page.html)) else "challenge"
    words = f"{shown.title}. {shown.message if shown.has_frame else shown.text}"
    if shown.has_frame and len(shown.message) > _MESSAGE_LETTERS:
        return None
    for kind, pattern in _STRONG:
        if pattern.search(words):
            return kind
    if (
        not shown.has_frame
        and page.tree.css_first('[class*="captcha" i], [id*="captcha" i], [src*="captcha" i]') is not None
    ):
        return "captcha"
    if _is_login(page, shown):
        return "login"
    return "maintenance" if _MAINTENANCE.search(words) else _name_by_weak_words(shown, words)


def _name_by_weak_words(shown: Shown, words: str) -> str | None:
    if _has_gone_words(shown):
        return None
    if _WEAK_BLOCK.search(words):
        return "blocked"
    if shown.has_frame or len(words) > _SHORT_LETTERS:
        return None
    return "maintenance" if _TROUBLE.search(words) else "blocked" if _VISITOR.search(words) else None


def says_gone(shown: Shown) -> bool:
    """True if the main message of a page is that what was asked for is not there, and no trouble is named with it."""
    words = f"{shown.title}. {shown.message if shown.has_frame else shown.text}"
    return _has_gone_words(shown) and not _names_trouble(words)


def _names_trouble(words: str) -> bool:
    return bool(_TROUBLE.search(words) or _VISITOR.search(words))


def _has_gone_words(shown: Shown) -> bool:
    return _is_message(shown) and any(_GONE.search(words) for words in (shown.title, shown.message))


def says_ill(shown: Shown) -> bool:
    """True if the main message of a page is that something went wrong."""
    return _is_message(shown) and bool(_ILL.search(f"{shown.title} {shown.message}"))


def name_notice(title: str, body: str, *, is_titled: bool) -> str | None:
    """Name an article's frame whose text is only a notice: `soft-404`, or what else it says of the portal.

    Args:
        is_titled: its title is that of its address. Without it, a short text of trouble is not an article's either.
    """
    if len(body) > _SHORT_LETTERS or len(fold(title).split()) > _NOTICE_WORDS:
        return None
    words = fold(body)
    if _GONE.search(words):
        return "maintenance" if _names_trouble(words) else "soft-404"
    if is_titled:
        return None
    named = (kind for kind, pattern in (*_STRONG, ("maintenance", _MAINTENANCE)) if pattern.search(words))
    return next(named, "maintenance" if _TROUBLE.search(words) else None)


def is_error_text(body: str) -> bool:
    """True for an article's frame whose text is only the message of a database or an application."""
    return len(body) <= _MESSAGE_LETTERS and bool(_ERROR_TEXT.search(fold(body)))


def leads_to_login(url: str) -> bool:
    """True for the address of a login page."""
    return bool(_LOGIN_PATH.search(url))


def _is_message(shown: Shown) -> bool:
    return len(shown.message if shown.has_frame else shown.text) <= _MESSAGE_LETTERS


def _is_script_page(page: Page, shown: Shown) -> bool:
    """True for a page that shows next to nothing, and whose script sets a cookie, sends a form or leads on."""
    if len(shown.text.split()) > _SCRIPT_PAGE_WORDS:
        return False
    scripts = page.tree.css("script")
    if any(_GATE_SCRIPT.search(node.text() or "") for node in scripts) or _CHALLENGE.search(
        f"{shown.title} {shown.text}"
    ):
        return True
    onload = page.tree.css_first("body[onload]")
    refresh = page.tree.css_first('meta[http-equiv="refresh" i]')
    return bool(scripts or onload is not None or refresh is not None) and not shown.text


def _is_login(page: Page, shown: Shown) -> bool:
    password = page.tree.css_first('input[type="password" i]')
    if password is not None and (not shown.has_frame or len(shown.text) < 1500):
        return True
    if shown.has_frame or len(shown.text) > _MESSAGE_LETTERS:
        return False
    return (
        bool(_LOGIN.search(f"{shown.title} {shown.text}")) and page.tree.css_first("form, input, a[href]") is not None
    )


def _texts(body: LexborNode) -> Iterator[tuple[str, bool]]:
    """Yield every shown text, and whether it is in a menu, a box, a list, a link or the like."""
    aside: dict[int, bool | None] = {}
    for node in body.traverse(include_text=True):
        parent = node.parent
        if parent is None:
            continue
        above = aside.get(parent.mem_id, False)
        if node.tag == "-text":
            words = (node.text_content or "").strip()
            if words and above is not None:
                yield words, above
        elif above is None or node.tag in _UNSHOWN:
            aside[node.mem_id] = None
        elif node.is_element_node:
            aside[node.mem_id] = above or _is_aside(node)


def _is_aside(node: LexborNode) -> bool:
    if node.tag in _ASIDE_TAGS:
        return True
    if node.tag in ("body", "form", "html"):
        return False
    names = vnpt.LISTING_MODULE.sub("", f"{attribute(node, 'class')} {attribute(node, 'id')}")
    return bool(names.strip() and _ASIDE_NAMES.search(names)) and node.css_first("footer, [class*=footer i]") is None
