import re
from datetime import timedelta

import pytest
from django.db import connection

from dispatch.forms.desk import fresh_key
from dispatch.models import CatalogueEntry
from hotline.lib.db_now import db_now
from tests.makers import LEAF, NOON, PHONE, PLACE, make_order, make_user
from workorders import drafts
from workorders.lifecycle import State
from workorders.models import AccessLog, Caller, Draft, WorkOrder

pytestmark = pytest.mark.django_db

WORDS = "The refuse in our yard has not been collected for a week."


def filled(**fields) -> dict[str, str]:
    """What the form sends for a call that can be dispatched at once."""
    defaults = {
        "key": fresh_key(),
        "phone": PHONE,
        "name": "Wang Fang",
        "mode": "real_name",
        "content": WORDS,
        "kind": "help",
        "category": LEAF,
        "place": PLACE,
        "urgency": "N",
        "action": "submit",
    }
    return {**defaults, **fields}


@pytest.fixture
def desk(operator, client_of):
    """The operator's browser."""
    return client_of(operator)


def key_on(page) -> str:
    return re.search(r'name="key" value="(desk:[0-9a-f]{24})"', page.content.decode())[1]


# --- The page -------------------------------------------------------------------------------------------


def test_the_desk_opens_empty_for_an_operator(desk):
    page = desk.get("/desk/")

    assert page.status_code == 200


def test_the_desk_opens_for_the_supervisor(client_of, supervisor):
    assert client_of(supervisor).get("/desk/").status_code == 200


@pytest.mark.parametrize("role", ["dispatcher", "callback", "leader", "unit", "admin", "auditor"])
@pytest.mark.parametrize(
    "address", ["/desk/", "/desk/caller/", "/desk/suggest/", "/desk/remind/", "/desk/draft/"]
)
def test_nobody_else_works_at_the_desk(client_of, role, address):
    client = client_of(make_user(role))

    assert (client.get(address) if address == "/desk/" else client.post(address)).status_code == 403


@pytest.mark.parametrize(
    "address", ["/desk/caller/", "/desk/suggest/", "/desk/remind/", "/desk/draft/", "/desk/draft/drop/"]
)
def test_what_carries_a_callers_data_is_never_in_an_address(desk, address):
    assert desk.get(address).status_code == 405


def test_the_page_asks_the_database_little(desk, django_assert_max_num_queries):
    desk.get("/desk/")

    with django_assert_max_num_queries(15):
        desk.get("/desk/")


# --- Sending --------------------------------------------------------------------------------------------


def test_a_call_is_sent_to_triage(desk):
    desk.post("/desk/", filled())

    assert WorkOrder.objects.get().state == State.PENDING


def test_a_call_is_dispatched_in_one_step(desk):
    desk.post("/desk/", filled(action="dispatch"))

    assert WorkOrder.objects.get().unit.code == f"{PLACE}-OFFICE"


def test_after_sending_number_code_unit_and_due_time_are_told(desk):
    page = desk.post("/desk/", filled(action="dispatch"), follow=True).content.decode()

    order = WorkOrder.objects.get()
    assert all(str(told) in page for told in (order.number, order.query_code, order.unit.short_name))


def test_after_sending_the_form_is_empty(desk):
    page = desk.post("/desk/", filled(), follow=True)

    assert WORDS not in page.content.decode()


def test_the_query_code_is_told_to_nobody_else(desk, client_of, supervisor):
    desk.post("/desk/", filled())
    order = WorkOrder.objects.get()

    page = client_of(supervisor).get(f"/desk/?done={order.number}")

    assert order.query_code not in page.content.decode()


def test_sending_the_same_form_twice_makes_one_order(desk):
    form = filled()

    first, second = desk.post("/desk/", form), desk.post("/desk/", form)

    assert WorkOrder.objects.count() == 1 and first.headers["Location"] == second.headers["Location"]


