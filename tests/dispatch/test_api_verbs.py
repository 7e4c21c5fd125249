"""Every verb over HTTP: it works for who may, and says no in one shape to everybody else."""

import json

import pytest

from dispatch.api.verbs import OFFERED
from hotline.accounts.models import Role
from hotline.accounts.tokens import issue_token
from tests.makers import NOON, client_of, make_order, make_unit, make_user
from workorders.lifecycle import State
from workorders.models import OrderEvent, WorkOrder

pytestmark = pytest.mark.django_db


def post(client, path, body, **headers):
    return client.post(f"/api/v1/{path}", json.dumps(body), "application/json", headers=headers)


def act(user, order, verb, **fields):
    """`verb` with the order's present version."""
    order.refresh_from_db()
    return post(client_of(user), f"orders/{order.number}/{verb}/", {"version": order.version, **fields})


def state_after(answer):
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()["state"]


@pytest.fixture
def held(unit_clerk):
    """`held(state)`: an order of the unit clerk's unit."""
    return lambda state, **fields: make_order(state=state, lead=unit_clerk.unit, **fields)


def test_submit_sends_a_draft_to_the_dispatchers(operator):
    order = make_order(state=State.DRAFT)
    assert state_after(act(operator, order, "submit")) == "pending"


def test_classify_changes_what_is_given(operator):
    order = make_order()
    answer = act(operator, order, "classify", category="080101", kind="complaint", reason="read again")
    assert (answer.json()["category"], answer.json()["kind"]) == ("080101", "complaint")


def test_answer_closes_at_the_desk(operator):
    order = make_order(kind="inquiry")
    answer = act(operator, order, "answer", text="The office opens at nine.")
    assert (state_after(answer), answer.json()["public_reply"]) == ("closed", "The office opens at nine.")


def test_dispatch_gives_the_order_to_a_unit(dispatcher, unit):
    order = make_order()
    answer = act(dispatcher, order, "dispatch", unit=unit.code, reason="its own market")
    assert (state_after(answer), answer.json()["unit"]) == ("dispatched", unit.code)


def test_dispatch_takes_co_units(dispatcher, unit, other_unit):
    order = make_order()
    answer = act(dispatcher, order, "dispatch", unit=unit.code, co=[other_unit.code], reason="both")
    assert [row["role"] for row in answer.json()["assignments"]] == ["lead", "co"]


def test_sign_starts_the_handling(unit_clerk, held):
    assert state_after(act(unit_clerk, held(State.DISPATCHED), "sign")) == "handling"


def test_sign_names_a_handler_of_the_unit(unit_clerk, held):
    colleague = make_user(Role.UNIT, unit_clerk.unit)
    answer = act(unit_clerk, held(State.DISPATCHED), "sign", handler=colleague.username)
    assert answer.json()["assignments"][0]["handler"] == str(colleague)


def test_sign_refuses_a_handler_from_elsewhere(unit_clerk, outsider, held):
    answer = act(unit_clerk, held(State.DISPATCHED), "sign", handler=outsider.username)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["handler"])


def test_contact_is_recorded(unit_clerk, held):
    order = held(State.HANDLING)
    answer = act(
        unit_clerk, order, "contact", at=NOON.isoformat(), channel="phone", reached=True, text="agreed"
    )
    assert state_after(answer) == "handling"
    assert answer.json()["assignments"][0]["contacted_at"].startswith("2026-03-10T12:00")


def test_return_asks_the_hotline(unit_clerk, held):
    order = held(State.DISPATCHED)
    answer = act(unit_clerk, order, "return", reason="D01", basis="duties of 2024", text="not ours")
    assert state_after(answer) == "return_review"


def test_review_return_sends_it_back_to_dispatch(supervisor, held):
    order = held(State.RETURN_REVIEW)
    assert state_after(act(supervisor, order, "review-return", uphold=True, text="right")) == "pending"


def test_adjudicate_names_who_is_in_charge(leader, held, other_unit):
    order = held(State.ADJUDICATION)
    answer = act(leader, order, "adjudicate", lead=other_unit.code, grounds="the road is theirs")
    assert (state_after(answer), answer.json()["unit"]) == ("handling", other_unit.code)


