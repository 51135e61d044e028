"""What a message tells of the form: the value of the open field behind its cue ("our company is
called ..."), values of other fields, one more owner or location, a country with its address.

Nothing is invented: every value is a span of what was typed, through its own field's reader.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs.addresses import Address
from dialogs.answers import Accepted, FreeText, Refused
from dialogs.correcting import after, closed
from dialogs.countries import Country
from dialogs.form import Place
from dialogs.names import CompanyName, PersonName
from dialogs.pieces import pieces
from dialogs.polite import bare
from dialogs.readings import Answers, Fills, Orders, Reading, Refuses, Value
from dialogs.state import Phase, Script, State, read_as
from dialogs.wording import Language, fold

SHORT = 3
"""words; an address has more"""
COVERED = 0.5
"""of a text that would do as an answer, what must be other fields' values before it is theirs"""
MOST_LABEL = 8
"""words of a field's name with its verb"""
ALL_BUT = 0.9
"""the same where nothing but their shape tells them"""


def values_in(
    script: Script, language: Language, text: str, open_name: str = ""
) -> tuple[Value, ...]:
    """What the text says of the form's fields, each a span of it; the parts of one value ("Street:
    ...", "City: ...") are joined."""
    found: dict[tuple[str, int], Value] = {}
    for piece in pieces(script.form, language, text, open_name):
        typed, key = text[piece.start : piece.end], (piece.name, piece.nth)
        before = found.get(key)
        if before is not None:
            found[key] = replace(before, typed=f"{before.typed}, {typed}")
        else:
            found[key] = Value(
                piece.name, piece.nth, typed, piece.label, piece.number, sure=piece.sure
            )
    return tuple(found.values())


def cued(
    script: Script, state: State, language: Language, place: Place, text: str
) -> Answers | None:
    """ "Our company is called ...", "the director is ...": all that follows, in whatever letters.
    "We Are Mobile Ltd" is a name: who writes "Are" writes one."""
    if isinstance(place.question.reader, FreeText) or "\n" in text:
        return None
    value = _behind_cue(language, place, text)
    cue = text[: len(text) - len(value)].split() if value else []
    if not cue or any(word[:1].isupper() and len(word) > 1 for word in cue[1:]):
        return None
    others = values_in(script, language, text, place.name)
    apart = [other for other in others if other.name != place.name]
    if any(o.typed not in value or len(o.typed) < COVERED * len(value) for o in apart):
        return None
    typed = closed(language, bare_answer(language, place, value))
    outcome = read_as(script, state, place, typed)
    single = len(value.split()) == 1 and isinstance(place.question.reader, CompanyName)
    return Answers(place, outcome, typed) if isinstance(outcome, Accepted) and not single else None


def _behind_cue(language: Language, place: Place, text: str) -> str:
    """What stands behind the field's cue, "it's", its name with a verb ("the name would be") or
    nothing but murmurs; "" where none of these begins the text."""
    spoken = text.split(maxsplit=1)
    murmured = False
    while len(spoken) > 1 and fold(spoken[0]) in language.folded(
        "paste.murmurs" if murmured else "interjections"
    ):
        text, murmured = spoken[1], True
        spoken = text.split(maxsplit=1)
    lead = after(text, language.words.get("paste.openers", ())) or text
    for start in (lead, text):
        cued = after(start, language.words.get(f"paste.cues.{place.name}", ()))
        if not cued and start[:1].islower():  # "That's All Folks Electronics" is a name
            cued = after(start, language.words.get("paste.answers_are", ()))
        named = cued or _behind_label(language, place, start)
        if named:
            return named
    return text if murmured else ""


def _behind_label(language: Language, place: Place, text: str) -> str:
    """ "The name would be New Dawn" -> "New Dawn"."""
    phrases = language.named_with_verb.get(place.name, frozenset())
    words = text.split()
    for size in range(1, min(MOST_LABEL, len(words) - 1) + 1):
        said = fold(" ".join(words[:size])).split()
        if said and said[0] in language.folded("my_words"):
            del said[0]
        if " ".join(said) in phrases:
            return text.split(maxsplit=size)[size]
    return ""


