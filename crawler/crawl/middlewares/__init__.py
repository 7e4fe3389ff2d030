"""Between the spider and the network: which hosts may be asked, robots.txt, retries, and the capture."""
