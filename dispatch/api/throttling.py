"""A fuse against programs that run wild: so many requests a minute for each person."""

from __future__ import annotations

import logging
import time
from functools import lru_cache

from django.conf import settings
from redis import Redis, RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

logger = logging.getLogger(__name__)
WINDOW = 60
PAUSE = 5.0
"""Seconds for which Redis is not asked again after it failed, so that no request waits for it."""


@lru_cache(maxsize=1)
def counter(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)


class PerUser(BaseThrottle):
    """At most `API_RATE_PER_MINUTE` requests of one person in a clock minute; 0 means no limit.

    Counting is one atomic increment, so simultaneous requests cannot slip through together. It is a fuse
    and no lock: while Redis is away everything passes."""

    blind_until = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        limit = settings.API_RATE_PER_MINUTE
        if not limit or not request.user.is_authenticated:
            return True
        return self.count(request.user.pk) <= limit

    def count(self, user_id: int) -> int:
        """How many requests this person made in the present minute, this one included; 0 when nobody can
        tell."""
        if time.monotonic() < PerUser.blind_until:
            return 0
        key = f"api-rate:{user_id}:{int(time.time()) // WINDOW}"
        try:
            with counter(settings.REDIS_URL).pipeline(transaction=True) as pipe:
                made, _set = pipe.incr(key).expire(key, 2 * WINDOW).execute()
        except RedisError:
            logger.warning("rate limit off for %s s: Redis does not answer", PAUSE)
            PerUser.blind_until = time.monotonic() + PAUSE
            return 0
        return made

    def wait(self) -> float:
        return WINDOW - time.time() % WINDOW
