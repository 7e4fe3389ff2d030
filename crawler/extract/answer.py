"""Turn a captured answer into its reading. A crawl and a rebuild both use this way.

Joins `media` (content codings, kinds of files) and `extract` (the contents of a page). Pure: the same answer and
profile give the same reading.
"""

from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from crawler import extract
from crawler.addresses import classify, is_same_page
from crawler.errors import BadFileError, NotAListingError, NotAnArticleError
from crawler.extract.article.parts import find_parts
from crawler.extract.cost import MAX_NAMED
from crawler.extract.doubt import find_doubt
from crawler.extract.files.pasted import read_pasted_files
from crawler.extract.first_look import find_other_home
from crawler.extract.identity.surroundings import Surroundings
from crawler.extract.marks.unkept import read_unkept
from crawler.extract.menu.entries import read_entries_below, read_menu_slugs
from crawler.extract.menu.single_page import SinglePage, read_single_page
from crawler.extract.page import decode_body, document_title
from crawler.extract.page_form import read_form, read_fragment_form
from crawler.extract.refusal import refuse_by_rules_1, refuse_unreadable
from crawler.extract.strangers import leads_to_login, look_at, name_no_fragment, name_no_page, name_stranger
from crawler.items import (
    Address,
    AddressKind,
    Answer,
    Article,
    FileReading,
    FileRole,
    Link,
    Listing,
    PageReading,
    PortalIdentity,
    Purpose,
    Refusal,
)
from crawler.language.legacy.markup import decode_markup
from crawler.language.text import SLUG_LENGTH, matches_slug
from crawler.media.content_coding import decode_page, find_misfit, is_text
from crawler.media.documents import examine_attachment, examine_requisite
from crawler.media.payload import open_payload, transferred
from crawler.media.stated_names import read_stated_name
from crawler.page_marks import PageMarks
from crawler.profile import Profile
from crawler.sentences import Sentence, say


def read_page(
    answer: Answer, purpose: Purpose, *, asked: str, listing: str | None, page: int | None, profile: Profile
) -> tuple[PageReading, tuple[Address, ...]]:
    """Read a page for a purpose. Return the reading and the article addresses that led to the page.

    A page that does not fit the purpose gives a reading with a refusal, never an exception.
    """
    try:
        return _read_page(answer, purpose, asked=asked, listing=listing, page=page, profile=profile)
    except BadFileError as error:
        return PageReading(refusal=refuse_unreadable(error, purpose, url=listing or answer.url)), ()


def _read_page(
    answer: Answer, purpose: Purpose, *, asked: str, listing: str | None, page: int | None, profile: Profile
) -> tuple[PageReading, tuple[Address, ...]]:
    limit = profile.limits.page_bytes
    sent = transferred(answer).read()
    body = decode_page(sent, answer.content_encoding, max_bytes=limit, is_cut=answer.is_cut)
    plain = _read_without_page(body, answer, purpose=purpose, profile=profile)
    if plain is not None:
        return plain, ()
    # Letters from before Unicode are decoded for all readers; the capture keeps the page as it came.
    sent_html, utf8 = decode_body(body, answer.content_type)
    html = decode_markup(sent_html, utf8=utf8)
    if purpose is Purpose.LISTING and page is not None and page > 1:
        return _read_fragment(html, listing or answer.url, profile=profile), ()
    tree = extract.parse_page(html, answer.url, utf8=utf8 if html is sent_html else None)
    if purpose is Purpose.PROBE:
        return _read_probe(tree, answer.url, asked=asked, profile=profile), ()
    main = _read_main(tree, purpose, url=answer.url, asked=asked, listing=listing, profile=profile)
    if main.refusal and (misfit := find_misfit(sent, answer.content_encoding, max_bytes=limit)) is not None:
        main = replace(main, refusal=replace(main.refusal, former=Refusal(misfit.kind, misfit.sentence)))
    return _read_parts(tree, main, purpose=purpose, asked=asked, listing=listing, profile=profile), main.addresses


_NO_ENTRY = SinglePage()


@dataclass(frozen=True, slots=True)
class _MainPart:
    """What a page is fetched for: an article with its addresses, a listing, both, or a refusal.

    `single` is what an entry of the menu is besides a list.
    """

    article: Article | None = None
    addresses: tuple[Address, ...] = ()
    listing: Listing | None = None
    refusal: Refusal | None = None
    single: SinglePage = _NO_ENTRY


