"""What ends a command with one line and exit code 2."""


class CommandError(Exception):
    """A file, an option, a key or the surroundings are not what the command needs: the text says which, and what now.

    The text is for people. It quotes keys, never values that may be a secret.
    """
