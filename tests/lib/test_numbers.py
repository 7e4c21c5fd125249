"""Order numbers find typing errors; query codes have six digits."""

from datetime import date
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hotline.lib.numbers import (
    ALPHABET,
    VALUES,
    is_order_number,
    normal_order_number,
    order_number,
    query_code,
)

NUMBERS = st.builds(
    order_number,
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=8),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(0, 2**32).map(Random),
)


def test_a_number_shows_city_and_day():
    number = order_number("JN", date(2026, 2, 13), Random(1))
    assert number.startswith("JN20260213")
    assert len(number) == 17


@given(NUMBERS)
def test_every_new_number_is_right(number):
    assert is_order_number(number)


@given(NUMBERS)
def test_a_number_has_no_lookalikes_in_its_random_part(number):
    assert set(number[-7:]) <= set(ALPHABET)


@given(NUMBERS, st.data())
def test_any_wrong_character_is_found(number, data):
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([character for character in VALUES if character != number[place]]))
    assert not is_order_number(number[:place] + wrong + number[place + 1 :])


@given(NUMBERS, st.data())
def test_any_swap_of_neighbours_is_found(number, data):
    place = data.draw(st.integers(0, len(number) - 2))
    left, right = number[place : place + 2]
    assume(left != right)
    assert not is_order_number(number[:place] + right + left + number[place + 2 :])


@given(NUMBERS)
def test_a_number_is_read_however_it_is_typed(number):
    head, tail = number[:-7], number[-7:]
    typed = f" {head.lower()}-{tail.lower().replace('0', 'o').replace('1', 'l')} "
    assert normal_order_number(typed) == number


def test_full_width_and_capital_lookalikes_are_read():
    number = order_number("IL", date(2026, 1, 10), Random(3))
    assert normal_order_number("ＩＬ" + number[2:].replace("1", "I").replace("0", "O")) == number


@pytest.mark.parametrize(
    "text", ["", "JN", "12345", "JN20261301AAAAAAA", "jn20260213aaaaaaa", "JN２０２６0213AAAAAAA"]
)
def test_other_texts_are_no_order_numbers(text):
    assert not is_order_number(text)


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text):
    is_order_number(normal_order_number(text))


@pytest.mark.parametrize("prefix", ["", "jn", "J1", "ABCDEFGHI"])
def test_an_odd_prefix_is_refused(prefix):
    with pytest.raises(ValueError, match="prefix"):
        order_number(prefix, date(2026, 2, 13), Random(1))


def test_numbers_of_one_day_hardly_ever_meet():
    rng = Random(5)
    assert len({order_number("JN", date(2026, 2, 13), rng) for _ in range(5_000)}) >= 4_999


@given(st.integers(0, 2**32))
def test_a_query_code_has_six_digits(seed):
    code = query_code(Random(seed))
    assert len(code) == 6
    assert code.isascii() and code.isdigit()
