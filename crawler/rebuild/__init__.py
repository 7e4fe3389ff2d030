"""WARC records to rows, without Scrapy: a whole rebuild, or what a dead run left."""
