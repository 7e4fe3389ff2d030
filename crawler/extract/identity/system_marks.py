"""The marks of content management systems on a home page, as patterns."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SystemMarks:
    """The marks of a system, each a pattern or a selector. Those named `weak_…`, links and robots are not enough alone.

    `files` are paths of the page's own files, `elsewhere` whole addresses of scripts and styles on any host.
    """

    name: str
    generator: str = r"(?!)"
    files: str = r"(?!)"
    weak_files: str = r"(?!)"
    elsewhere: str = r"(?!)"
    weak_elsewhere: str = r"(?!)"
    scripts: str = r"(?!)"
    elements: tuple[str, ...] = ()
    weak_elements: tuple[str, ...] = ()
    links: str = r"(?!)"
    headers: Mapping[str, str] | None = None
    cookies: str = r"(?!)"
    weak_cookies: str = r"(?!)"
    robots: str = r"(?!)"


SYSTEMS = (
    SystemMarks(
        "NukeViet",
        generator=r"nukeviet",
        scripts=r"\bnv_(?:base_siteurl|name_variable|fc_variable|lang_variable)\b",
        files=r"/assets/js/language/\w\w\.js|/themes/[^/]+/js/nv\.core\.js",
        weak_files=r"/themes/[^/]+/(?:css|images|js)/|/data/cache/css/|/(?:uploads|assets)/(?:news|banners)/",
        elsewhere=r"//cdn\.jsdelivr\.net/(?:gh|npm)/nukeviet",
        links=r"[?&]nv=\w+&(?:amp;)?op=|\?language=\w\w&(?:amp;)?nv=|/(?:vi|en)/(?:users/(?:login|register)|news/rss|feeds)/",
        headers={"x-powered-by": "nukeviet"},
        cookies=r"nv\d?c?_\w+",
        robots=r"/data/(?:cache|ip)|/install/",
    ),
    SystemMarks(
        "WordPress",
        generator=r"wordpress|woocommerce|elementor",
        scripts=r"_wpemojiSettings|wp\.i18n|wpApiSettings",
        files=r"/wp-(?:content/(?:themes|plugins|cache)|includes)/",
        weak_files=r"/wp-content/uploads/",
        elsewhere=r"//c0\.wp\.com/",
        weak_elsewhere=r"/wp-(?:content/(?:themes|plugins|cache)|includes)/",
        elements=(
            'link[rel="https://api.w.org/"]',
            'link[rel="EditURI"][href*="xmlrpc.php"]',
            "#wpadminbar",
            "#wp-custom-css",
            'style[id^="wp-"]',
            'link[id^="wp-block-library"]',
            'script[id^="wp-"]',
            "#global-styles-inline-css",
            ".wp-site-blocks",
        ),
        weak_elements=(
            'link[rel="shortlink"][href*="?p="]',
            '[class*="wp-image-"], [class*="wp-block-"], .wp-embed-responsive',
        ),
        links=r"/wp-(?:login\.php|admin/)",
        headers={"link": r"api\.w\.org|wp-json", "x-pingback": r"xmlrpc\.php", "x-redirect-by": "wordpress"},
        cookies=r"wordpress_\w+|wp-settings-\w+",
        robots=r"/wp-(?:admin|content|includes)/",
    ),
    SystemMarks(
        "Liferay",
        generator=r"liferay",
        scripts=r"\bLiferay\.(?:\w+)|\bthemeDisplay\b.{0,200}\bLiferay\b",
        files=r"/o/(?:frontend-|js_loader|classic-theme|admin-theme|[\w-]+-theme/)|/combo/?\?browserId=|/html/js/(?:liferay|aui)|"
        r"/html/(?:portal|portlet|themes)/",
        weak_files=r"/documents/(?:d/)?\d+/\d+/|/image/layout_set_logo|/documents/portlet_file_entry/",
        elements=(
            '[class*="portlet-boundary"]',
            "[data-lfr-background-image-id]",
            '[id^="p_p_id_"]',
            "[class*=lfr-layout]",
            ".journal-content-article",
        ),
        links=r"/web/[\w-]+/|/-/(?:asset_publisher|view_content)/|[?&]p_p_id=",
        headers={"liferay-portal": r".+"},
        cookies=r"LFR_SESSION_STATE_\d+",
        weak_cookies=r"GUEST_LANGUAGE_ID|COOKIE_SUPPORT",
    ),
    SystemMarks(
        "Joomla",
        generator=r"joomla",
        scripts=r"\bJoomla\.(?:\w+)|\bJCaption\b|system\.paths",
        files=r"/media/(?:system/js|jui|vendor/joomla[\w-]*|(?:com|mod|plg)_\w+|templates/site)/|/components/com_\w+/|"
        r"/modules/mod_\w+/|/plugins/system/\w+/|/t3-assets/",
        weak_files=r"/templates/[^/]+/(?:css|js|images)/|/media/vendor/",
        elements=("script.joomla-script-options", '[class*="com-content-"]', "joomla-alert"),
        weak_elements=(".item-page", ".blog-featured", "[class*=moduletable]"),
        links=r"index\.php\?option=com_\w+|/index\.php/[\w-]+|/component/\w+/|\?format=feed",
        headers={"x-content-encoded-by": "joomla"},
        robots=r"/administrator/",
    ),
    SystemMarks(
        "Drupal",
        generator=r"drupal",
        scripts=r"\bDrupal\.(?:settings|behaviors)\b|\bdrupalSettings\b",
        files=r"/core/(?:misc|assets|themes|modules)/|/sites/(?:all|default|[\w.-]+)/(?:themes|modules)/|/(?:misc|modules/system)/\w+\.(?:js|css)|"
        r"/sites/[\w.-]+/files/(?:css/css|js/js)_[\w-]+\.(?:css|js)",
        weak_files=r"/sites/(?:default|[\w.-]+)/files/|/themes/custom/|/modules/contrib/",
        elements=(
            "[data-drupal-selector]",
            "[data-drupal-link-system-path]",
            "[data-drupal-messages-fallback]",
            "[data-off-canvas-main-canvas]",
            "#block-system-main",
        ),
        weak_elements=('[about^="/node/"]', "body.path-frontpage, body.not-logged-in.front", '[id^="block-system-"]'),
        links=r"/node/\d+(?:[/?#]|$)|/taxonomy/term/\d+|/user/login",
        headers={"x-generator": "drupal", "x-drupal-cache": ".+", "x-drupal-dynamic-cache": ".+"},
        robots=r"/core/|/user/register|/index\.php/(?:user|admin)",
    ),
    SystemMarks(
        "SharePoint",
        generator=r"microsoft sharepoint",
        scripts=r"_spPageContextInfo|\bSP\.SOD\b|_spBodyOnLoad|RegisterSod\(",
        files=r"/_layouts/(?:\d+/)?|/_catalogs/masterpage/|/_vti_bin/|/Style%20Library/|/ScriptResx\.ashx",
        weak_files=r"/(?:PublishingImages|SiteAssets|SiteCollectionImages)/",
        elements=("#s4-workspace", "#s4-bodyContainer", "#DeltaPlaceHolderMain"),
        links=r"/(?:Site)?Pages/[^/?#]+\.aspx|/Lists/[^/]+/",
        headers={"microsoftsharepointteamservices": ".+", "sprequestguid": ".+", "x-sharepointhealthscore": ".+"},
        robots=r"/_layouts|/_vti_bin",
    ),
    SystemMarks(
        "DotNetNuke",
        generator=r"dotnetnuke|\bdnn\b",
        scripts=r"\bdnn\.(?:controls|dom|xmlhttp)\b",
        files=r"/Portals/_default/|/js/dnn\w*\.js|/DesktopModules/(?!UI)|/Resources/Shared/(?:Scripts|stylesheets)/",
        weak_files=r"/Portals/\d+/",
        elements=('input[name="__dnnVariable"]', "#dnn_ContentPane"),
        links=r"/tabid/\d+/",
        cookies=r"dnn_IsMobile|\.DOTNETNUKE",
        weak_cookies=r"\.ASPXANONYMOUS",
    ),
    SystemMarks("ModuleWrapper", elements=("div.ModuleWrapper[modulerootid]", "[modulerootid]")),
    SystemMarks("VCCorp", scripts=r"VCSortableInPreviewMode|admicroAD\b"),
    *(
        SystemMarks(name, generator=pattern)
        for name, pattern in (
            ("TYPO3", "typo3"),
            ("Umbraco", "umbraco"),
            ("Blogger", "blogger"),
            ("Wix", r"wix\.com"),
            ("Ghost", r"\bghost\b"),
            ("Hugo", r"\bhugo\b"),
            ("Jekyll", "jekyll"),
            ("Sitefinity", "sitefinity"),
            ("Kentico", "kentico|xperience"),
            ("DSpace", "dspace"),
            ("MediaWiki", "mediawiki"),
            ("Squarespace", "squarespace"),
            ("Concrete CMS", "concrete"),
            ("Odoo", r"\bodoo\b"),
            ("PrestaShop", "prestashop"),
            ("Haravan", "haravan"),
            ("Gatsby", "gatsby"),
            ("Plone", "plone"),
        )
    ),
)