def test_the_same_form_with_other_words_is_asked_about_and_kept(desk):
    form = filled()
    desk.post("/desk/", form)

    page = desk.post("/desk/", {**form, "content": "Another matter."})

    assert page.status_code == 422 and "Another matter." in page.content.decode()


def test_the_other_matter_is_sent_with_the_next_press(desk):
    form = filled()
    desk.post("/desk/", form)
    page = desk.post("/desk/", {**form, "content": "Another matter."})

    desk.post("/desk/", {**form, "content": "Another matter.", "key": key_on(page)})

    assert WorkOrder.objects.count() == 2


def test_a_refused_form_keeps_what_was_typed(desk):
    page = desk.post("/desk/", filled(phone="12 monkeys"))

    assert page.status_code == 422 and WORDS in page.content.decode()


def test_a_refused_form_names_the_field(desk):
    page = desk.post("/desk/", filled(place="", action="dispatch"))

    assert page.context["form"].errors.keys() == {"place"}


def test_an_empty_form_is_refused(desk):
    page = desk.post("/desk/", filled(content=" "))

    assert page.context["form"].errors.keys() == {"content"}


def test_an_orders_number_is_no_phone(desk):
    order = make_order()

    page = desk.post("/desk/", filled(phone=order.number))

    assert page.context["form"].errors.keys() == {"phone"}


def test_the_refusal_of_an_ending_stands_beside_its_own_field(desk):
    page = desk.post(
        "/desk/", filled(action="hand_over", hand_peer="110", hand_mode="transfer", hand_text="told")
    )

    assert page.context["form"].errors.keys() == {"hand_consent"}


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        ({"action": "answer", "answer_text": "Told."}, State.CLOSED),
        ({"action": "reject", "reject_reason": "R01"}, State.REJECTED),
        ({"action": "invalidate", "invalid_reason": "V01", "content": ""}, State.INVALID),
        (
            {
                "action": "hand_over",
                "hand_peer": "119",
                "hand_mode": "tri_call",
                "hand_consent": "on",
                "hand_text": "told",
            },
            State.HANDED_OVER,
        ),
    ],
)
def test_a_call_may_end_at_the_desk(desk, ending, state):
    desk.post("/desk/", filled(**ending))

    assert WorkOrder.objects.get().state == state


def test_thanks_are_passed_on_to_the_praised_unit(desk, unit):
    desk.post("/desk/", filled(kind="thanks", praise_unit=unit.code, praise_deed="They came at once."))

    assert WorkOrder.objects.get().unit == unit


def test_a_report_is_confidential_unless_the_operator_chose(desk):
    desk.post("/desk/", filled(kind="report"))

    assert WorkOrder.objects.get().is_confidential


def test_a_report_under_a_real_name_is_the_operators_choice(desk):
    desk.post("/desk/", filled(kind="report", by_hand="yes"))

    assert not WorkOrder.objects.get().is_confidential


# --- The caller -----------------------------------------------------------------------------------------


def test_the_card_shows_open_orders_first(desk):
    old = make_order(state=State.HANDLING)
    new = make_order(state=State.INVALID, at=NOON + timedelta(days=1))

    card = desk.post("/desk/caller/", {"phone": PHONE}).content.decode()

    assert card.index(old.number) < card.index(new.number)


def test_the_card_masks_number_and_name(desk):
    make_order(name="Wang Fang")

    card = desk.post("/desk/caller/", {"phone": PHONE}).content.decode()

    assert "138****5678" in card and PHONE not in card and "Wang Fang" not in card


def test_looking_a_caller_up_is_written_down(desk):
    desk.post("/desk/caller/", {"phone": PHONE})

    assert AccessLog.objects.get().facts == {"phone": "138****5678"}


def test_a_reporters_number_does_not_tell_who_reported(desk):
    order = make_order(kind="report", name="Wang Fang")

    card = desk.post("/desk/caller/", {"phone": PHONE}).content.decode()

    assert order.number not in card and "W**" not in card