def _read_main(
    tree: extract.Page, purpose: Purpose, *, url: str, asked: str, listing: str | None, profile: Profile
) -> _MainPart:
    """Read what a whole page is fetched for. Nothing for the home page, whose parts are read for every page."""
    if (purpose is Purpose.ARTICLE and _may_be_single(asked, profile)) or (purpose is Purpose.MENU and not listing):
        article, addresses, refusal, single = _read_entry(tree, asked=asked, profile=profile)
        return _MainPart(article, addresses, None, refusal, single)
    if purpose is Purpose.ARTICLE:
        article, addresses, refusal = _read_article(tree, url, asked=asked, profile=profile)
        return _MainPart(article, addresses, None, refusal)
    if purpose not in (Purpose.LISTING, Purpose.MENU):
        return _MainPart()
    must_be = purpose is Purpose.LISTING
    found, refusal = _read_listing(tree, listing or url, asked=asked, profile=profile, must_be=must_be)
    if refusal is not None and not (must_be and refusal.former is None):
        return _MainPart(listing=found, refusal=refusal)
    single = read_single_page(tree, profile, asked=asked, listing=found)
    return _MainPart(single.article, single.addresses, found, refusal or single.refusal, single)


def _read_parts(
    tree: extract.Page, main: _MainPart, *, purpose: Purpose, asked: str, listing: str | None, profile: Profile
) -> PageReading:
    """Read all that a page has beside its article or list."""
    article, refusal, single = main.article, main.refusal, main.single
    menu = _read_menu(tree, profile, purpose=purpose, asked=asked)
    # A list that is not walked names no articles to fetch.
    is_walked = article is not None or purpose is not Purpose.MENU or listing is not None
    in_text = max(0, len(tree.links) - MAX_NAMED) if article is not None else 0
    reading = PageReading(
        article=article,
        marks=extract.read_marks(tree, profile) if purpose is Purpose.ARTICLE or article is not None else PageMarks(),
        listing=main.listing,
        refusal=refusal,
        links=(*(extract.read_links(tree, profile) if is_walked else ()), *single.found),
        menu=menu,
        feeds=extract.read_feed_addresses(tree, profile) if purpose is Purpose.HOME else (),
        requisites=extract.read_requisites(tree, profile),
        identity=_read_identity(tree, profile) if purpose is Purpose.HOME else None,
        form=read_form(tree, profile, asked=asked) if refusal is not None else None,
        pasted=_read_pasted(tree, article, max_bytes=profile.limits.image_bytes),
        unkept=single.unkept if single.article is not None else _read_unkept(tree, article, profile=profile),
        unnoted=in_text,
    )
    return _bound(reading)


def _bound(reading: PageReading) -> PageReading:
    """Leave out links and requisites that no real page has this many of, and count them. Rows of a list all stay."""
    if max(len(reading.links), len(reading.requisites)) <= MAX_NAMED:
        return reading
    listed = {row.address.url for row in reading.listing.rows} if reading.listing is not None else set()
    links, requisites = reading.links[:MAX_NAMED], reading.requisites[:MAX_NAMED]
    left = sum(link.address.url not in listed for link in reading.links[MAX_NAMED:])
    unnoted = max(left, reading.unnoted) + len(reading.requisites) - len(requisites)
    return replace(reading, links=links, requisites=requisites, unnoted=unnoted)


def name_other_home(answer: Answer, profile: Profile, *, around: Surroundings) -> Sentence | None:
    """Say what a home page is of instead of the profile's CMS. None for a portal, in doubt, and if it is unreadable."""
    limit = profile.limits.page_bytes
    try:
        body = decode_page(transferred(answer).read(), answer.content_encoding, max_bytes=limit, is_cut=answer.is_cut)
        tree = extract.parse_page(extract.decode_html(body, answer.content_type), answer.url)
    except BadFileError:
        return None
    return find_other_home(tree, profile, around=around)


