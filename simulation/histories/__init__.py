"""Random histories of a small fleet, with faults at every call, and the promises that must hold after each."""
