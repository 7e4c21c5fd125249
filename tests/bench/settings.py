"""The product's settings, with each answer telling how many queries it took, and no limit for clients that
run wild."""

from hotline.settings import *  # noqa: F403  # every setting is the product's
from hotline.settings import MIDDLEWARE

MIDDLEWARE = ["tests.bench.counting.CountQueries", *MIDDLEWARE]
API_RATE_PER_MINUTE = 0
