"""Subscriptions: what the operator follows for others, sent when a night is over. Nothing twice, nothing lost."""
