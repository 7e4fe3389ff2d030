"""`python -m crawler.texts`: the process that `reader` starts; of no use by hand."""

from crawler.texts.worker import work

if __name__ == "__main__":
    work()
