"""The one kind of refusal the launcher knows: a sentence for the person at the terminal."""


class CannotStart(Exception):
    """str(error) is one clear sentence that says what is wrong and what to do."""
