"""/reviews/: read by supervisor and leader, completed and signed by the supervisor."""

from datetime import date, timedelta

import pytest

from analytics import reviews
from analytics.models import ActionItem, Review
from hotline.accounts.models import Role
from tests.makers import NOON, client_of, make_order, make_user
from workorders.lifecycle import State

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)
EVENING = NOON + timedelta(hours=10)
PAGE = "/reviews/2026-03-10/"
POSTS = ["notes/", "measures/", "sign/"]


@pytest.fixture
def review(db):
    for state in (State.PENDING, State.HANDLING, State.REWORK_REVIEW, State.REJECTED):
        make_order(state=state)
    make_order(kind="thanks", category="180101")
    make_order(urgency="E1")
    return reviews.draft(TODAY, now=EVENING)


@pytest.fixture
def due(review):
    """A measure of yesterday that is due today."""
    yesterday = reviews.draft(TODAY - timedelta(days=1), now=NOON)
    return ActionItem.objects.create(review=yesterday, text="Warn the depot", owner="Shift 2", due_on=TODAY)


def text_of(response):
    return response.content.decode()


# --- Reading -------------------------------------------------------------------------------------------


def test_every_number_leads_to_exactly_the_stored_orders(review, leader):
    client = client_of(leader)

    for line in review.lines.all():
        page = client.get(f"{PAGE}orders/{line.key}/")
        assert sorted(row["pk"] for row in page.context["rows"]) == sorted(line.ids), line.key
        assert page.context["total"] == len(line.ids)


def test_every_link_of_the_page_to_orders_leads_somewhere(review, supervisor):
    client = client_of(supervisor)
    html = text_of(client.get(PAGE))
    links = {part.split('"')[0] for part in html.split('href="') if "/orders/" in part.split('"')[0]}

    assert [link for link in links if link.startswith(PAGE) and client.get(link).status_code != 200] == []


def test_a_long_list_of_orders_comes_in_pages(supervisor):
    orders = [make_order(at=NOON + timedelta(seconds=n)) for n in range(51)]
    reviews.draft(TODAY, now=EVENING)
    client = client_of(supervisor)

    first = client.get(f"{PAGE}orders/accepted/").context
    second = client.get(f"{PAGE}orders/accepted/?cursor={first['next']}").context

    assert (len(first["rows"]), len(second["rows"]), second["next"]) == (50, 1, None)
    assert second["rows"][0]["pk"] == orders[0].pk


def test_the_orders_of_a_number_that_is_not_there_are_404(review, supervisor):
    assert client_of(supervisor).get(f"{PAGE}orders/kind:none/").status_code == 404


@pytest.mark.parametrize("path", ["/reviews/2026-02-30/", "/reviews/today/"])
def test_a_day_that_is_none_is_404(path, supervisor):
    assert client_of(supervisor).get(path).status_code == 404


def test_the_page_costs_the_same_for_any_number_of_orders(review, supervisor, django_assert_max_num_queries):
    client = client_of(supervisor)
    client.get(PAGE)

    with django_assert_max_num_queries(12):
        client.get(PAGE)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPERVISOR, Role.LEADER}))
def test_others_may_not_read(role, review):
    assert client_of(make_user(role)).get(PAGE).status_code == 403


# --- Drafting ------------------------------------------------------------------------------------------


def test_a_day_without_a_review_offers_to_draft_it(supervisor):
    client = client_of(supervisor)
    assert 'name="day" value="2026-03-10"' in text_of(client.get(PAGE))

    answer = client.post("/reviews/draft/", {"day": "2026-03-10"})

    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    assert Review.objects.get(date=TODAY).status == Review.Status.DRAFT


def test_a_day_to_come_is_refused_and_stays_in_the_field(supervisor):
    answer = client_of(supervisor).post("/reviews/draft/", {"day": "2999-01-01"})

    assert answer.status_code == 422
    assert 'value="2999-01-01"' in text_of(answer)


