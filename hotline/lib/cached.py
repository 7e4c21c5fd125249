"""Small tables kept in the process for some seconds, so that rules can ask them at every step."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar, Generic, TypeVar

Value = TypeVar("Value")


class Cached(Generic[Value]):
    """The result of `load`, at most `seconds` old. An edit made in another process is seen that much later;
    one made here calls `Cached.forget_all()`."""

    _all: ClassVar[list[Cached]] = []

    def __init__(self, load: Callable[[], Value], *, seconds: float = 10) -> None:
        self._load, self._seconds = load, seconds
        self._value: Value | None = None
        self._until = 0.0
        Cached._all.append(self)

    def get(self) -> Value:
        if self._value is None or time.monotonic() > self._until:
            self._value = self._load()
            self._until = time.monotonic() + self._seconds
        return self._value

    def forget(self) -> None:
        self._value = None

    @classmethod
    def forget_all(cls) -> None:
        for cached in cls._all:
            cached.forget()
