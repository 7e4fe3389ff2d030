"""Requests by libcurl: everything that knows pycurl, but for its options of TLS."""
