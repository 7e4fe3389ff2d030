"""What a draft claims: its quotations, links, document numbers, dates, sums and numbers; and how they are matched."""
