"""Elements of office documents in XML: their names and attributes, and the styles that they name."""
