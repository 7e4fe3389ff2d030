"""Files within archives (ZIP, RAR, 7z, tar, gzip): each is read by its own kind, all within the limits of one file."""
