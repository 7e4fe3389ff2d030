"""Run the nightly crawls until stopped: the same as `portal-archive schedule`."""

import sys

from crawler.cli import main

if __name__ == "__main__":
    sys.exit(main(["schedule", *sys.argv[1:]]))
