"""Stand-ins with state, and values to start from."""
