"""Fuzzing of what arrives: `cd tests && python -m fuzz --events 1000000 --seed 7` runs it for longer than the suite does."""
