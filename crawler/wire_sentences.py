"""Templates about the wire, part of `sentences`: certificates, ways to a page, what came in its place, files."""

# Inside `tls-…`: how the operator can accept the answer nevertheless.
WAYS = {
    "pin-line": 'To accept this key: "{host}" = "{pin}" under [tls.pins] in the profile',
    "pin-unseen": "Its key could not be seen",
}

# Inside `another-cms` and `no-portal`: what shows it.
HOME_SIGNS = {
    "articles-unknown": "none of the {count} articles that its home page names is known",
    "mark-generator": "its page names its generator, {mark!r}",
    "mark-files": "its own files lie at {mark!r}",
    "mark-script": "its script has {mark!r}",
    "mark-element": "its page has {mark!r}",
    "mark-header": "it sends the header {mark!r}",
    "mark-cookie": "it sets the cookie {mark!r}",
    "mark-link": "it links to {mark!r}",
    "mark-robots": "its robots.txt names {mark!r}",
    "home-empty": "its home page is empty",
    "home-parked": "its home page is that of a parked domain or of a server without a site",
    "home-by-scripts": "its home page shows nothing but by scripts, which a crawl does not run",
    "home-login": "its home page is a login",
}

# crawls.reason: of a home page.
HOME_REASONS = {
    "another-cms": "this is {system}, not {expected_cms}: {signs}",
    "no-portal": "this is no portal of {expected_cms}: {signs}",
}

# crawl_errors.message
TLS_MESSAGES = {
    "tls-expired": "the certificate of {host} expired on {day}: the portal has to renew it. {way}",
    "tls-not-yet-valid": "the certificate of {host} is valid from {day} on: is our clock right? {way}",
    "tls-self-signed": "the certificate of {host} is signed by itself. {way}",
    "tls-wrong-name": "the certificate of {host} is for {names}: is the address right? {way}",
    "tls-chain": (
        "no chain leads from the certificate of {host}, issued by {issuer}, to a known root: the portal has to send "
        "the whole chain, or its root has to be installed here. {way}"
    ),
    "tls-revoked": "the certificate of {host} is revoked: the portal has to replace it. {way}",
    "tls-too-old": "{host} speaks TLS that is too old or too weak ({error}): the portal has to renew it. {way}",
    "tls-invalid": "the certificate of {host} is not valid ({error}). {way}",
    "tls-plain": "{host} answers without TLS where an https address asks for it: is its address an http address?",
    "tls-failed": "no TLS connection with {host} could be made ({error})",
    "tls-pin-changed": "the public key of {host} is {pin}, which tls.pins does not name; nothing was fetched from it",
}

# crawl_errors.message: what came is not an answer, or not a whole one.
ANSWER_MESSAGES = {
    "cut-off": "the answer was cut off before its end",
    "too-large": "larger than {bytes} bytes",
    "too-large-decoded": "larger than {bytes} bytes once decompressed",
    "endless-head": "HTTPException: the head of the answer does not end",
    "not-http": "what came is no HTTP answer; it begins with {begin}",
    "bad-status": "the answer has the status {status}, which is none of 100 to 599",
    "no-answer": "the connection ended without an answer",
    "head-too-long": "the head of the answer does not end within {bytes} bytes",
}

# crawl_errors.message: answers that the parser cannot read, or that cost too much to be read.
PARSER_MESSAGES = {
    "parser-failed": "the parser failed on it ({error})",
    "parser-died": "the parser died of it (exit status {status})",
    "parser-late": "the parser was not done with it after {seconds} s",
    "costs-tags": "costs too much to be read: its markup has more than {count} tags",
    "costs-links": "costs too much to be read: it has more than {count} links",
    "costs-options": "costs too much to be read: its lists have more than {count} options",
    "costs-script": "costs too much to be read: its scripts need more than {count} steps",
    "costs-text": "costs too much to be read: its text has more than {count} characters",
    "costs-characters": "costs too much to be read: it has more than {count} characters",
    "costs-depth": "costs too much to be read: its elements are nested more than {depth} deep",
    "costs-attributes": "costs too much to be read: its tags have too many attributes",
    "costs-formats": "costs too much to be read: its open formats are repeated more than {count} times",
}

# crawls.reason
TLS_REASONS = {
    "key-changed": (
        "{host} shows another public key than tls.pins names: has the portal a new one, or is somebody in between? "
        "Nothing was fetched from it"
    )
}

# Inside `not-a-list`.
NO_LISTS = {
    "list-too-deep": "{url}: expected a list of articles, found elements nested too deep to be read",
    "list-is-article": "{url}: expected a list of articles, found an article",
    "list-without-rows": "{url}: expected a list of articles, found neither rows nor a pager",
    "list-is-text": "{url}: expected a list of articles, found a text with lists beside it",
    "list-led-home": "{url}: expected a list of articles, was led to the home page",
    "list-is-stranger": "{url}: expected a list of articles, found something else in its place ({kind})",
}

