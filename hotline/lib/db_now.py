"""The database's clock: the only clock that deadlines trust."""

from datetime import datetime

from django.db import connection


def db_now() -> datetime:
    """The present instant by the database's clock, aware. Entry points ask once and pass it down as `now`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