def test_an_orders_number_opens_that_order(desk):
    order = make_order(state=State.HANDLING)

    card = desk.post("/desk/caller/", {"phone": order.number.lower()}).content.decode()

    assert f'data-remind="{order.number}"' in card


def test_a_number_half_typed_asks_nothing(desk):
    desk.post("/desk/caller/", {"phone": "1381234"[:5]})

    assert not AccessLog.objects.exists()


def test_the_card_costs_the_same_for_many_orders(desk, django_assert_max_num_queries):
    for _number in range(8):
        make_order()
    desk.post("/desk/caller/", {"phone": PHONE})

    with django_assert_max_num_queries(15):
        desk.post("/desk/caller/", {"phone": PHONE})


# --- Reminders ------------------------------------------------------------------------------------------


def test_a_reminder_is_recorded_once_however_often_it_is_sent(desk):
    order = make_order(state=State.HANDLING)
    form = {"number": order.number, "text": "Asks again.", "reminder_key": fresh_key()}

    desk.post("/desk/remind/", form)
    desk.post("/desk/remind/", form)

    order.refresh_from_db()
    assert order.reminders == 1


def test_an_ended_order_cannot_be_reminded_of(desk):
    order = make_order(state=State.INVALID)

    page = desk.post("/desk/remind/", {"number": order.number, "text": "Again."})

    assert page.status_code == 422


def test_a_reminder_of_an_order_that_is_not_there_is_not_found(desk):
    assert desk.post("/desk/remind/", {"number": "JN20260101AAAAAAA", "text": "Again."}).status_code == 404


def test_a_call_that_was_only_a_reminder_leaves_no_draft(desk, operator):
    order, key = make_order(state=State.HANDLING), fresh_key()
    drafts.save(operator, key, {"phone": PHONE}, now=NOON)

    desk.post("/desk/remind/", {"number": order.number, "text": "Again.", "key": key, "content": ""})

    assert not Draft.objects.exists()


# --- Suggestions ----------------------------------------------------------------------------------------

REFUSE = "小区生活垃圾一周没有清运"


def test_typing_brings_category_and_unit(desk):
    said = desk.post("/desk/suggest/", {"content": REFUSE, "place": PLACE}).content.decode()

    assert f'data-accept="{LEAF}"' in said and "解放路街道" in said


def test_a_place_named_in_the_address_is_found(desk):
    said = desk.post("/desk/suggest/", {"content": REFUSE, "address": "历下区解放路街道1号"}).content.decode()

    assert f'data-place="{PLACE}"' in said


def test_urgent_words_are_marked(desk):
    said = desk.post("/desk/suggest/", {"content": "楼道里煤气泄漏,有人晕倒"}).content.decode()

    assert '<mark class="is-urgent">' in said


def test_personal_data_in_the_text_is_found_and_offered_masked(desk):
    said = desk.post("/desk/suggest/", {"content": f"{REFUSE},请打13912345678"}).content.decode()

    assert "139****5678" in said and "data-mask=" in said


def test_similar_open_orders_are_offered_for_a_reminder(desk):
    order = make_order(content=REFUSE, at=db_now())

    said = desk.post("/desk/suggest/", {"content": REFUSE, "place": PLACE}).content.decode()

    assert f'data-remind="{order.number}"' in said


def test_an_open_question_of_the_catalogue_is_shown(desk):
    CatalogueEntry.objects.filter(category__code=LEAF, role="lead").update(ask="whose road?")

    said = desk.post("/desk/suggest/", {"content": REFUSE, "category": LEAF, "place": PLACE}).content.decode()

    assert "whose road?" in said


def test_missing_elements_are_shown_and_block_nothing(desk):
    said = desk.post("/desk/suggest/", {"content": REFUSE})

    assert [there for _label, there in said.context["hints"].elements] == [False, True, False, True, False]


def test_suggestions_cost_a_bounded_number_of_queries(desk, django_assert_max_num_queries):
    for _number in range(8):
        make_order(content=REFUSE, at=db_now())
    form = {"content": REFUSE, "category": LEAF, "place": PLACE}
    desk.post("/desk/suggest/", form)

    with django_assert_max_num_queries(18):
        desk.post("/desk/suggest/", form)


