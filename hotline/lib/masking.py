"""Personal data as it may be seen: masked values, one form of a telephone number, a detector for free text.

Chinese characters in patterns are written as escapes, with their meaning beside them."""

import re
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

STARS = "****"
FULL_WIDTH = str.maketrans({0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20})
"""Full-width forms and the ideographic space to ASCII, one to one: places in the text stay the same."""

MOBILE = r"1[3-9]\d{9}"
AREA = r"(?:010|02\d|0[3-9]\d{2})"
NUMBER = re.compile(
    rf"(?:{MOBILE}"  # mobile
    rf"|{AREA}\d{{7,8}}"  # landline with area code
    r"|[2-9]\d{6,7}"  # landline without
    r"|[48]00\d{7}"  # service lines
    r"|1\d{2,5}|1010\d{4}|9\d{4,7}"  # short numbers: 110, 12345, 95588
    r"|00[1-9]\d{5,14})"  # abroad
)


def normal_phone(text: str) -> str:
    """The one form of a telephone number: digits alone, without +86; numbers abroad start
    with 00.

    Equal numbers typed in different ways give equal results, so the blind index finds them.
    Raises ValueError for what is no number that could be called in China, an extension included."""
    plain = text.translate(FULL_WIDTH).strip()
    digits = re.sub(r"[\s\-\u2010-\u2015\u2212().\u00b7]", "", plain)
    digits = re.sub(r"^\+", "00", digits)
    if re.fullmatch(rf"86{MOBILE}", digits):
        digits = digits[2:]
    elif digits.startswith("0086"):
        digits = digits[4:]
        if not re.fullmatch(rf"{MOBILE}|0\d+|[48]00\d{{7}}", digits):
            digits = f"0{digits}"  # an area code after +86 loses its 0
    elif re.fullmatch(rf"0{MOBILE}", digits):
        digits = digits[1:]
    if not (digits.isascii() and NUMBER.fullmatch(digits)):
        raise ValueError("This is not a telephone number.")
    return digits


def mask_phone(text: str) -> str:
    """138****1234; a landline keeps its area code (0531****1234), a short number its last two digits."""
    if not text.strip():
        return ""
    try:
        digits = normal_phone(text)
    except ValueError:
        return STARS
    if re.fullmatch(MOBILE, digits):
        return digits[:3] + STARS + digits[-4:]
    if area := re.match(AREA, digits):
        return area[0] + STARS + digits[-4:]
    if len(digits) >= 7:
        return STARS + digits[-4:]
    return "*" * (len(digits) - 2) + digits[-2:]


def mask_name(text: str) -> str:
    """The first character and two stars, however long the name is."""
    name = text.strip()
    return f"{name[0]}**" if name else ""


def mask_id(text: str) -> str:
    """First three, last four of an identity number; shorter numbers vanish."""
    number = re.sub(r"\s", "", text)
    if len(number) < 11:
        return STARS if number else ""
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


COUNT = r"[0-9A-Za-z\u96f6\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341\u767e]+"
"""Digits, letters, and the characters for zero to ten and hundred."""
BUILDING = re.compile(
    rf"{COUNT}(?:\u53f7\u697c|\u53f7\u9662|\u680b|\u5e62|\u5ea7"  # house, yard, block, wing, tower
    r"|\u53f7(?![\u7ebf\u697c\u9662\u95e8\u8def]))"  # street number; not line, house, yard, door, road "No. "
)
ROOM = re.compile(  # entrance, floor, room, flat, door
    rf"{COUNT}\s*(?:\u5355\u5143|\u5c42|\u5ba4|\u6237|\u53f7\u95e8)"
)
DASHED = re.compile(r"(\d+)(?:-\d+){1,3}(?!\d)")  # building-entrance-room


def mask_address(text: str) -> str:
    """The address up to the building; entrance, floor, room and whatever follows become stars.

    An address that names no building, entrance or room (a square, a crossing) is a public place and stays
    whole."""
    address = text.translate(FULL_WIDTH).strip()
    if buildings := list(BUILDING.finditer(address)):
        end = buildings[-1].end()
    elif dashed := DASHED.search(address):
        end = dashed.end(1)
    elif room := ROOM.search(address):
        end = room.start()
    else:
        return address
    return address[:end] + (STARS if address[end:].strip() else "")


class Span(NamedTuple):
    """One piece of personal data in a text: `text[start:end]`. kind: id_card, bank_card, mobile, landline,
    plate."""

    kind: str
    start: int
    end: int


ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECKS = "10X98765432"


