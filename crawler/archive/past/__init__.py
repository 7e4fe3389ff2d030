"""What the past of an article says of a revision: it is an older one again, or came after an absence."""
