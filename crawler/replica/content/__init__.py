"""What the replica portal publishes, night by night."""
