"""The desk as an operator works at it: by keyboard, with a Chinese input method, on a full day."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from hotline.lib.db_now import db_now
from tests.makers import PHONE, PLACE, make_order
from workorders.lifecycle import Mode, State
from workorders.models import Draft, TrainingRow, WorkOrder

pytestmark = pytest.mark.django_db(transaction=True)

REFUSE = "小区生活垃圾一周没有清运,昨天打过物业电话没有人管"
GAS = "楼道里煤气泄漏,有人晕倒,请快来"
ADDRESS = "历下区解放路街道解放路1号"


@dataclass
class Hands:
    """What the operator's hands do: every key that is not text is counted and told."""

    page: Page
    keys: list[str] = field(default_factory=list)

    def type(self, text: str, what: str) -> None:
        self.page.keyboard.type(text)
        self.tell(f"types {len(text)} characters", what)

    def press(self, key: str, what: str) -> None:
        self.page.keyboard.press(key)
        self.keys.append(key)
        self.tell(f"presses {key}", what)

    def tell(self, act: str, what: str) -> None:
        print(f"  {len(self.keys):2} keys  {act:24} {what}")  # noqa: T201  the log of steps is part of the proof

    def mouse_events(self) -> int:
        return self.page.evaluate("window.mouseEvents")


@pytest.fixture
def page_of_desk(sign_in, operator, live_server):
    """`page_of_desk(language="zh-hans")`: the open desk, with a count of mouse events."""

    def page_of_desk(language: str = "zh-hans", user=operator) -> Page:
        page = sign_in(user, language)
        page.add_init_script(
            "window.mouseEvents = 0; for (const name of ['mousedown', 'pointermove'])"
            " addEventListener(name, () => { window.mouseEvents += 1 }, true)"
        )
        page.goto(f"{live_server.url}/desk/")
        return page

    return page_of_desk


@pytest.fixture
def desk(page_of_desk) -> Page:
    return page_of_desk()


def focused(page: Page) -> str:
    return page.evaluate(
        "document.activeElement.id || document.activeElement.value || document.activeElement.tagName"
    )


def write(page: Page, text: str = REFUSE) -> None:
    page.locator("#id_content").focus()
    page.keyboard.insert_text(text)


def accept_first(page: Page) -> None:
    expect(page.locator("[data-key='Alt+1']")).to_be_visible()
    page.keyboard.press("Alt+1")
    expect(page.locator("#id_category")).not_to_have_value("")


# --- Journeys -------------------------------------------------------------------------------------------


def test_a_standard_call_is_dispatched_without_the_mouse(desk):
    hands = Hands(desk)
    print("\nA standard call, logged and dispatched:")  # noqa: T201

    assert focused(desk) == "id_phone"
    hands.type(PHONE, "the caller's number")
    expect(desk.locator("#caller")).to_contain_text("138****5678")
    hands.press("Enter", "a first call: on to the name")
    hands.type("王芳", "the name")
    hands.press("Tab", "identity: real name stays")
    hands.press("Tab", "on to what the caller says")
    hands.type(REFUSE, "what the caller says")
    expect(desk.locator("[data-key='Alt+1']")).to_be_visible()
    hands.press("Alt+1", "category, kind and unit as suggested")
    hands.press("Tab", "on to the address")
    hands.type(ADDRESS, "the address; the place is found in it")
    expect(desk.locator("#id_place")).to_have_value(re.compile("解放路街道"))
    hands.press("F4", "dispatch")

    expect(desk.locator("#strip .order-number")).to_be_visible()
    order = WorkOrder.objects.get()
    assert (order.state, order.unit.code) == (State.DISPATCHED, f"{PLACE}-OFFICE")
    assert focused(desk) == "id_phone" and desk.locator("#id_phone").input_value() == ""
    assert len(hands.keys) <= 14 and hands.mouse_events() == 0


def test_a_repeat_caller_s_reminder_takes_four_keys(desk):
    order = make_order(state=State.HANDLING, at=db_now() - timedelta(hours=3))
    hands = Hands(desk)
    print("\nA reminder of a repeat caller:")  # noqa: T201

    hands.type(PHONE, "the caller's number")
    expect(desk.locator("[data-card]")).to_be_visible()
    hands.press("Enter", "to the caller's orders")
    hands.press("1", "the first of them")
    hands.press("Enter", "send the reminder as it stands")
    expect(desk.locator("#strip .order-number")).to_have_text(order.number)
    expect(desk.locator("#strip [data-focus]")).to_be_focused()
    hands.press("Enter", "next call")

    expect(desk.locator("#strip .order-number")).to_have_count(0)
    order.refresh_from_db()
    assert order.reminders == 1 and not Draft.objects.exists()
    assert len(hands.keys) <= 4 and hands.mouse_events() == 0


