"""A throttled night of a large fleet, on simulated time."""