@pytest.mark.parametrize(
    "form", [{}, {"content": "?"}, {"category": "999999", "place": "nowhere", "content": REFUSE}]
)
def test_a_form_half_filled_in_or_wrong_is_no_error(desk, form):
    assert desk.post("/desk/suggest/", form).status_code == 200


# --- Drafts ---------------------------------------------------------------------------------------------


def test_a_draft_comes_back_with_its_address(desk):
    key = fresh_key()
    desk.post("/desk/draft/", {"key": key, "content": WORDS})

    page = desk.get("/desk/", {"draft": key})

    assert WORDS in page.content.decode() and key_on(page) == key


def test_after_a_lost_window_the_desk_opens_with_what_was_typed(desk):
    desk.post("/desk/draft/", {"key": fresh_key(), "content": WORDS})

    assert WORDS in desk.get("/desk/").content.decode()


def test_the_next_call_begins_empty_and_lists_the_draft(desk):
    key = fresh_key()
    desk.post("/desk/draft/", {"key": key, "content": WORDS, "phone": PHONE})

    page = desk.get("/desk/?new=1")

    assert key_on(page) != key and [draft["key"] for draft in page.context["drafts"]] == [key]


def test_the_list_of_drafts_is_masked(desk):
    desk.post(
        "/desk/draft/", {"key": fresh_key(), "content": "Call 13912345678", "phone": PHONE, "name": "Zhuge"}
    )

    page = desk.get("/desk/?new=1").content.decode()

    assert PHONE not in page and "13912345678" not in page and "Zhuge" not in page


def test_what_is_kept_is_sealed(desk):
    desk.post("/desk/draft/", {"key": fresh_key(), "content": WORDS})

    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM workorders_draft")
        assert WORDS not in cursor.fetchone()[0]


def test_nobody_opens_the_draft_of_another(desk, client_of, supervisor):
    key = fresh_key()
    desk.post("/desk/draft/", {"key": key, "content": WORDS})

    assert WORDS not in client_of(supervisor).get("/desk/", {"draft": key}).content.decode()


def test_sending_drops_the_draft(desk):
    form = filled()
    desk.post("/desk/draft/", form)

    desk.post("/desk/", form)

    assert not Draft.objects.exists()


def test_a_save_that_arrives_late_brings_nothing_back(desk):
    form = filled()
    desk.post("/desk/", form)

    desk.post("/desk/draft/", form)

    assert not Draft.objects.exists()


def test_an_empty_form_is_no_draft(desk):
    desk.post("/desk/draft/", {"key": fresh_key(), "mode": "real_name", "urgency": "N"})

    assert not Draft.objects.exists()


def test_a_draft_can_be_dropped(desk):
    key = fresh_key()
    desk.post("/desk/draft/", {"key": key, "content": WORDS})

    desk.post("/desk/draft/drop/", {"draft": key})

    assert not Draft.objects.exists()


def test_a_draft_of_yesterday_waits_in_the_list(desk, operator):
    drafts.save(operator, fresh_key(), {"content": WORDS}, now=db_now() - timedelta(days=1))

    page = desk.get("/desk/")

    assert not page.context["restored"] and len(page.context["drafts"]) == 1


def test_old_drafts_are_forgotten(operator):
    drafts.save(operator, fresh_key(), {"content": WORDS}, now=NOON)

    assert drafts.forget_old(NOON + timedelta(days=8)) == 1


def test_without_a_script_a_draft_is_saved_by_the_form(desk):
    desk.post("/desk/", filled(action="draft"))

    assert Draft.objects.exists() and not WorkOrder.objects.exists() and not Caller.objects.exists()


def test_a_key_of_another_form_saves_nothing(desk):
    assert desk.post("/desk/draft/", {"key": "reply:JN1", "content": WORDS}).status_code == 400
