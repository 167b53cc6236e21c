"""Access control and limits for requests."""