# crawl_errors.message: what came in place of an article
PAGE_MESSAGES = {
    "page-too-deep": "{url}: expected an article, found elements nested more than {depth} deep ({title!r})",
    "page-is-error": "{url}: expected an article, found an error page ({title!r}) with a status of success",
    "page-is-ill": "{url}: expected an article, found a page that says the portal is ill ({title!r})",
    "page-is-login": "{url}: expected an article, found a login page ({title!r})",
    "page-lacks-title": "{url}: expected an article, found the frame of an article, but no title ({title!r})",
    "page-lacks-body": "{url}: expected an article, found the frame of an article, but no body ({title!r})",
    "entry-is-file": "{url}: the menu leads to a file ({media})",
    "page-is-neither": "{url}: neither a list of articles nor an article ({title!r})",
    "page-is-list": "{url}: expected an article, found a list of articles ({title!r})",
    "page-is-documents": "{url}: expected an article, found a page of documents ({title!r})",
    "page-is-foreign": "{url}: expected an article, found no part of an article of {cms!r} (looks like {looks})",
    "page-is-stranger": "{url}: expected an article, found something else in its place ({kind}; {title!r})",
    "page-is-nothing": "{url}: expected an article, found no part of an article ({title!r})",
}

# Part of `sentences.MESSAGES`.
FILE_MESSAGES = {
    "page-for-file": "a web page came instead of a {suffix} file",
    "page-for-download": "a web page, no file",
    "text-for-file": "a text of {bytes} bytes came instead of the file",
    "other-bytes-for-file": "the bytes are no {suffix} file, nor of another known format",
    "file-gap": "could not be had on {nights} nights in a row; tried more and more rarely from now on",
    "file-lacks-end": "the file ends before its end mark",
    "file-for-nothing": "the answer is the one that the host gives for a file that does not exist",
    "picture-for-many": "the same picture came in place of several different files",
}

# Part of `sentences.REASONS`.
FILE_REASONS = {
    "files-missing": "{count} of {total} files wanted for the first time could not be had, most of them from {host}",
    "files-on-unnamed-host": (
        "{count} of {total} files wanted for the first time lie on {host}, which the profile does not name: "
        "if it is the portal's, add it to asset_hosts"
    ),
    "file-host-down": "the file host {host} is down: {count} files could not be had from it",
    "files-placeholder": "{host} gave one and the same picture in place of {count} files",
}

# crawl_errors.message: why no answer came.
NETWORK_MESSAGES = {
    "no-head": "no whole head of an answer came within {seconds} s",
    "fell-silent": "nothing more came for {seconds} s",
    "page-too-slow": "the page was not whole after {seconds} s",
    "too-slow": "fewer than {bytes} bytes a second came over {seconds} s",
    "host-down": "{host} failed {count} times in a row, the last time: {problem}; not asked now",
    "address-unreadable": "{url} is no address that can be asked",
    "network-failure": "the connection failed: {error}",
}

# crawl_errors.message: words of Scrapy and Twisted, which come with their exceptions.
SCRAPY_MESSAGES = {
    "took-longer": "Getting {url} took longer than {seconds} seconds.",
    "redirect-nowhere": "answered {status} and named no address to go to ({location!r})",
    "redirect-loop": "max redirections reached",
    "too-large-announced": (
        "Expected to receive {bytes} bytes which is larger than download max size ({limit_bytes}) "
        "in request <{request}>."
    ),
    "too-large-received": (
        "Received {bytes} bytes which is larger than download max size ({limit_bytes}) in request <{request}>."
    ),
    "connection-lost": "[<twisted.python.failure.Failure {error}>]",
    "name-unknown": "DNS lookup failed: {error}",
    "connection-refused": "Connection was refused by other side: {error}",
}

# Inside `page-missing`: where a walk through a listing was ended.
BOUND_PROBLEMS = {
    "bound-pages": "the bound of {bound} pages is reached; the next run goes on here",
    "bound-night": "the run ended here; the next one goes on here",
    "pages-barren": "the last {count} pages brought nothing new, so no more were asked for",
}

# crawls.reason: what a bound of the run left.
BOUND_REASONS = {
    "no-space": "the disk is full: nothing more could be written",
    "night-minutes": "the run's bound of {minutes} minutes is reached",
    "bound-read": "the run was to read {count} articles only",
    "bound-articles": "the run's bound of {bound} new articles is reached",
    "bound-links": "the run's bound of {bound} links that no listing names is reached",
    "bound-requisites": "the run's bound of {bound} page requisites is reached",
    "bound-frontier": "{count} links are not noted, since {bound} that no listing names were not tried yet",
    "bound-named": "{count} links of pages with more than {bound} are not noted",
    "bound-menu": "{count} entries of the menu are left to the next run, whose bound is {bound}",
    "bound-files": "{count} files of articles are left to their next look, whose bound is {bound}",
    "left": (
        "left to the next run: {rechecks} looks at held articles, {listed} listed articles, {links} other links, "
        "{requisites} page requisites"
    ),
}