def read_file(answer: Answer, role: FileRole, *, asked: str, profile: Profile) -> FileReading:
    """Examine a fetched file for its role. A file that does not fit it gives a reading with a refusal."""
    try:
        payload = open_payload(answer, max_bytes=profile.limits.of_file(role))
        if role is FileRole.IMAGE:
            # Pillow takes a process as long as twenty pages, and a night without pictures needs none of it.
            from crawler.media.images import examine_image

            return examine_image(payload, answer.media_type)
        if role is FileRole.ATTACHMENT:
            name = read_stated_name(answer.disposition)
            return examine_attachment(payload, answer.media_type, path=unquote(urlsplit(asked).path), name=name)
        reading = examine_requisite(payload, answer.media_type)
    except BadFileError as error:
        return FileReading("", "", 0, refusal=Refusal(error.kind, error.sentence))
    if answer.media_type == "text/css" or urlsplit(answer.url).path.lower().endswith(".css"):
        css = extract.decode_html(payload.read(), answer.content_type)
        needs = extract.read_stylesheet(css, answer.url, profile=profile)
        return FileReading(reading.sha256, reading.media_type, reading.size_bytes, requisites=needs)
    return reading


def _read_pasted(tree: extract.Page, article: Article | None, *, max_bytes: int) -> tuple[tuple[str, FileReading], ...]:
    """Return the article's pictures that are in the page itself, each once."""
    if article is None or not tree.pasted:
        return ()
    found = read_pasted_files(tree, max_bytes=max_bytes)
    return tuple((url, found[url]) for url in dict.fromkeys(image.url for image in article.images) if url in found)


def _read_unkept(tree: extract.Page, article: Article | None, *, profile: Profile) -> tuple[tuple[str, str], ...]:
    return read_unkept(tree, article, parts=find_parts(tree), profile=profile) if article is not None else ()


def _read_without_page(body: bytes, answer: Answer, *, purpose: Purpose, profile: Profile) -> PageReading | None:
    """Read a feed, or a file that an entry of the menu leads to. None for a page."""
    if purpose is Purpose.FEED:
        return _bound(PageReading(links=extract.read_feed(body, answer.url, profile=profile)))
    if purpose is not Purpose.MENU or is_text(body):
        return None
    said = say("entry-is-file", url=answer.url, media=answer.media_type or "unknown type")
    return PageReading(refusal=Refusal("entry-is-file", said))


def _read_menu(tree: extract.Page, profile: Profile, *, purpose: Purpose, asked: str) -> tuple[Link, ...]:
    """Return the entries of the menu of a home page, and those below an entry on its own page."""
    if purpose is Purpose.HOME:
        return extract.read_menu(tree, profile)
    return read_entries_below(tree, profile, asked=asked) if purpose is Purpose.MENU else ()


def _read_article(
    tree: extract.Page, url: str, *, asked: str, profile: Profile
) -> tuple[Article | None, tuple[Address, ...], Refusal | None]:
    answered = classify(url, profile)
    first = classify(asked, profile)
    if answered is None or not (answered.is_article or (first and first.is_article and first.url == answered.url)):
        said = say("led-home") if _is_home(url, profile) else say("led-away", url=url)
        return None, (), _name_led_away(tree, Refusal("redirected-away", said), profile=profile)
    kind = name_no_page(tree.html)
    if kind is not None:
        said = say("page-is-stranger", url=url, kind=kind, title=document_title(tree) or "untitled")
        return None, (), Refusal(kind, said, refuse_by_rules_1(tree, profile))
    try:
        article = extract.read_article(tree, profile, address=answered)
    except NotAnArticleError as error:
        return None, (), Refusal(error.kind, error.sentence, error.former)
    found = [answered]
    if first is not None and first.is_article and is_same_page(first, answered):
        found.insert(0, first)
    elif first is not None and first.is_article:
        return None, (), Refusal("redirected-away", say("led-elsewhere", url=url))
    if article.canonical is not None and _is_same_article(article.canonical, answered):
        found.append(article.canonical)
    unique = {address.url: address for address in found if address is not None and address.is_article}
    slug = answered.title_slug
    is_titled = not slug or matches_slug(article.title, slug)
    return article, tuple(unique.values()), find_doubt(tree, article, profile=profile, is_titled=is_titled)


def _may_be_single(asked: str, profile: Profile) -> bool:
    """True for an address that has no article's form: it is asked for as an article because a menu named it."""
    address = classify(asked, profile)
    return address is not None and not address.is_article and address.kind is not AddressKind.DOCUMENTS


def _read_entry(
    tree: extract.Page, *, asked: str, profile: Profile
) -> tuple[Article | None, tuple[Address, ...], Refusal | None, SinglePage]:
    """Read an entry of the menu that is held as an article. A list in its place is not an article any more."""
    found, stranger = _read_listing(tree, asked, asked=asked, profile=profile, must_be=False)
    if stranger is not None:
        return None, (), stranger, SinglePage()
    single = read_single_page(tree, profile, asked=asked, listing=found)
    refusal = single.refusal
    if single.article is None and refusal is None:
        said = say("page-is-list", url=tree.url, title=document_title(tree) or "untitled")
        refusal = Refusal("listing", said)
    return single.article, single.addresses, refusal, single


