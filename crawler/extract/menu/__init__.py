"""The portal's menu: its entries, and the pages that they lead to if such a page is one article."""
