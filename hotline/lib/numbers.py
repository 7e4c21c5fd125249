"""Order numbers and the citizen's query codes: made, checked, and read from what people type.

An order number is the city prefix (letters), the day (8 digits), 6 random characters and a check character,
the last 7 from Crockford's 32 (no I, L, O, U). The check works over the whole number modulo the prime 37:
each of 0-9 A-Z counts 0 to 35, the character k places from the right weighs 2**k, and the weighted sum is 0.
As 2 generates all 36 residues, no weight is 0 and no two are equal in a number of up to 36 characters: any
one wrong character is found, and so is any swap of two, neighbours included. Where the sum would need a check
character outside the 32, other random characters are drawn.

The number is not a secret and not quite unique by itself (2**30 a day): whoever stores it holds a unique
constraint and draws again; whoever shows progress asks for the query code too."""

import re
import unicodedata
from datetime import date, datetime
from random import Random

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
MODULUS, RANDOM_LENGTH, TAIL = 37, 6, 15  # the tail is what follows the prefix: day, random, check
PREFIX = re.compile(r"[A-Z]{1,8}")
NUMBER = re.compile(rf"[A-Z]{{1,8}}[0-9]{{8}}[{ALPHABET}]{{7}}")
LOOKALIKES = str.maketrans("OIL", "011")


def order_number(prefix: str, day: date, rng: Random) -> str:
    """A new order number, as JN20260213 + 6 random characters + check. `rng`: `secrets.SystemRandom()`
    outside tests.

    Raises ValueError when the prefix is not 1 to 8 capital letters."""
    if not PREFIX.fullmatch(prefix):
        raise ValueError(f"The prefix '{prefix}' is not 1 to 8 capital letters.")
    while True:
        body = f"{prefix}{day:%Y%m%d}{''.join(rng.choices(ALPHABET, k=RANDOM_LENGTH))}"
        missing = -weighted_sum(body + "0") % MODULUS
        for character in ALPHABET:
            if VALUES[character] == missing:
                return body + character


def is_order_number(text: str) -> bool:
    """True for a number in its normal form with a real day and the right check character."""
    if not NUMBER.fullmatch(text) or weighted_sum(text) % MODULUS:
        return False
    try:
        datetime.strptime(text[-TAIL:-7], "%Y%m%d")
    except ValueError:
        return False
    return True


def normal_order_number(text: str) -> str:
    """What a person typed, in the normal form: capitals, no spaces or dashes, no full-width characters, and
    after the prefix 0 for O and 1 for I and L. Does not check it."""
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = re.sub(r"[\s\-_.\u2010-\u2015]", "", plain)
    return plain[:-TAIL] + plain[-TAIL:].translate(LOOKALIKES)


def weighted_sum(text: str) -> int:
    """The sum that is divisible by 37 in a right number."""
    return sum(VALUES[character] * pow(2, place, MODULUS) for place, character in enumerate(reversed(text)))


def query_code(rng: Random) -> str:
    """The citizen's secret for the progress page: 6 digits."""
    return f"{rng.randrange(1_000_000):06d}"
