"""Training pictures packed small enough to travel to another machine, and read back there."""