def _name_led_away(tree: extract.Page, refusal: Refusal, *, profile: Profile) -> Refusal:
    """Return the refusal of an address that led away; its kind is that of the page, if that is not a portal's page."""
    kind = name_no_page(tree.html) or name_stranger(tree, look_at(tree, profile))
    if kind is None and leads_to_login(tree.url):
        kind = "login"
    return refusal if kind is None else Refusal(kind, refusal.message, refusal)


def _read_probe(tree: extract.Page, url: str, *, asked: str, profile: Profile) -> PageReading:
    """Read the answer for an address that names nothing: as an article, what it is instead, and its form."""
    form = read_form(tree, profile, asked=asked)
    address = classify(url, profile)
    kind = name_no_page(tree.html)
    if kind is None:
        try:
            article = extract.read_article(tree, profile, address=address) if address is not None else None
            if article is not None:
                return PageReading(article=article, form=form)
        except NotAnArticleError as error:
            return PageReading(refusal=Refusal(error.kind, error.sentence), form=form)
        kind = name_stranger(tree, look_at(tree, profile))
    if kind is None:
        return PageReading(form=form)
    said = say("page-is-stranger", url=url, kind=kind, title=document_title(tree) or "untitled")
    return PageReading(refusal=Refusal(kind, said), form=form)


def _read_fragment(html: str, url: str, *, profile: Profile) -> PageReading:
    """Read a pager's answer. One without rows must be a fragment, and not what came in its place."""
    fragment = extract.read_fragment(html, url, profile=profile)
    if fragment.rows or fragment.unknown_rows:
        return PageReading(listing=fragment)
    form = read_fragment_form(html)
    kind = name_no_fragment(html, url, profile=profile)
    if kind is None:
        return PageReading(listing=fragment, form=form)
    no_list = say("list-is-stranger", url=url, kind=kind)
    return PageReading(refusal=Refusal("not-a-listing", say("not-a-list", listing=url, no_list=no_list)), form=form)


def _read_identity(tree: extract.Page, profile: Profile) -> PortalIdentity:
    found = extract.read_identity(tree)
    return PortalIdentity(found.title, found.site_ids, found.tenants, read_menu_slugs(tree, profile))


def _read_listing(
    tree: extract.Page, url: str, *, asked: str, profile: Profile, must_be: bool
) -> tuple[Listing | None, Refusal | None]:
    """Read page 1 of a listing. A page of the menu need not be one, unless something came in its place."""
    found, no_list = None, None
    try:
        found = extract.read_listing(tree, profile)
    except NotAListingError as error:
        no_list = error.sentence
    kind = _name_in_place_of_list(tree, profile, must_be=must_be) if found is None else None
    if kind is not None:
        former = Refusal("not-a-listing", say("not-a-list", listing=url, no_list=no_list)) if must_be else None
        said = say("list-is-stranger", url=tree.url, kind=kind)
        return None, Refusal("not-a-listing", say("not-a-list", listing=url, no_list=said), former)
    if _is_home(tree.url, profile) and not _is_home(asked, profile):
        led = say("list-led-home", url=tree.url)
        return found, Refusal("not-a-listing", say("not-a-list", listing=url, no_list=led)) if must_be else None
    if no_list is not None and must_be:
        return None, Refusal("not-a-listing", say("not-a-list", listing=url, no_list=no_list))
    return found, None


def _name_in_place_of_list(tree: extract.Page, profile: Profile, *, must_be: bool) -> str | None:
    """Name what came in place of a list. A page of the menu may be a login, or any page in the portal's frame."""
    shown = look_at(tree, profile)
    kind = name_no_page(tree.html) or name_stranger(tree, shown)
    return kind if must_be or (kind != "login" and not shown.has_frame) else None


def _is_home(url: str, profile: Profile) -> bool:
    address = classify(url, profile)
    return address is not None and address.kind is AddressKind.HOME


def _is_same_article(canonical: Address, answered: Address) -> bool:
    """True if the slugs agree: a page can name a wrong address as its own (the home page, a template's)."""
    if not canonical.is_article or not canonical.title_slug or not answered.title_slug:
        return False
    return canonical.title_slug[:SLUG_LENGTH] == answered.title_slug[:SLUG_LENGTH]
