"""WARC records to rows, without Scrapy: rebuild a whole database, or adopt the records that a dead run left."""
