"""Messages to the operator: each problem once, its end once, and a digest of what is new."""
