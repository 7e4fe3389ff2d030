"""The process that parses: its start. It imports the work with the garbage collector off: a tenth of the time.

What imports make lives as long as the process, so there is nothing to collect. The work turns the collector on.
"""

import gc

if __name__ == "__main__":
    gc.disable()
    from crawler.crawl.parser_process.server import main

    main()
