"""A portal that moves to another host or scheme keeps its articles: their addresses are carried over to the new one.

What is asked for and compared (the frontier, listings, mentions, each article's address) gets the new origin. What says
where something was met (`article_urls`, `files`) keeps the old rows and gets new ones beside them. Captures stay as
they are.
"""

import sqlite3
from urllib.parse import urlsplit

from crawler.profile import DEFAULT_PORTS, Profile

# Tables in which an address is replaced, and the column.
_REPLACED = (
    ("frontier", "url"), ("listing_rows", "listing"), ("listing_rows", "url"), ("listing_heads", "listing"),
    ("mentions", "url"), ("articles", "url"), ("categories", "url"),
)  # fmt: skip
# Tables that get a second row with the new address, and the column that is not taken over: nothing was met there yet.
_COPIED = (("article_urls", "first_capture_id"), ("files", None), ("file_looks", None))


def carry_over(connection: sqlite3.Connection, profile: Profile) -> None:
    """Carry the addresses of former hosts over to the profile's own, before its row in `portals` is updated.

    Former hosts are those of `moved_from`, and of the base_url that the archive has. Does nothing where no row has one.
    """
    row = connection.execute("select base_url from portals where name = ?", (profile.name,)).fetchone()
    if row is None:
        return
    former = dict.fromkeys(
        origin for base_url in (row["base_url"], *profile.moved_from) for origin in _spell_origins(base_url)
    )
    for origin in former:
        if origin != profile.origin:
            _carry(connection, profile.name, old=origin, new=profile.origin)


def _spell_origins(base_url: str) -> list[str]:
    """Return the origins that addresses of a site can have: with http and https where the port is a default one."""
    parts = urlsplit(base_url)
    netloc = parts.netloc.lower()
    if parts.port not in (None, *DEFAULT_PORTS.values()):
        return [f"{scheme}://{netloc}" for scheme in DEFAULT_PORTS]
    host = netloc.removesuffix(f":{parts.port}")
    spelled = [f"{scheme}://{host}{port}" for scheme, number in DEFAULT_PORTS.items() for port in ("", f":{number}")]
    return [f"{parts.scheme}://{netloc}", *spelled]


def _carry(connection: sqlite3.Connection, portal: str, *, old: str, new: str) -> None:
    values = {"portal": portal, "old": old, "new": new, "since": f"{old}/", "until": f"{old}0"}
    for table, left_out in _COPIED:
        columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        taken = [
            ":new || substr(url, length(:old) + 1)" if name == "url" else "null" if name == left_out else name
            for name in columns
        ]
        connection.execute(
            f"""insert or ignore into {table} ({", ".join(columns)}) select {", ".join(taken)} from {table}
                where portal = :portal and url >= :since and url < :until order by url""",  # noqa: S608 - ours
            values,
        )
    for table, column in _REPLACED:
        is_old = f"portal = :portal and {column} >= :since and {column} < :until"
        if table == "articles":  # whose addresses have their own index
            is_old = f"""+{is_old} and id in (select article_id from article_urls
              where portal = :portal and url >= :since and url < :until)"""  # noqa: S608 - names of ours
        connection.execute(
            f"""update or ignore {table} set {column} = :new || substr({column}, length(:old) + 1)
                where {is_old}""",  # noqa: S608 - names of ours
            values,
        )
        if table not in ("articles", "categories"):
            # What is left has a row with the new address already.
            connection.execute(f"delete from {table} where {is_old}", values)  # noqa: S608 - names of ours
    connection.execute(
        """update listing_heads set urls = replace(urls, '"' || :since, '"' || :new || '/') where portal = :portal""",
        values,
    )
