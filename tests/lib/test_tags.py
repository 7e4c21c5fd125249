"""The tags every page has: times, numbers, icons, fields, links that keep filters."""

from datetime import UTC, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from django.utils.translation import gettext as _

from hotline.lib import requests, tags

MORNING = datetime(2026, 2, 12, 1, 31, 5, tzinfo=UTC)
"""09:31:05 in the city, a Thursday."""


def rendered(source: str, **context) -> str:
    return Template(source).render(Context(context))


class CallForm(forms.Form):
    phone = forms.CharField(help_text="Digits only")
    solved = forms.ChoiceField(choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect)
    private = forms.BooleanField()


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


# --- Times and numbers


def test_the_full_time_is_in_the_citys_zone_with_its_weekday():
    assert tags.full_time(MORNING) == "12 Feb 2026 (Thu) 09:31"


def test_the_full_time_in_chinese_has_the_order_of_chinese_dates():
    with translation.override("zh-hans"):
        if _("Data as of") == "Data as of":
            pytest.skip("translations are not compiled")
        assert tags.full_time(MORNING) == "2026\u5e742\u670812\u65e5(\u5468\u56db) 09:31"


def test_a_day_after_midnight_in_the_city_is_the_citys_day():
    assert tags.day(datetime(2026, 2, 11, 16, 5, tzinfo=UTC)) == "12 Feb 2026 (Thu)"


def test_the_table_time_of_this_year_leaves_the_year_out(time_machine):
    time_machine.move_to(MORNING)

    assert ">02-12 09:31<" in tags.table_time(MORNING)


def test_the_table_time_of_another_year_names_it(time_machine):
    time_machine.move_to(datetime(2027, 1, 5, tzinfo=UTC))

    assert ">2026-02-12 09:31<" in tags.table_time(MORNING)


def test_the_table_time_carries_the_full_form_for_hover_and_for_screen_readers():
    html = tags.table_time(MORNING)

    assert 'title="12 Feb 2026 (Thu) 09:31"' in html
    assert '<span class="when-full">12 Feb 2026 (Thu) 09:31</span>' in html


def test_the_clock_time_has_seconds():
    assert tags.clock_time(MORNING) == "09:31:05"


@pytest.mark.parametrize("write", [tags.full_time, tags.table_time, tags.day, tags.percent, tags.number])
def test_no_value_is_a_dash_and_never_none(write):
    assert write(None) == "–"


def test_a_share_is_a_percentage_with_one_decimal():
    assert tags.percent(0.93449) == "93.4%"


def test_nothing_of_something_is_zero_percent():
    assert tags.percent(0) == "0.0%"


def test_a_count_has_thousands_separators():
    assert tags.number(37214) == "37,214"


# --- Icons


def test_an_icon_is_decoration_unless_it_is_labelled():
    assert 'aria-hidden="true"' in tags.icon("clock")
    assert 'role="img" aria-label="Late"' in tags.icon("clock", label="Late")


def test_an_icon_that_is_not_in_the_sprite_is_refused():
    with pytest.raises(ValueError, match="icons.py"):
        tags.icon("no-such-icon")


# --- Links that keep filters


def link(path: str, tag: str) -> str:
    return rendered("{% query " + tag + " %}", request=RequestFactory().get(path))


def test_a_link_keeps_the_other_filters():
    assert link("/x/?state=closed&unit=7", "state='pending'") == "?state=pending&amp;unit=7"


def test_none_removes_a_filter():
    assert link("/x/?state=closed&unit=7", "state=None") == "?unit=7"


def test_another_filter_starts_at_the_first_page():
    assert link("/x/?cursor=abc", "state='closed'") == "?state=closed"


def test_the_next_page_keeps_the_filters():
    assert link("/x/?state=closed&cursor=abc", "cursor='def'") == "?state=closed&amp;cursor=def"


def test_a_page_without_a_request_still_gets_a_link():
    assert rendered("{% query state='closed' %}") == "?state=closed"


# --- Fields


def test_a_field_has_its_label_and_names_its_help():
    html = rendered("{% field form.phone %}", form=CallForm())

    assert '<label class="form-label" for="id_phone">' in html
    assert 'aria-describedby="id_phone_helptext"' in html
    assert '<p class="field-help" id="id_phone_helptext">Digits only</p>' in html


def test_a_refused_field_names_its_error_and_keeps_what_was_typed():
    class Strict(CallForm):
        def clean_phone(self):
            raise forms.ValidationError("Not a number")

    html = rendered("{% field form.phone %}", form=Strict({"phone": "12 <b>"}))

    assert 'value="12 &lt;b&gt;"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in html
    assert 'id="id_phone_error"' in html


def test_choices_are_a_group_with_a_legend_that_names_its_error():
    html = rendered("{% field form.solved %}", form=CallForm({}))

    assert "<legend" in html
    assert '<fieldset class="field " id="id_solved" aria-describedby="id_solved_error" data-invalid>' in html


def test_a_tick_box_stands_before_its_words():
    html = rendered("{% field form.private %}", form=CallForm())

    assert html.index("<input") < html.index("Private")


def test_other_keywords_become_attributes_of_the_input():
    html = rendered("{% field form.phone data_key='F4' autofocus=True disabled=False %}", form=CallForm())

    assert 'data-key="F4"' in html
    assert " autofocus" in html
    assert " disabled" not in html


def test_the_error_summary_links_to_every_refused_field():
    html = rendered('{% include "_form_errors.html" %}', form=CallForm({}))

    assert 'href="#id_phone"' in html
    assert 'tabindex="-1" data-focus' in html


def test_a_form_without_errors_has_no_summary():
    assert rendered('{% include "_form_errors.html" %}', form=CallForm()).strip() == ""


# --- Data age


def test_polled_data_says_how_old_it_is():
    html = rendered("{% as_of at %}", at=MORNING)

    assert "09:31:05" in html
    assert 'datetime="2026-02-12T01:31:05+00:00"' in html or 'datetime="2026-02-12T09:31:05+08:00"' in html


# --- When something failed


def test_the_error_page_needs_no_request_and_no_user():
    html = Template('{% include "500.html" %}').render(Context())

    assert "<h1>Something went wrong on our side</h1>" in html
    assert '<p class="muted">' not in html


def test_the_error_page_names_the_request_for_support():
    token = requests._request_id.set("7f3a90c2aa")
    try:
        html = Template('{% include "500.html" %}').render(Context())
    finally:
        requests._request_id.reset(token)

    assert "7f3a90c2aa" in html
