"""The SQL of a search, apart from what it finds in an archive."""

import sqlite3
from datetime import date

from crawler.search.sql import Filters, write_listing


def test_days_are_read_above_the_bits_that_the_filters_name() -> None:
    bits = 36
    key = (date(2026, 8, 28).toordinal() << bits) | 5 << 24
    connection = sqlite3.connect(":memory:")
    connection.execute("create table articles (sort_key integer)")
    connection.executemany("insert into articles values (?)", [(key,), (7 << 32,)])
    for filters, expected in (
        (Filters(since=date(2026, 8, 28), until=date(2026, 8, 28), key_bits=bits), [key]),
        (Filters(since=date(2026, 8, 29), key_bits=bits), []),
        (Filters(until=date(2026, 8, 27), key_bits=bits), []),
        (Filters(is_undated=True, key_bits=bits), [7 << 32]),
    ):
        listing = write_listing(filters)
        sql = f"select a.sort_key from {listing.sql}"
        assert [row[0] for row in connection.execute(sql, listing.parameters)] == expected
