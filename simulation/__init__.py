"""The cloud in memory, with a clock that moves by hand: for tests, and for thousands of histories in a minute."""
