"""PDF files: their letters page by page, and the pictures of pages whose letters are missing or wrong."""