def test_progress_is_recorded(unit_clerk, held):
    answer = act(unit_clerk, held(State.HANDLING), "progress", text="the pipe is found", at=NOON.isoformat())
    assert state_after(answer) == "handling"


def test_assign_names_another_handler(unit_clerk, held):
    colleague = make_user(Role.UNIT, unit_clerk.unit)
    answer = act(unit_clerk, held(State.HANDLING), "assign", handler=colleague.username)
    assert answer.json()["assignments"][0]["handler"] == str(colleague)


def test_reply_goes_to_review(unit_clerk, held):
    answer = act(
        unit_clerk,
        held(State.HANDLING),
        "reply",
        internal="swept",
        public="It was swept.",
        outcome="solved",
        promise_on="2099-05-01",
    )
    assert state_after(answer) == "reply_review"
    assert answer.json()["replies"][0]["public"] == "It was swept."


def test_review_reply_leads_to_the_call_back(dispatcher, held):
    assert state_after(act(dispatcher, held(State.REPLY_REVIEW), "review-reply", accept=True)) == "callback"


def test_a_refused_reply_needs_a_text(dispatcher, held):
    answer = act(dispatcher, held(State.REPLY_REVIEW), "review-reply", accept=False)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["text"])


def test_callback_takes_three_answers(callback_agent, held):
    answer = act(
        callback_agent,
        held(State.CALLBACK),
        "callback",
        attempt="answered",
        contacted=True,
        service="satisfied",
        result="fairly",
        solved="yes",
    )
    assert state_after(answer) == "closed"


def test_callback_without_an_answer_stays(callback_agent, held):
    assert (
        state_after(act(callback_agent, held(State.CALLBACK), "callback", attempt="no_answer")) == "callback"
    )


def test_the_third_call_without_an_answer_closes(callback_agent, held):
    order = held(State.CALLBACK)
    for _attempt in range(2):
        act(callback_agent, order, "callback", attempt="no_answer")
    assert state_after(act(callback_agent, order, "callback", attempt="no_answer")) == "closed"


def test_rework_sends_it_round_again(supervisor, held):
    answer = act(supervisor, held(State.REWORK_REVIEW), "rework", redo=True, text="half done")
    assert (state_after(answer), answer.json()["round"]) == ("handling", 2)


def test_close_ends_a_call_back_that_will_not_succeed(supervisor, held):
    assert state_after(act(supervisor, held(State.CALLBACK), "close", text="abroad for a year")) == "closed"


def test_close_refuses_an_outcome_nobody_knows(supervisor, held):
    answer = act(supervisor, held(State.CALLBACK), "close", outcome="splendid" * 2, text="abroad")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["outcome"])


def test_forward_passes_thanks_on(operator, unit):
    order = make_order(kind="thanks")
    assert (
        state_after(act(operator, order, "forward", unit=unit.code, text="for the kind driver")) == "closed"
    )


def test_hand_over_leaves_the_house(operator):
    answer = act(
        operator, make_order(), "hand-over", peer="110", mode="transfer", consent=True, text="a fight"
    )
    assert state_after(answer) == "handed_over"


def test_reject_needs_a_coded_reason(operator):
    assert state_after(act(operator, make_order(), "reject", reason="R01", text="other city")) == "rejected"


def test_invalidate_marks_a_silent_call(operator):
    assert state_after(act(operator, make_order(), "invalidate", reason="V01", text="")) == "invalid"


def test_appeal_takes_a_refused_order_up_again(operator):
    order = make_order(state=State.REJECTED)
    assert state_after(act(operator, order, "appeal", reason="", text="it is in the city")) == "pending"


def test_withdraw_ends_it_for_the_caller(operator):
    assert state_after(act(operator, make_order(), "withdraw", text="called again")) == "withdrawn"


def test_reopen_answers_with_the_new_order(operator, held):
    old = held(State.CLOSED)
    answer = act(operator, old, "reopen", text="it is back")
    assert (state_after(answer), answer.json()["previous"]) == ("pending", old.number)
    assert answer.json()["number"] != old.number


