import pytest

from dispatch import taking
from dispatch.models import Assignment, CatalogueEntry
from dispatch.taking import Ending, Praise
from hotline.accounts.models import Unit
from hotline.lib.errors import DomainError
from tests.makers import LEAF, NOON, PHONE, PLACE, make_unit
from workorders.intake import CallerInput, OrderInput
from workorders.lifecycle import State, Urgency
from workorders.models import Category, Commendation, TrainingRow, WorkOrder

pytestmark = pytest.mark.django_db


def call(**fields) -> OrderInput:
    """A complete call about refuse, which the catalogue gives to the subdistrict."""
    defaults = {
        "content": "No refuse was collected for a week.",
        "kind": "help",
        "category": LEAF,
        "place": PLACE,
    }
    return OrderInput(**{**defaults, "caller": CallerInput("Wang Fang", PHONE), **fields})


def take(data: OrderInput, operator, **ending) -> WorkOrder:
    return taking.take(data, Ending(**ending), actor=operator, now=NOON)


def verbs(order: WorkOrder) -> list[str]:
    return list(order.events.order_by("number").values_list("verb", flat=True))


def leaf_of_urgency(urgency: str) -> str:
    return Category.objects.filter(level="leaf", urgency=urgency).first().code


def test_a_call_goes_to_triage(operator):
    order = take(call(), operator)

    assert order.state == State.PENDING


def test_a_call_goes_straight_to_the_unit_of_the_catalogue(operator):
    order = take(call(), operator, action="dispatch")

    assert (order.state, order.unit.code) == (State.DISPATCHED, f"{PLACE}-OFFICE")


def test_the_assignment_of_a_direct_dispatch_keeps_why(operator):
    order = take(call(), operator, action="dispatch")

    assert Assignment.objects.get(order=order, role="lead").why["follows"] is True


def test_the_catalogues_co_handling_units_are_dispatched_as_well(operator):
    order = take(call(category="010101"), operator, action="dispatch")

    assert Assignment.objects.filter(order=order, role="co").exists()


def test_another_unit_than_the_catalogues_needs_a_reason(operator):
    with pytest.raises(DomainError) as refusal:
        take(call(), operator, action="dispatch", unit=make_unit())

    assert refusal.value.field == "reason"


def test_another_unit_takes_the_order_for_a_reason(operator):
    other = make_unit()

    order = take(call(), operator, action="dispatch", unit=other, reason="the yard is theirs")

    assert order.unit == other


@pytest.mark.parametrize(
    ("missing", "field"), [({"kind": ""}, "kind"), ({"category": ""}, "category"), ({"place": ""}, "place")]
)
def test_a_direct_dispatch_says_what_is_missing(operator, missing, field):
    with pytest.raises(DomainError) as refusal:
        take(call(**missing), operator, action="dispatch")

    assert refusal.value.field == field


def test_an_open_question_of_the_catalogue_is_asked_first(operator):
    CatalogueEntry.objects.filter(category__code=LEAF, role="lead").update(ask="whose road?")

    with pytest.raises(DomainError) as refusal:
        take(call(), operator, action="dispatch")

    assert "whose road?" in str(refusal.value)


def test_an_open_question_is_answered_by_choosing_one_of_its_units(operator):
    unit = make_unit()
    CatalogueEntry.objects.filter(category__code=LEAF, role="lead").update(
        ask="whose?", alternatives=[unit.code]
    )

    order = take(call(), operator, action="dispatch", unit=unit)

    assert order.unit == unit


def test_a_matter_of_an_emergency_line_is_handed_over_not_dispatched(operator):
    with pytest.raises(DomainError) as refusal:
        take(call(category="110103"), operator, action="dispatch", confirmed=True)

    assert refusal.value.field == "unit"


def test_a_refused_dispatch_leaves_no_order(operator):
    with pytest.raises(DomainError):
        take(call(place=""), operator, action="dispatch")

    assert not WorkOrder.objects.exists()


def test_a_question_answered_on_the_line_is_closed_as_direct(operator):
    order = take(call(kind="inquiry"), operator, action="answer", text="The office opens at nine.")

    assert (order.state, order.is_direct, order.public_reply) == (
        State.CLOSED,
        True,
        "The office opens at nine.",
    )


def test_what_is_not_accepted_keeps_the_reason_and_what_was_told(operator):
    order = take(call(), operator, action="reject", reason="R01", text="Call your own city.")

    facts = order.events.get(verb="reject").facts
    assert (order.state, facts["reason"], facts["text"]) == (State.REJECTED, "R01", "Call your own city.")


def test_an_emergency_line_s_matter_is_never_refused(operator):
    with pytest.raises(DomainError):
        take(call(), operator, action="reject", reason="R03")


def test_a_silent_call_is_recorded_with_its_reason_as_content(operator):
    order = take(OrderInput(content=""), operator, action="invalidate", reason="V01")

    assert order.state == State.INVALID and order.content


def test_a_call_is_handed_over_with_consent(operator):
    order = take(
        call(), operator, action="hand_over", peer="110", mode="transfer", consent=True, text="to the police"
    )

    assert order.state == State.HANDED_OVER


def test_a_call_is_not_handed_over_without_consent(operator):
    with pytest.raises(DomainError) as refusal:
        take(call(), operator, action="hand_over", peer="110", mode="transfer", text="to the police")

    assert refusal.value.field == "consent"


def test_what_ends_at_the_desk_never_waits_for_a_dispatch(operator):
    order = take(call(), operator, action="answer", text="Told.")

    assert verbs(order) == ["create", "answer"]


def test_thanks_reach_the_praised_unit(operator, unit):
    praise = Praise(unit, "Nurse Li", "found the lost child", consent=True)

    order = take(call(kind="thanks"), operator, action="dispatch", praise=praise)

    assert (order.state, order.unit) == (State.CLOSED, unit)


def test_thanks_keep_whom_they_praise(operator, unit):
    order = take(
        call(kind="thanks"), operator, praise=Praise(unit, "Nurse Li", "found the child", consent=True)
    )

    praised = Commendation.objects.get(order=order)
    assert (praised.person, praised.deed, praised.consent) == ("Nurse Li", "found the child", True)


def test_thanks_that_name_no_unit_wait_in_triage(operator):
    order = take(call(kind="thanks"), operator, praise=Praise(person="a bus driver"))

    assert order.state == State.PENDING


def test_an_emergency_must_be_confirmed(operator):
    with pytest.raises(DomainError) as refusal:
        take(call(urgency="E1"), operator)

    assert refusal.value.field == "confirmed"


def test_an_emergency_of_the_leaf_must_be_confirmed_however_it_was_marked(operator):
    with pytest.raises(DomainError) as refusal:
        take(call(category=leaf_of_urgency("E1"), urgency="N"), operator)

    assert refusal.value.field == "confirmed"


def test_an_emergency_cannot_be_sent_as_ordinary(operator):
    order = take(call(category=leaf_of_urgency("E1"), urgency="N"), operator, confirmed=True)

    assert order.urgency == Urgency.E1


def test_what_was_suggested_and_what_was_chosen_are_kept_for_training(operator):
    order = take(call(suggested_category="010101"), operator)

    row = TrainingRow.objects.get(order=order)
    assert (row.suggested, row.label) == ("010101", LEAF)


def test_a_unit_takes_no_calls(unit_clerk):
    with pytest.raises(DomainError):
        take(call(), unit_clerk)


def test_the_unit_of_the_catalogue_is_the_products_own(operator):
    order = take(call(), operator, action="dispatch")

    assert Unit.objects.get(pk=order.unit_id).place_code == PLACE
