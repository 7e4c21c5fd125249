"""Words for codes that stand in facts and forms: outcomes, clocks, channels of contact, whom orders are
handed to."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

OUTCOMES: dict[str, Any] = {
    "answered": _("Answered"),
    "referred": _("Referred elsewhere"),
    "solved": pgettext_lazy("outcome", "Solved"),
    "partly_solved": pgettext_lazy("outcome", "Partly solved"),
    "not_solved": pgettext_lazy("outcome", "Not solved"),
    "verified": _("Found true"),
    "not_verified": _("Not found true"),
    "case_filed": _("Case filed"),
    "adopted": _("Adopted"),
    "partly_adopted": _("Partly adopted"),
    "kept": _("Kept for reference"),
    "not_adopted": _("Not adopted"),
    "forwarded": _("Passed on"),
    "recorded": _("Recorded"),
    "explained": _("Explained"),
}
CLOCKS: dict[str, Any] = {
    "intake": _("Intake"),
    "dispatch": _("First dispatch"),
    "sign": _("Signing for"),
    "contact": _("First contact"),
    "first_result": _("First result"),
    "handle": _("Handling"),
    "return_window": _("Return window"),
    "return_review": _("Return review"),
    "adjudicate": _("Adjudication"),
    "interim_report": _("Interim report"),
    "co_reply": _("Co-handling reply"),
    "reply_review": _("Reply review"),
    "callback": _("Call-back"),
    "callback_retry": _("Next call-back try"),
    "rework": _("Rework"),
    "archive": _("Archiving"),
    "promise": _("Promise"),
}
CLOCK_STEPS: dict[str, Any] = {
    "due": _("Overdue"),
    "yellow": _("Yellow card"),
    "red": _("Red card"),
    "warn": _("Warning"),
}
CONTACT_CHANNELS: dict[str, Any] = {
    "phone": _("Telephone"),
    "sms": _("Text message"),
    "visit": _("Visit"),
    "wechat": _("WeChat"),
    "other": _("Otherwise"),
}
PEERS: dict[str, Any] = {
    "110": _("110 Police"),
    "119": _("119 Fire and rescue"),
    "120": _("120 Medical emergency"),
    "122": _("122 Traffic accidents"),
    "96110": _("96110 Anti-fraud"),
    "utility": _("Public utility"),
    "other": _("Another body"),
}
QUESTIONS: dict[str, Any] = {
    "carrier": _("Rail, air or coach?"),
    "gas_company": _("Which gas company supplies the address?"),
    "operator": _("Which network operator?"),
    "policy_owner": _("Whose policy is it?"),
    "superior_of_unit": _("Who is the superior of the unit complained about?"),
    "praised_unit": _("Which unit is praised?"),
}
"""What an entry of the catalogue leaves open (`ask`)."""
HAND_OVER_MODES: dict[str, Any] = {
    "transfer": _("Call transferred"),
    "tri_call": _("Three-party call"),
    "order_push": _("Order passed on"),
    "guide": _("Caller told where to turn"),
}
NO_CALLBACK: dict[str, Any] = {
    "kind": _("This kind is not called back"),
    "anonymous": _("The caller is anonymous"),
    "no_phone": _("No phone number"),
    "not_rated": _("Not rated"),
    "direct": _("Answered on the line"),
    "rejected": _("Not accepted"),
    "invalid": _("Invalid"),
    "merged": _("Merged"),
    "handed_over": _("Handed over outside"),
    "withdrawn": _("Withdrawn"),
}
REVEALABLE: dict[str, Any] = {
    "phone": _("Phone"),
    "name": pgettext_lazy("person", "Name"),
    "address": _("Full address"),
}


def words(table: dict[str, Any], code: str) -> Any:
    """The words of a code; the code itself where a city has one of its own."""
    return table.get(code, code)
