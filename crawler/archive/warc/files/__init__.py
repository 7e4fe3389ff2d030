"""The WARC files on disk: list the folder, and read every readable record, whatever the compression."""
