"""Whom a text of thanks praises: the unit, the body in the caller's own words, the persons. A suggestion for
people to confirm, never a fact.

The unit is the longest name or alias of the dictionary, nearest before the person (or before whoever else is
named as helping, or after the word of thanks). A person is a name that the tagger finds or that follows a
word for a role; who calls, their family, and mere titles are no persons. The Chinese words stand in
`reference/praise_words.csv` and `praise_surnames.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import rjieba

from hotline.accounts.models import Unit, UnitKind
from hotline.lib.cached import Cached
from workorders.praisewords import compiled, ends_with, plain, surname_pattern, words

MASK = "\u25a1"
"""Stands for each character of the caller's name while the text is read."""
JOINERS = "\u3001\u548c\u4e0e\u53ca,\uff0c"
"""Between the names of a list: the enumeration comma, and, with, comma."""
OF = "\u7684"
NEAR = 6
"""So many characters may stand between a word of thanks and the unit it thanks."""
NAME_TAGS = ("nr", "nrt", "nrfg")
NOUNS = ("n", "ns", "nz", "t", "x", "zg")
GIVEN_TAGS = (*NAME_TAGS, *NOUNS, "ng", "a", "ag", "vg", "v", "g", "j", "b", "m", "z", "i", "nt")
NEVER_GIVEN = ("c", "p", "d", "r", "uj", "ul", "u", "f", "q", "k", "s")


@dataclass(frozen=True)
class Praise:
    """`unit` is None where the dictionary has none; `body` then still says who was meant, if anybody."""

    unit: Unit | None
    body: str
    persons: tuple[str, ...]


@dataclass(frozen=True)
class Mention:
    """A unit named at `text[start:end]`."""

    start: int
    end: int
    unit: Unit


@dataclass(frozen=True)
class Token:
    start: int
    end: int
    word: str
    tag: str


