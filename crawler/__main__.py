"""`python -m crawler`: the same as `portal-archive`."""

import sys

from crawler.cli import main

sys.exit(main())
