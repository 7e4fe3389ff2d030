"""The WARC files on disk: list the folder, and read every readable record, in any compression."""