def test_remind_counts(operator, held):
    assert act(operator, held(State.HANDLING), "remind", text="still waiting").json()["reminders"] == 1


def test_merge_and_unmerge(dispatcher):
    kept, double = make_order(), make_order()
    answer = act(dispatcher, double, "merge", into=kept.number)
    assert (state_after(answer), answer.json()["parent"]) == ("merged", kept.number)
    assert state_after(act(dispatcher, double, "unmerge", reason="two courtyards")) == "pending"


def test_merge_into_an_order_that_is_not_there_is_an_error_of_the_field(dispatcher):
    answer = act(dispatcher, make_order(), "merge", into="JN20260101ABCDEFG")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["into"])


@pytest.mark.parametrize("verb", ["note", "remind"])
def test_an_act_that_conflicts_with_nothing_needs_no_version(operator, held, verb):
    order = held(State.HANDLING)
    answer = post(client_of(operator), f"orders/{order.number}/{verb}/", {"text": "heard"})
    assert answer.status_code == 200


def test_reveal_answers_with_the_value_alone_and_is_never_cached(operator):
    answer = act(operator, make_order(), "reveal", field="phone", reason="call back")
    assert (answer.json()["value"], answer.headers["Cache-Control"]) == ("13812345678", "no-store")


def test_reveal_needs_a_reason(operator):
    answer = act(operator, make_order(), "reveal", field="phone", reason="")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])


def test_a_confidential_caller_is_revealed_to_the_supervisor_only(operator, supervisor):
    order = make_order(kind="report")
    assert act(operator, order, "reveal", field="phone", reason="call back").status_code == 403
    assert act(supervisor, order, "reveal", field="phone", reason="call back").status_code == 200


# --- Refusals ------------------------------------------------------------------------------------------

BODIES = {
    "submit": {},
    "classify": {"reason": "x"},
    "answer": {"text": "x"},
    "dispatch": {"unit": "370100-HOTLINE"},
    "sign": {},
    "contact": {"at": NOON.isoformat(), "channel": "phone", "reached": True, "text": "x"},
    "return": {"reason": "D01", "basis": "x"},
    "review-return": {"uphold": True, "text": "x"},
    "adjudicate": {"lead": "370100-HOTLINE", "grounds": "x"},
    "progress": {"text": "x"},
    "assign": {"handler": "earlier"},
    "reply": {"internal": "x", "public": "x", "outcome": "solved"},
    "review-reply": {"accept": True},
    "callback": {"attempt": "no_answer"},
    "rework": {"redo": True, "text": "x"},
    "close": {"text": "x"},
    "forward": {"unit": "370100-HOTLINE", "text": "x"},
    "hand-over": {"peer": "110", "mode": "transfer", "consent": True, "text": "x"},
    "reject": {"reason": "R01"},
    "invalidate": {"reason": "V01"},
    "appeal": {"text": "x"},
    "withdraw": {"text": "x"},
    "reopen": {"text": "x"},
    "remind": {"text": "x"},
    "note": {"text": "x"},
    "reveal": {"field": "phone", "reason": "call back"},
    "merge": {"into": "JN20260101ABCDEFG"},
    "unmerge": {"reason": "x"},
}
LOOSE = {"remind", "note", "reveal"}


def test_every_verb_is_tried_here():
    assert set(BODIES) == OFFERED


@pytest.mark.parametrize("verb", BODIES)
def test_a_foreign_order_is_missing(outsider, unit_clerk, verb):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    client = client_of(outsider)

    foreign = post(client, f"orders/{order.number}/{verb}/", {"version": 1, **BODIES[verb]})
    missing = post(client, f"orders/JN20260101ABCDEFG/{verb}/", {"version": 1, **BODIES[verb]})

    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


@pytest.mark.parametrize("verb", sorted(set(BODIES) - LOOSE))
def test_a_version_is_needed(supervisor, verb):
    order = make_order()
    answer = post(client_of(supervisor), f"orders/{order.number}/{verb}/", BODIES[verb])
    assert (answer.status_code, "version" in answer.json()["fields"]) == (400, True)