def is_id_number(text: str) -> bool:
    """18 characters with a real birthday and the check character of GB 11643."""
    if not re.fullmatch(r"[1-9]\d{16}[\dXx]", text, re.ASCII):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], ID_WEIGHTS, strict=True))
    return ID_CHECKS[total % 11] == text[17].upper()


def is_bank_card(text: str) -> bool:
    """16 to 19 digits, issued by a payment network (first digit 3 to 6, or 9), with the check digit of
    Luhn."""
    digits = re.sub(r"[ -]", "", text)
    if not re.fullmatch(r"[34569]\d{15,18}", digits, re.ASCII):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


PROVINCES = (  # the one-character names on plates, Beijing to Xinjiang, in the order of GA 36
    "\u4eac\u6d25\u5180\u664b\u8499\u8fbd\u5409\u9ed1\u6caa\u82cf\u6d59\u7696\u95fd\u8d63\u9c81\u8c6b"
    "\u9102\u6e58\u7ca4\u6842\u743c\u6e1d\u5ddd\u8d35\u4e91\u85cf\u9655\u7518\u9752\u5b81\u65b0"
)
PLATE_ENDS = "\u6302\u5b66\u8b66\u6e2f\u6fb3"  # trailer, learner, police, Hong Kong, Macao
PHONE_WORD = "\u7535\u8bdd|\u5ea7\u673a|\u56fa\u8bdd|[Tt][Ee][Ll]"  # dianhua, zuoji, guhua, tel


def any_text(text: str) -> bool:
    """The check of kinds that have no check digit."""
    return True


class Detector(NamedTuple):
    """How one kind is found: group 1 of the pattern, or all of it, and the check that must hold."""

    kind: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = any_text


DETECTORS = (  # what has a check digit comes first: a later one never takes a piece of an earlier
    Detector("id_card", re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])", re.A), is_id_number),
    Detector(
        "bank_card",
        re.compile(r"(?<![0-9A-Za-z])\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)", re.A),
        is_bank_card,
    ),
    Detector("mobile", re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)", re.A)),
    Detector("landline", re.compile(rf"(?<!\d)\(?{AREA}\)?[ -]?[2-9]\d{{2,3}}[ -]?\d{{4}}(?!\d)", re.A)),
    Detector(
        "landline", re.compile(rf"(?:{PHONE_WORD})[^0-9A-Za-z]{{0,3}}([2-9]\d{{2,3}}-?\d{{4}})(?!\d)", re.A)
    ),
    Detector(
        "plate",
        re.compile(
            rf"[{PROVINCES}][A-HJ-Za-hj-z][\u00b7. -]?(?=[A-Za-z]*\d)"
            rf"[A-HJ-NP-Za-hj-np-z0-9]{{4,5}}[A-HJ-NP-Za-hj-np-z0-9{PLATE_ENDS}](?![0-9A-Za-z])"
        ),
    ),
)


def find_personal(text: str) -> list[Span]:
    """Mobile and landline numbers, identity numbers, bank cards and number plates in a text, in reading
    order.

    Spans never overlap. Full-width digits count. Numbers with a check digit are found only if it is right;
    seven or eight bare digits are a landline only after a word for telephone. Names and addresses are not
    found."""
    plain = text.translate(FULL_WIDTH)
    found: list[Span] = []
    for kind, pattern, holds in DETECTORS:
        for match in pattern.finditer(plain):
            start, end = match.span(match.lastindex or 0)
            free = all(end <= other.start or start >= other.end for other in found)
            if free and holds(plain[start:end]):
                found.append(Span(kind, start, end))
    return sorted(found, key=lambda span: span.start)


def mask_text(text: str) -> str:
    """The text with everything that `find_personal` finds masked; masking twice changes nothing more."""
    parts: list[str] = []
    rest = 0
    for kind, start, end in find_personal(text):
        parts += [text[rest:start], MASKS[kind](text[start:end].translate(FULL_WIDTH))]
        rest = end
    return "".join([*parts, text[rest:]])


def mask_plate(text: str) -> str:
    """Province, city letter and the last two characters."""
    return text[:2] + "***" + text[-2:]


def mask_bank_card(text: str) -> str:
    """The last four digits."""
    return STARS + text[-4:]


MASKS: dict[str, Callable[[str], str]] = {
    "id_card": mask_id,
    "bank_card": mask_bank_card,
    "mobile": mask_phone,
    "landline": mask_phone,
    "plate": mask_plate,
}
