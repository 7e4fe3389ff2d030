"""What cells of sheets show: numbers, dates and fractions by their number formats."""