def test_enter_on_the_card_begins_a_new_order(desk):
    make_order(state=State.HANDLING)
    desk.keyboard.type(PHONE)
    expect(desk.locator("[data-card]")).to_be_visible()

    desk.keyboard.press("Enter")
    desk.keyboard.press("Enter")

    assert focused(desk) == "id_name"


def test_digits_typed_into_a_field_remind_nobody(desk):
    make_order(state=State.HANDLING)
    desk.keyboard.type(PHONE)
    expect(desk.locator("[data-card]")).to_be_visible()

    write(desk, "")
    desk.keyboard.type("123")

    assert desk.locator("#id_content").input_value() == "123"
    expect(desk.locator("[data-remind-form]")).to_be_hidden()


def test_tab_goes_the_way_the_eye_goes(desk):
    stops = ["id_phone"]
    for _step in range(9):
        desk.keyboard.press("Tab")
        stops.append(focused(desk))

    wanted = "phone name mode_0 content address place kind category urgency unit"
    assert [stop.removeprefix("id_") for stop in stops if not stop.startswith("BUTTON")] == wanted.split()


def test_two_presses_make_one_order(desk):
    write(desk)

    desk.evaluate(
        "for (const time of [1, 2]) document.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true}))"
    )

    expect(desk.locator("#strip .order-number")).to_be_visible()
    assert WorkOrder.objects.count() == 1


# --- Suggestions ----------------------------------------------------------------------------------------


def test_escape_hides_the_suggestions(desk):
    write(desk)
    expect(desk.locator("[data-key='Alt+1']")).to_be_visible()

    desk.keyboard.press("Escape")

    expect(desk.locator("[data-key='Alt+1']")).to_be_hidden()


def test_what_was_suggested_is_kept_with_what_was_chosen(desk):
    write(desk)
    accept_first(desk)

    desk.keyboard.press("Control+Enter")

    expect(desk.locator("#strip .order-number")).to_be_visible()
    row = TrainingRow.objects.get()
    assert row.suggested == row.label


def test_a_place_chosen_by_hand_stays(desk):
    desk.locator("#id_place").focus()
    desk.keyboard.type("千佛山")
    desk.keyboard.press("Enter")

    desk.locator("#id_address").focus()
    with desk.expect_response("**/desk/suggest/"):
        desk.keyboard.type(ADDRESS)

    expect(desk.locator("#id_place")).to_have_value(re.compile("千佛山"))


def test_a_category_is_found_by_a_word_of_it(desk):
    desk.locator("#id_category").focus()
    desk.keyboard.type("垃圾")
    desk.keyboard.press("Enter")

    expect(desk.locator("#id_category")).to_have_value(re.compile("垃圾"))
    assert not WorkOrder.objects.exists()


def test_an_open_question_is_answered_by_one_of_its_units(desk):
    write(desk, "停气半天没人通知")
    accept_first(desk)

    desk.locator("#route button").first.click()
    desk.keyboard.press("F4")

    expect(desk.locator("#strip .order-number")).to_be_visible()
    assert WorkOrder.objects.get().unit.code == "370100-GASJH"


def test_personal_data_in_the_text_is_masked_by_one_key(desk):
    write(desk, f"{REFUSE},请打13912345678")
    expect(desk.locator("[data-mask]")).to_be_visible()

    desk.keyboard.press("Alt+m")

    expect(desk.locator("#id_content")).to_have_value(re.compile(r"139\*\*\*\*5678"))


def test_no_key_and_no_suggestion_during_chinese_input(desk):
    asked = []
    desk.on("request", lambda request: asked.append(request.url) if "/suggest/" in request.url else None)
    ime = desk.context.new_cdp_session(desk)
    desk.locator("#id_content").focus()

    for letters in ("s", "sh", "sheng", "sheng huo la ji"):
        ime.send(
            "Input.imeSetComposition",
            {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)},
        )
        enter = {"type": "rawKeyDown", "key": "Process", "code": "Enter", "windowsVirtualKeyCode": 229}
        ime.send("Input.dispatchKeyEvent", enter)
        desk.keyboard.press("F4")
        desk.keyboard.press("Control+Enter")
    assert focused(desk) == "id_content" and not asked
    ime.send("Input.insertText", {"text": REFUSE})

    expect(desk.locator("[data-key='Alt+1']")).to_be_visible()
    assert len(asked) == 1 and not WorkOrder.objects.exists()


# --- Nothing is lost -----------------------------------------------------------------------------------


def test_after_a_reload_everything_is_back(desk):
    desk.keyboard.type(PHONE)
    write(desk)
    expect(desk.locator("#draft-line")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))

    desk.reload()

    assert (
        desk.locator("#id_content").input_value() == REFUSE
        and desk.locator("#id_phone").input_value() == PHONE
    )