@pytest.mark.parametrize("verb", sorted(set(BODIES) - {"assign", "merge"}))
def test_a_stale_version_is_refused(supervisor, verb):
    order = make_order()
    stale = {"version": order.version + 1, **BODIES[verb]}
    answer = post(client_of(supervisor), f"orders/{order.number}/{verb}/", stale)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")


def test_a_stale_merge_is_refused(dispatcher):
    kept, double = make_order(), make_order()
    stale = {"version": double.version + 1, "into": kept.number}
    answer = post(client_of(dispatcher), f"orders/{double.number}/merge/", stale)
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")


@pytest.mark.parametrize("verb", BODIES)
def test_an_unknown_field_is_refused(supervisor, verb):
    order = make_order()
    body = {"version": order.version, "state": "closed", **BODIES[verb]}
    answer = post(client_of(supervisor), f"orders/{order.number}/{verb}/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["state"])
    order.refresh_from_db()
    assert order.state == State.PENDING


@pytest.mark.parametrize("verb", sorted(set(BODIES) - {"note", "reveal"}))
def test_an_auditor_only_reads_and_notes(auditor, verb):
    order = make_order(state=State.CLOSED if verb == "reopen" else State.PENDING)
    token = issue_token(auditor)
    body = {"version": order.version, **BODIES[verb]}
    answer = post(client_of(auditor), f"orders/{order.number}/{verb}/", body, Authorization=f"Bearer {token}")
    assert answer.status_code in (400, 403, 409)
    assert OrderEvent.objects.filter(order=order, actor=auditor).count() == 0


@pytest.mark.parametrize("verb", ["dispatch", "reject", "answer", "hand-over", "forward"])
def test_a_wrong_role_is_told_so(callback_agent, unit, verb):
    order = make_order()
    answer = act(callback_agent, order, verb, **BODIES[verb])
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_step_that_is_not_in_the_table_is_refused(operator):
    order = make_order(state=State.CLOSED)
    answer = act(operator, order, "reject", reason="R01")
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")


@pytest.mark.parametrize("verb", ["extend", "suspend", "deem-signed", "absorb", "archive", "clock", "state"])
def test_what_is_no_verb_is_not_there(supervisor, verb):
    order = make_order()
    answer = post(client_of(supervisor), f"orders/{order.number}/{verb}/", {"version": 1})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nobody_writes_an_order_directly(supervisor, method):
    order = make_order()
    answer = getattr(client_of(supervisor), method)(
        f"/api/v1/orders/{order.number}/", "{}", "application/json"
    )
    assert answer.status_code == 405


def test_a_verb_is_a_post(supervisor):
    assert client_of(supervisor).get(f"/api/v1/orders/{make_order().number}/note/").status_code == 405


def test_nobody_unknown_gets_in(client):
    answer = post(client, f"orders/{make_order().number}/note/", {"text": "hello"})
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_the_order_of_offered_verbs_follows_the_table(operator):
    order = make_order()
    answer = client_of(operator).get(f"/api/v1/orders/{order.number}/")
    assert {"dispatch", "reject", "answer"} <= set(answer.json()["verbs"])
    assert "absorb" not in answer.json()["verbs"]


def test_an_administrator_sees_no_order(admin):
    order = make_order()
    assert client_of(admin).get(f"/api/v1/orders/{order.number}/").status_code == 404


def test_a_unit_that_dispatches_elsewhere_is_not_believed(unit_clerk, other_unit):
    order = make_order(state=State.HANDLING, lead=unit_clerk.unit)
    answer = act(unit_clerk, order, "dispatch", unit=other_unit.code)
    assert answer.status_code == 409
    assert WorkOrder.objects.get(pk=order.pk).unit == unit_clerk.unit


def test_a_retired_unit_is_an_unknown_code(dispatcher):
    gone = make_unit(is_active=False)
    answer = act(dispatcher, make_order(), "dispatch", unit=gone.code)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["unit"])
