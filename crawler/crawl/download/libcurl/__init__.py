"""Requests by libcurl: everything that knows pycurl, except its options of TLS."""
