"""How the facts of an order look: word, form and icon together, the same on every page."""

from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.utils import translation

from hotline.lib.durations import remaining_words
from workorders.lifecycle import Mode, State, Urgency
from workorders.templatetags import orders


def rendered(tag: str, **context) -> str:
    with translation.override("en"):
        return Template("{% load orders %}{% " + tag + " %}").render(Context(context))


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize("state", State)
def test_every_state_has_its_word_and_its_icon(state):
    html = rendered("state_badge order", order=SimpleNamespace(state=state.value))

    assert str(state.label) in html
    assert "icons.svg#" in html


def test_no_two_states_share_an_icon_so_that_colour_is_never_alone():
    icons = [icon for _family, icon in orders.STATE_LOOKS.values()]

    assert len(set(icons)) == len(State)


def test_a_badge_of_a_bare_code_looks_like_that_of_an_order():
    order = SimpleNamespace(state="closed")

    assert rendered("state_badge 'closed'") == rendered("state_badge order", order=order)


@pytest.mark.parametrize("urgency", [Urgency.E1, Urgency.E2])
def test_an_urgent_order_says_its_level_and_what_it_means(urgency):
    html = rendered("urgency_badge order", order=SimpleNamespace(urgency=urgency.value))

    assert f"{urgency.value} {urgency.label}" in html


def test_the_short_form_keeps_the_words_for_screen_readers():
    assert '<span class="visually-hidden">Life and property</span>' in rendered(
        "urgency_badge 'E1' short=True"
    )


def test_an_ordinary_order_has_no_urgency():
    assert rendered("urgency_badge 'N'").strip() == ""


@pytest.mark.parametrize(("card", "words"), [("yellow", "Yellow card"), ("red", "Red card")])
def test_a_card_is_named(card, words):
    assert words in rendered("card_badge order", order=SimpleNamespace(card=card))


def test_an_order_without_a_card_shows_none():
    assert rendered("card_badge order", order=SimpleNamespace(card="")).strip() == ""


@pytest.mark.parametrize("mode", [Mode.ANONYMOUS, Mode.CONFIDENTIAL])
def test_a_kept_identity_is_named(mode):
    assert str(mode.label) in rendered("mode_badge order", order=SimpleNamespace(mode=mode.value))


def test_a_real_name_needs_no_mark():
    assert rendered("mode_badge 'real_name'").strip() == ""


def test_a_kind_added_by_a_city_still_has_an_icon():
    class Kind:
        pk = "lost_property"

        def __str__(self):
            return "Lost property"

    html = rendered("kind_label kind", kind=Kind())

    assert "Lost property" in html
    assert "#tag" in html


@pytest.mark.parametrize(("minutes", "level"), [(-1, "late"), (0, "soon"), (120, "soon"), (121, "calm")])
def test_the_level_of_the_time_left_follows_the_minutes(minutes, level):
    assert f"is-{level}" in rendered("remaining minutes", minutes=minutes)


@pytest.mark.parametrize("working", [True, False])
def test_the_time_left_is_said_in_the_one_wording(working):
    with translation.override("en"):
        words = remaining_words(3000, working=working)

    assert words in rendered("remaining 3000 working=working", working=working)


def test_late_and_soon_differ_by_icon_and_not_by_colour_alone():
    icons = {orders.time_level(minutes)[1] for minutes in (-5, 5, 500)}

    assert len(icons) == 3


def test_a_paused_clock_says_so():
    assert "paused" in rendered("remaining 90 paused=True")


def test_an_order_without_a_deadline_shows_a_dash():
    assert rendered("remaining minutes", minutes=None) == "–"