def test_after_a_reload_card_and_suggestions_are_back_as_well(desk):
    make_order(state=State.HANDLING)
    desk.keyboard.type(PHONE)
    write(desk)
    expect(desk.locator("#draft-line")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"))

    desk.reload()

    expect(desk.locator("[data-card]")).to_be_visible()
    expect(desk.locator("[data-key='Alt+1']")).to_be_visible()


def test_a_killed_window_loses_at_most_two_seconds(desk, live_server):
    write(desk)
    expect(desk.locator("#draft-line")).to_have_text(re.compile(r"\d\d:\d\d:\d\d"), timeout=2000)
    context = desk.context
    desk.close(run_before_unload=False)

    again = context.new_page()
    again.goto(f"{live_server.url}/desk/")

    assert again.locator("#id_content").input_value() == REFUSE


def test_a_refused_form_shows_the_problem_first_and_keeps_the_text(desk):
    write(desk)

    desk.keyboard.press("F4")

    expect(desk.locator("#form-errors")).to_be_focused()
    assert desk.locator("#id_content").input_value() == REFUSE


# --- Emergencies and confidentiality --------------------------------------------------------------------


def test_an_emergency_is_asked_about_before_it_goes_out(desk):
    write(desk, GAS)
    expect(desk.locator("#hints mark.is-urgent").first).to_be_visible()
    desk.keyboard.press("F9")

    desk.keyboard.press("Control+Enter")

    expect(desk.locator("#danger")).to_be_visible()
    assert not WorkOrder.objects.exists()


def test_a_confirmed_emergency_goes_out_as_one(desk):
    write(desk, GAS)
    desk.keyboard.press("F9")
    desk.keyboard.press("Control+Enter")

    desk.keyboard.press("Enter")

    expect(desk.locator("#strip .order-number")).to_be_visible()
    assert WorkOrder.objects.get().urgency == "E1"


def test_the_confidential_tick_hides_the_name_everywhere_at_once(desk):
    make_order(name="Wang Fang", state=State.HANDLING)
    desk.keyboard.type(PHONE)
    expect(desk.locator("[data-veil]")).to_be_visible()
    desk.locator("#id_name").fill("王芳")

    desk.locator(f"[name=mode][value={Mode.CONFIDENTIAL}]").check()

    expect(desk.locator("[data-veil]")).to_be_hidden()
    expect(desk.locator("#id_name")).to_have_css("-webkit-text-security", "disc")


# --- Endings and keys -----------------------------------------------------------------------------------


def test_an_answer_on_the_line_closes_the_order(desk):
    write(desk)
    desk.keyboard.press("Alt+a")
    expect(desk.locator("#id_answer_text")).to_be_focused()
    desk.keyboard.insert_text("垃圾今天下午清运。")

    desk.keyboard.press("Control+Enter")

    expect(desk.locator("#strip .order-number")).to_be_visible()
    assert WorkOrder.objects.get().state == State.CLOSED


def test_what_is_told_with_a_refusal_is_on_the_screen(desk):
    desk.keyboard.press("Alt+r")

    desk.locator("#id_reject_reason").select_option("R01")

    expect(desk.locator("#reject-script")).to_contain_text("您反映的事项发生在外地")


def test_the_sheet_lists_every_key(desk):
    write(desk)
    expect(desk.locator("[data-key='Alt+1']")).to_be_visible()
    desk.locator("h1").click()

    desk.keyboard.press("?")

    listed = set(desk.locator("#keys kbd").all_text_contents())
    assert {
        "F2",
        "F4",
        "F9",
        "Ctrl+Enter",
        "Alt+1",
        "Alt+K",
        "Alt+N",
        "Alt+A",
        "Alt+R",
        "Alt+I",
        "Alt+H",
    } <= listed


@pytest.mark.parametrize(
    ("key", "field"),
    [("Alt+i", "invalid_reason"), ("Alt+h", "hand_peer"), ("Alt+r", "reject_reason"), ("Alt+k", "phone")],
)
def test_keys_lead_to_their_fields(desk, key, field):
    write(desk)

    desk.keyboard.press(key)

    expect(desk.locator(f"#id_{field}")).to_be_focused()


# --- How it looks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844), (320, 640)])
def test_the_screen_holds_everything_and_axe_finds_nothing(page_of_desk, violations, language, width, height):
    for state in (State.HANDLING, State.DISPATCHED, State.CALLBACK, State.INVALID):
        make_order(state=state, at=db_now() - timedelta(hours=3))
    desk = page_of_desk(language)
    desk.set_viewport_size({"width": width, "height": height})
    assert violations(desk) == []

    desk.keyboard.type(PHONE)
    expect(desk.locator("[data-card]")).to_be_visible()
    write(desk, f"{GAS},{REFUSE},请打13912345678")
    expect(desk.locator("#hints [data-accept]").first).to_be_visible()
    desk.keyboard.press("F9")
    assert violations(desk) == []
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width == 1366:
        assert desk.evaluate("document.documentElement.scrollHeight <= innerHeight")

    desk.keyboard.press("F4")
    desk.keyboard.press("Enter")
    expect(desk.locator("#form-errors")).to_be_visible()
    assert violations(desk) == []
