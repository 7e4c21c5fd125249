"""Reading the environment: once, in settings, and refusing nonsense instead of guessing."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def env_text(name: str, default: str | None = None) -> str:
    """The value of NAME, or of the file named by NAME_FILE (a container secret).

    Raises ImproperlyConfigured when neither is set and there is no default."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(
                f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
            ) from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it, or {name}_FILE, or start Hotline with ./run.")
    return value


def env_bool(name: str, default: bool) -> bool:
    """True for 1/true/yes/on, False for 0/false/no/off/empty; anything else is refused."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    word = raw.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is '{raw}': write yes or no.")


def env_int(name: str, default: int, *, least: int = 0) -> int:
    """A whole number of at least `least`; anything else is refused."""
    raw = os.environ.get(name)
    if raw is None:
        return default
    try:
        number = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is '{raw}': write a whole number.") from None
    if number < least:
        raise ImproperlyConfigured(f"{name} is {number}: it must be at least {least}.")
    return number


def env_list(name: str, default: str = "") -> list[str]:
    """Comma-separated words, empty ones dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]
