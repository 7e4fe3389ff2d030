"""The reader of attachments: their text page by page, their pictures, and the comparison of two of them."""