def of_others(
    script: Script,
    state: State,
    language: Language,
    place: Place,
    outcome: Accepted | Refused,
    text: str,
) -> Reading | None:
    """Values of other fields, and of this one where its name stands before it."""
    values = values_in(script, language, text, place.name)
    accepted = isinstance(outcome, Accepted) and place.question.reader.free
    taken = taken_as(script, state, place, values, text, accepted=accepted) if values else None
    if isinstance(taken, Refuses) and state.phase is Phase.PAUSED:
        return Orders("resume")
    return taken or _country_and_address(place, outcome, text)


def taken_as(
    script: Script,
    state: State,
    place: Place,
    values: tuple[Value, ...],
    text: str,
    *,
    accepted: bool,
) -> Answers | Refuses | Fills | None:
    """The values as a reading; None where the text is rather the answer to the open question.
    ``accepted``: as free text, the whole would do as that answer."""
    values = tuple(value for value in values if value.words or _stray(script, state, place, value))
    sure = tuple(value for value in values if value.sure)
    if [value.name for value in sure] == [place.name] and len(values) == 1:
        return _one(script, state, place, sure[0].typed)
    covered = sum(len(value.typed) + len(value.words) for value in sure)
    least = COVERED if any(value.words for value in sure) else ALL_BUT
    if not sure or (accepted and covered < least * len(text)):
        return None
    return Fills(values)


def _stray(script: Script, state: State, place: Place, value: Value) -> bool:
    """An e-mail or web address where something else was asked: taken for its own field only while
    that one is open and nothing speaks against it. A map's link is no business's website."""
    assert state.draft is not None  # a place is open only in a draft
    theirs = script.form.place(state.draft, value.name)
    if value.name == place.name or theirs is None:
        return value.name == place.name or value.nth > 0 or "." in value.name
    read = read_as(script, state, theirs, value.typed)
    return value.name not in state.draft.slots and isinstance(read, Accepted) and not read.flags


def _one(script: Script, state: State, place: Place, typed: str) -> Answers | Refuses:
    outcome = read_as(script, state, place, typed)
    if isinstance(outcome, Accepted):
        return Answers(place, outcome, typed)
    return Refuses(place, outcome, typed)


def one_more(script: Script, state: State, place: Place, text: str) -> Fills | None:
    """A name where "is there another owner?" was asked, an address for another location."""
    if place.kind != "more" or state.draft is None:
        return None
    number = len(state.draft.ids(place.group))
    words = text.split()
    for field in script.form.repeats[place.group].fields:
        reader = field.question.reader
        named = isinstance(reader, PersonName) and 1 < len(words) <= SHORT + 1 and text.istitle()
        located = isinstance(reader, Address) and len(words) > SHORT and _has_digit(text)
        if named or located:
            return Fills((Value(field.name, number, text),))
    return None


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


def _country_and_address(place: Place, outcome: Accepted | Refused, text: str) -> Fills | None:
    """An address where its country was asked for: both are taken, or the address waits."""
    if not isinstance(place.question.reader, Country) or not _has_digit(text):
        return None
    head, _, country = text.rpartition(",")
    if isinstance(outcome, Accepted) and head.strip():
        address = Value("locations.address", 0, head.strip())
        return Fills((Value(place.name, 0, country.strip()), address))
    if isinstance(outcome, Refused) and len(text.split()) > SHORT:
        return Fills((Value("locations.address", 0, text),))
    return None


def bare_answer(language: Language, place: Place, text: str) -> str:
    """The answer without the polite words around it; experience is kept as it was told."""
    if not place.question.reader.free or isinstance(place.question.reader, FreeText):
        return text
    start, end = bare(language, text)
    return text[start:end] or text
