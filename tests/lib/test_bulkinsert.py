"""Rows inserted by column."""

from datetime import UTC, datetime

import pytest
from django.db import DataError

from hotline.lib.bulkinsert import insert_rows
from workorders.models import Notice

pytestmark = pytest.mark.django_db


def row(key, **fields):
    defaults = {"kind": "x", "channel": "bell", "role": "", "facts": {}, "tries": 0, "error": ""}
    return {"key": key, "created_at": datetime(2026, 3, 10, tzinfo=UTC), **defaults, **fields}


def test_rows_arrive_whole_and_in_order():
    facts = [{"number": "JN1", "words": 'a "quoted" {word}'}, {"list": [1, None]}]

    ids = insert_rows(Notice, [row(f"k{n}", facts=fact) for n, fact in enumerate(facts)])

    assert [Notice.objects.get(pk=pk).facts for pk in ids] == facts


def test_no_rows_are_no_query(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert insert_rows(Notice, []) == []


def test_known_keys_are_dropped_when_asked():
    insert_rows(Notice, [row("k")])

    assert len(insert_rows(Notice, [row("k"), row("l")], ignore_conflicts=True)) == 1


def test_too_long_a_text_is_refused_not_cut():
    with pytest.raises(DataError):
        insert_rows(Notice, [row("k", kind="x" * 41)])
