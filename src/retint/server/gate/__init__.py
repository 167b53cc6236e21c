"""Who may come in, how many at a time, and how much each may bring."""
