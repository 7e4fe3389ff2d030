"""Scrapy's download handlers: ours on libcurl, and its own where pycurl is missing."""
