"""`python -m crawler.side_process PARENT COMMAND…`: one of our commands, killed when the process PARENT ends."""

import runpy
import sys

from crawler.side_process.parent import end_with_parent

if __name__ == "__main__":
    end_with_parent(int(sys.argv.pop(1)))
    runpy.run_module("crawler", run_name="__main__", alter_sys=True)
