"""The published table of states is the table of the code."""

from django.conf import settings

from workorders import statechart
from workorders.lifecycle import FINAL, TRANSITIONS, VERBS, State


def test_the_page_of_states_is_rendered_from_the_table():
    page = (settings.BASE_DIR / "docs" / "states.md").read_text(encoding="utf-8")

    assert page == statechart.render(), "run ./run manage render_states"


def test_every_verb_of_the_table_has_words():
    assert {verb for _state, verb in TRANSITIONS} <= set(VERBS)


def test_every_open_state_can_be_left():
    leaves = {at for (at, _verb), step in TRANSITIONS.items() if any(to not in (None, at) for to in step.to)}

    assert set(State) - FINAL <= leaves
