"""SQL of visitors: run in processes of its own, which have bounds and can be ended."""
