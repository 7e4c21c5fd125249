"""Review and tally in a browser: completed, signed, printed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from analytics import reviews, tallies
from analytics.models import Review
from analytics.periods import week_of
from hotline.lib.db_now import db_now
from tests.makers import make_order, make_unit
from workorders import gratitude
from workorders.lifecycle import State, Urgency

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def review(db):
    """Today's draft over a few orders of a minute ago."""
    now = db_now()
    at = max(
        now - timedelta(minutes=1), timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    make_order(urgency=Urgency.E1, at=at)
    make_order(state=State.REWORK_REVIEW, at=at)
    thanks = make_order(kind="thanks", category="180101", at=at)
    gratitude.describe(
        thanks, unit=make_unit("Parks"), person="Li Wenjiao", deed="Kind", consent=True, is_story=True
    )
    return reviews.draft(timezone.localdate(now), now=db_now())


@pytest.fixture
def path(review, live_server):
    return f"{live_server.url}/reviews/{review.date}/"


def test_a_measure_is_added_and_the_review_signed(review, path, sign_in, supervisor):
    page = sign_in(supervisor, "en")
    page.goto(path)
    page.locator("[name=text]").fill("Add two seats")
    page.locator("[name=owner]").fill("Shift 1")
    page.get_by_role("button", name="Add the measure").click()
    expect(page.get_by_text("Add two seats")).to_be_visible()

    page.get_by_role("button", name="Sign the review").click()
    page.locator("#sign-dialog").get_by_role("button", name="Sign").click()

    expect(page.locator(".head .state-done")).to_be_visible()
    assert Review.objects.get(pk=review.pk).status == Review.Status.SIGNED


def test_one_click_prints_the_page(path, sign_in, leader):
    page = sign_in(leader)
    page.add_init_script("window.print = () => { document.title = 'printed' }")
    page.goto(path)

    page.locator("[data-print]").click()

    assert page.title() == "printed"


def test_on_paper_there_are_lines_to_sign_and_no_forms(path, sign_in, supervisor):
    page = sign_in(supervisor)
    page.goto(path)
    page.emulate_media(media="print")

    expect(page.locator(".signatures")).to_be_visible()
    assert page.locator("main form:visible").count() == 0


@pytest.mark.parametrize("width", [1366, 390])
def test_the_review_has_no_accessibility_fault(width, path, sign_in, supervisor, violations):
    page = sign_in(supervisor)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_refused_form_has_the_focus_and_no_accessibility_fault(path, sign_in, supervisor, violations):
    page = sign_in(supervisor)
    page.goto(path)
    page.locator("form[action$='/measures/'] button").click()

    expect(page.locator(".error-summary")).to_be_focused()
    assert violations(page) == []


@pytest.mark.parametrize(
    "address", ["/reviews/", "/reviews/2026-01-05/", "/tallies/", "/tallies/2026-01-02/"]
)
def test_the_lists_and_empty_pages_have_no_accessibility_fault(
    address, review, sign_in, live_server, supervisor, violations
):
    page = sign_in(supervisor)
    page.goto(live_server.url + address)

    assert violations(page) == []


def test_the_tally_tells_its_story_without_accessibility_fault(
    review, sign_in, live_server, leader, violations
):
    week = week_of(review.date)
    tallies.make(week, now=db_now())
    page = sign_in(leader)
    page.goto(f"{live_server.url}/tallies/{week}/")

    expect(page.locator(".story")).to_have_count(1)
    assert violations(page) == []
