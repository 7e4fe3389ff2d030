"""`python -m crawler.attachments`: the process that `reader` starts; not for use by hand."""

from crawler.attachments.worker import work

if __name__ == "__main__":
    work()