def test_the_leader_is_not_offered_to_draft(leader):
    assert 'action="/reviews/draft/"' not in text_of(client_of(leader).get(PAGE))


# --- Completing and signing ------------------------------------------------------------------------------


@pytest.mark.parametrize("post", [*(PAGE + post for post in POSTS), "/reviews/draft/"])
def test_the_leader_only_reads(post, review, leader):
    assert client_of(leader).post(post, {}).status_code == 403


@pytest.mark.parametrize("post", POSTS)
def test_what_changes_something_is_not_read(post, review, supervisor):
    assert client_of(supervisor).get(PAGE + post).status_code == 405


def test_notes_are_kept(review, supervisor):
    client_of(supervisor).post(f"{PAGE}notes/", {"notes": "Heating calls rose after noon."})

    review.refresh_from_db()
    assert review.notes == "Heating calls rose after noon."


def test_a_measure_for_tomorrow_is_added(review, supervisor):
    fields = {"text": "Add two seats", "owner": "Shift 1", "due_on": "2026-03-11"}

    client_of(supervisor).post(f"{PAGE}measures/", fields)

    assert review.actions.values("text", "owner", "due_on").get() == fields | {"due_on": date(2026, 3, 11)}


def test_a_refused_measure_keeps_what_was_typed(review, supervisor):
    fields = {"text": "Add two seats", "owner": "Shift 1", "due_on": "2026-03-10"}

    answer = client_of(supervisor).post(f"{PAGE}measures/", fields)

    assert answer.status_code == 422
    assert "Add two seats" in text_of(answer)
    assert not review.actions.exists()


def test_a_measure_is_checked_off_with_its_result(due, supervisor):
    client_of(supervisor).post(f"{PAGE}measures/{due.pk}/", {"result": "Warned at eight"})

    due.refresh_from_db()
    assert due.result == "Warned at eight"
    assert due.done_at is not None


def test_a_measure_without_a_result_is_refused(due, supervisor):
    answer = client_of(supervisor).post(f"{PAGE}measures/{due.pk}/", {"result": " "})

    due.refresh_from_db()
    assert (answer.status_code, due.done_at) == (422, None)


def test_a_measure_that_is_not_due_here_is_404(due, supervisor):
    assert (
        client_of(supervisor).post(f"/reviews/2026-03-09/measures/{due.pk}/", {"result": "x"}).status_code
        == 404
    )


def sign(user, review):
    return client_of(user).post(f"{PAGE}sign/", {"seen": review.as_of.isoformat()})


def test_the_supervisor_signs(review, supervisor):
    sign(supervisor, review)

    review.refresh_from_db()
    assert (review.status, review.signed_by) == (Review.Status.SIGNED, supervisor)


def test_a_measure_without_result_stops_the_signing(review, due, supervisor):
    answer = sign(supervisor, review)

    review.refresh_from_db()
    assert (answer.status_code, review.status) == (422, Review.Status.DRAFT)


def test_numbers_that_were_counted_anew_are_not_signed_unseen(review, supervisor):
    reviews.draft(TODAY, now=EVENING + timedelta(minutes=5))

    assert sign(supervisor, review).status_code == 422


def test_a_signed_review_offers_no_forms(review, supervisor):
    sign(supervisor, review)

    html = text_of(client_of(supervisor).get(PAGE))
    assert [post for post in POSTS if f'action="{PAGE}{post}"' in html] == []


def test_notes_for_a_signed_review_are_refused_and_kept_in_sight(review, supervisor):
    sign(supervisor, review)

    assert client_of(supervisor).post(f"{PAGE}notes/", {"notes": "late"}).status_code == 422


def test_a_result_given_after_midnight_still_stands_in_the_review_of_the_day(review, due, supervisor):
    after_midnight = NOON + timedelta(hours=13)
    reviews.finish_measure(due, actor=supervisor, result="Warned", now=after_midnight)
    reviews.sign(review.pk, actor=supervisor, now=after_midnight + timedelta(minutes=1))

    assert list(reviews.measures_due(Review.objects.get(pk=review.pk))) == [due]