class UnitBook:
    """Every name and alias of the units, and one pattern that finds them, the longest first."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units: dict[str, Unit] = {}
        self.by_code: dict[str, Unit] = {}
        for unit in units:
            self.by_code[unit.code] = unit
            for name in (unit.name, unit.short_name, *unit.aliases):
                if len(term := plain(name)) > 1:
                    self.units.setdefault(term, unit)
        longest_first = sorted(self.units, key=len, reverse=True)
        self.pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def mentions(self, text: str) -> Iterator[Mention]:
        for match in self.pattern.finditer(text):
            around = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
            if not (
                match[0].isascii()
                and any(character.isascii() and character.isalnum() for character in around)
            ):
                yield Mention(match.start(), match.end(), self.units[match[0]])


def read_book() -> UnitBook:
    return UnitBook(Unit.objects.filter(is_active=True))


praise_book: Cached[UnitBook] = Cached(read_book, seconds=60)


# --- The whole -----------------------------------------------------------------------------------------


def suggest_praise(text: str, book: UnitBook) -> Praise:
    """Whom the text praises. Nothing is stored."""
    masked = mask_caller(plain(text))
    tokens = tagged(masked)
    named = without_the_line(
        [mention for mention in book.mentions(masked) if is_meant(mention, masked)], masked
    )
    people = find_persons(masked, tokens, named)
    anchor = anchor_of(masked, people)
    mention, body = weighed(choose(named, anchor, masked), find_body(tokens, anchor, masked), anchor)
    unit = mention.unit if mention else None
    if unit is None and (body is None or not is_independent(body.word)):
        unit = hinted(masked, anchor, book)
    spots = [spot for spot in (body, mention) if spot]
    said = masked[min(spot.start for spot in spots) : max(spot.end for spot in spots)] if spots else ""
    return Praise(unit, said, tuple(dict.fromkeys(person.word for person in people)))


def weighed(mention: Mention | None, body: Token | None, anchor: int) -> tuple[Mention | None, Token | None]:
    """Which of the two is praised, where both are named: a school or a company nearer to the praised than
    the unit stands for itself; a counter or a community counts where it belongs to the unit."""
    if mention is None or body is None:
        return mention, body
    if is_independent(body.word) and mention.end < body.end and body.start <= anchor:
        return None, body
    return mention, body if touches(body, mention) else None


def tagged(text: str) -> list[Token]:
    """The words of the text with their tags. A name after "named" is not read as one word with it."""
    tokens, at = [], 0
    after_named = "|".join(f"(?<={re.escape(word)})" for word in sorted(words().by_use["named"]))
    for part in re.split(after_named, text):
        for word, tag in rjieba.tag(part):
            tokens.append(Token(at, at + len(word), word, tag))
            at += len(word)
    return tokens


# --- Who calls -------------------------------------------------------------------------------------------


def mask_caller(text: str) -> str:
    """The text with the caller's name covered everywhere, its length unchanged.

    The caller is who stands after "citizen" and the like, or at the start with a form of address before a
    verb of reporting."""
    name = rf"(?:{surname_pattern()})[\u4e00-\u9fff]{{0,2}}?"
    uses = ("honorific", "reports", "caller", "me", "role")
    polite, tells, callers, me, roles = (words().pattern(use) for use in uses)
    forms = (
        rf"(?:{callers})[:\s]*({name})(?:{polite})",
        rf"(?:{callers})[:\s]*({name})(?=[,，。;；:：\s(（]|{tells})",
        rf"(?:{me})[^,，。;；]{{0,8}}?(?:{roles})({name})(?=[,，。;；\s])",
        rf"(?:^|[。;；\n])\s*({name})(?:{polite})(?=[^,，。]{{0,6}}?(?:{tells})|[:：])",
    )
    for form in forms:
        for match in list(re.finditer(form, text)):
            found = match[1]
            if len(found) > 1:
                text = text.replace(found, MASK * len(found))
            covered = re.compile(rf"{re.escape(found)}(?={polite})")
            text = covered.sub(MASK * len(found), text)
            text = text[: match.start(1)] + MASK * len(found) + text[match.end(1) :]
    return text


# --- Persons ---------------------------------------------------------------------------------------------


def find_persons(text: str, tokens: list[Token], named: list[Mention]) -> list[Token]:
    """Names of those who are praised, in reading order."""
    found: list[Token] = []
    for index, token in enumerate(tokens):
        cue = cue_before(text, token.start, found, named)
        name = name_at(tokens, index, cue)
        if name and is_praised_person(text, name, named, cue):
            found.append(name)
    return found


STRONG, WEAK, NONE = 2, 1, 0


def cue_before(text: str, start: int, found: list[Token], named: list[Mention]) -> int:
    """Strong: a word for a role or "named" stands right before, or a list of names goes on. Weak: a unit
    does."""
    before = text[:start].rstrip(' :\u201c"')
    table = words().by_use
    if ends_with(before, table["role"]) or ends_with(before, table["cue"] | table["named"]):
        return STRONG
    if found and before[-1:] in tuple(JOINERS) and found[-1].end == len(before) - 1:
        return STRONG
    before = before.removesuffix(OF)
    at_unit = any(mention.end == len(before) for mention in named) or ends_with(
        before, table["part"] | table["desk"]
    )
    return WEAK if at_unit else NONE


def name_at(tokens: list[Token], index: int, cue: int) -> Token | None:
    """A name that starts with this token: as the tagger sees it, or, after a cue, pieced together from a
    surname and what follows."""
    token = tokens[index]
    surname = surname_of(token.word)
    if not surname:
        return None
    pieces = [token]
    most = len(surname) + 2
    for piece in tokens[index + 1 : index + 3]:
        length = piece.end - token.start
        first_given = pieces[-1].word == surname and piece.tag in GIVEN_TAGS
        goes_on = len(piece.word) == 1 and (piece.tag in NAME_TAGS or pieces[-1].word != token.word)
        if (
            length > most
            or not is_chinese(piece.word)
            or piece.tag in NEVER_GIVEN
            or not (first_given or goes_on)
        ):
            break
        pieces.append(piece)
    end = pieces[-1].end
    name = Token(token.start, end, "".join(piece.word for piece in pieces), token.tag)
    if len(name.word) > most and cue == STRONG and token.tag in NAME_TAGS:
        name = Token(token.start, token.start + most, name.word[:most], token.tag)
    if not len(surname) < len(name.word) <= most:
        return None
    if any(piece.tag in NAME_TAGS for piece in pieces) and (cue or len(pieces) == 1):
        return name
    following = tokens[index + 1].word if len(pieces) == 1 and index + 1 < len(tokens) else MASK
    is_alone = token.tag == "a" and not is_chinese(following)
    unknown = len(pieces) == 1 and len(rjieba.cut(token.word, False)) > 1
    if cue == STRONG and (unknown or len(pieces) > 1 or token.tag in NOUNS or is_alone):
        return name
    return name if cue == WEAK and unknown else None


def surname_of(word: str) -> str:
    known = words().surnames
    return next((word[:size] for size in (2, 1) if word[:size] in known), "")


def is_chinese(word: str) -> bool:
    return all("\u4e00" <= character <= "\u9fff" for character in word)


def is_praised_person(text: str, name: Token, named: list[Mention], cue: int) -> bool:
    """Not a title, no place, no ordinary word, not inside a unit's name, nobody of the caller's family. A
    name of two characters needs a cue before it, a title after it, or the thanks themselves."""
    table = words().by_use
    given = name.word[len(surname_of(name.word)) :]
    if (
        not is_chinese(name.word)
        or name.word in table["not_person"]
        or given in table["title"] | table["role"]
    ):
        return False
    if any(given.startswith(title) for title in table["title"] if len(title) > 1):
        return False
    if any(mention.start < name.end and name.start < mention.end for mention in named):
        return False
    before, after = text[: name.start], text[name.end :]
    if after.startswith(tuple(table["no_person_after"])) or ends_with(before, table["kin"] | table["caller"]):
        return False
    if cue or after.startswith(tuple(table["role"] | table["title"])):
        return True
    return ends_with(before, table["thanks"]) or len(name.word) > 2


# --- The unit --------------------------------------------------------------------------------------------


def without_the_line(named: list[Mention], text: str) -> list[Mention]:
    """Who thanks somebody over the hotline names the hotline too: it counts beside others only by its
    people."""
    others = [
        mention for mention in named if mention.unit.kind != UnitKind.HOTLINE or is_staffed(mention, text)
    ]
    return others or named


def is_staffed(mention: Mention, text: str) -> bool:
    """Whether people of the unit are spoken of right after its name."""
    return bool(re.match(rf"{OF}?[^,，。;；]{{0,4}}?(?:{words().pattern('role')})", text[mention.end :]))


def is_meant(mention: Mention, text: str) -> bool:
    """Not the line that was dialled, and not a mere place, unless its people are named or it is thanked."""
    table = words().by_use
    before = text[: mention.start]
    thanked = ends_with(before, table["thanks"]) or ends_with(
        before, {f"{word}{OF}" for word in table["thanks"]}
    )
    staffed = is_staffed(mention, text)
    if ends_with(before.rstrip("\u4e86\u8fc7"), table["call"]) and not staffed:
        return False
    return text[mention.start : mention.end] not in table["weak"] or thanked or staffed


def anchor_of(text: str, people: list[Token]) -> int:
    """Where the praised are spoken of: the unit is sought before this place."""
    if people:
        return people[0].start
    for thanks in compiled("thanks").finditer(text):
        if role := compiled("role").search(text, thanks.end(), thanks.end() + 30):
            return role.start()
    if role := compiled("role").search(text):
        return role.start()
    last = [match.start() for match in compiled("thanks").finditer(text)]
    return last[-1] if last and last[-1] > 0 else len(text)


def choose(named: list[Mention], anchor: int, text: str) -> Mention | None:
    """The unit that the words of thanks name when no person is; else the nearest before the anchor, else the
    first after it."""
    before = [mention for mention in named if mention.end <= anchor]
    if before:
        return before[-1]
    for thanks in compiled("thanks").finditer(text):
        for mention in named:
            if thanks.end() <= mention.start <= thanks.end() + NEAR:
                return mention
    return named[0] if named else None


def hinted(text: str, anchor: int, book: UnitBook) -> Unit | None:
    """The unit that an everyday word speaks for ("bus driver"), the nearest before or around the anchor."""
    hints = words().hints
    pattern = re.compile("|".join(map(re.escape, sorted(hints, key=len, reverse=True))))
    found = [
        match
        for match in pattern.finditer(text)
        if not ends_with(text[: match.start()], words().by_use["call"])
    ]
    best = [match for match in found if match.start() <= anchor][-1:] or found[:1]
    return book.by_code.get(hints[best[0][0]]) if best else None


# --- The body in the caller's words ------------------------------------------------------------------------


def find_body(tokens: list[Token], anchor: int, text: str) -> Token | None:
    """A school, hospital, community … named near the anchor, with what its name begins with; the nearest
    before the anchor, else the first."""
    table = words().by_use
    endings = table["body"] | table["part"]
    found = []
    for index, token in enumerate(tokens):
        if not ends_with(token.word, endings):
            continue
        start = index
        while start and can_belong(tokens[start - 1]):
            start -= 1
        phrase = text[tokens[start].start : token.end]
        if len(phrase) > len(token.word) or token.word not in endings:
            found.append(Token(tokens[start].start, token.end, phrase, "nt"))
    before = [body for body in found if body.end <= anchor]
    return before[-1] if before else found[0] if found else None


def can_belong(token: Token) -> bool:
    """Whether this token can be part of the name of a body."""
    if MASK in token.word or ends_with(token.word, words().by_use["thanks"] | words().by_use["caller"]):
        return False
    return token.tag.startswith(("n", "j", "b", "eng", "m")) and token.word not in words().by_use["role"]


def touches(body: Token, mention: Mention) -> bool:
    return body.start <= mention.end and mention.start <= body.end


def is_independent(phrase: str) -> bool:
    """A school or a company stands for itself; a counter or a community belongs to a unit."""
    table = words().by_use
    return ends_with(phrase, table["body"]) and not ends_with(phrase, table["part"])
