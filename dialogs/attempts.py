"""A message while a question is open: its answer, another field's, a question, or none of these.

Only a whole message is taken for what is no answer, and what is cut away around an answer is only
what surely is no part of it. So odd names stay names ("Why Not Plumbing LLC"), and where both
readings are possible the answer is echoed with a way to take it back in one tap.
"""

from __future__ import annotations

from dataclasses import replace

from dialogs import moods
from dialogs.answers import Accepted, FreeText, Refused
from dialogs.asking import fresh_item
from dialogs.contacts import Email, Phone, Website
from dialogs.events import Said
from dialogs.form import Place
from dialogs.joining import joined, only_legal_form
from dialogs.names import PersonName
from dialogs.questions import best_band, follows_up, several, touches
from dialogs.readings import Answers, Asks, Fills, Ignores, Orders, Reading, Refuses
from dialogs.sentences import (
    begins_like_question,
    could_be_question,
    ends_with_question,
    parted,
    reads_as_question,
    without_tag,
)
from dialogs.state import Phase, Script, State, read_as
from dialogs.told import bare_answer, cued, of_others, one_more, taken_as, values_in
from dialogs.wishes import likely
from dialogs.wording import Language, fold

SHORT = 3
"""words; longer texts that fit no option may be a question"""
SHORTEST_FORM = 2
"""letters of what is a legal form and a word too: "which exam is the one for me" (Microempresa)"""
MEANT_AS_ANSWERS = ("hedged", "yes_no_not_sure", "choice_unclear", "country_unclear")
"""refusals of what answers the question, but not clearly"""


def attempt(script: Script, state: State, event: Said, place: Place, text: str) -> Reading:
    """The first of these that the text is: nothing to tell; an answer with a question behind it; a
    question; values of other fields; perhaps a question; heard, not answered; an answer."""
    language = script.wording.language(state.language)
    text = _untagged(script, state, language, place, text)
    outcome = _read_whole(script, state, language, place, text)
    free = place.question.reader.free
    surely = _surely_asks(language, place, outcome, text)
    return (
        _nothing(script, state, language, place, text)
        or _with_question(script, state, event, place, text)
        or (_asks(event, text) if surely else None)
        or (_only_heard(state, language, place, text) if free else None)
        or cued(script, state, language, place, text)
        or of_others(script, state, language, place, outcome, text)
        or _slipped_change(script, state, language, place, outcome, text)
        or _perhaps_question(state, language, event, place, outcome, text)
        or _answer(script, state, event, place, outcome, text)
    )


def _untagged(script: Script, state: State, language: Language, place: Place, text: str) -> str:
    """Without "ok?" behind an address that will do, or behind a comma."""
    untagged = without_tag(language, text)
    shaped = isinstance(place.question.reader, Phone | Email | Website)
    apart = text[len(untagged) :].lstrip().startswith(",")
    if untagged == text or not (shaped or apart) or _only_says(language, text, untagged):
        return text
    return untagged if isinstance(read_as(script, state, place, untagged), Accepted) else text


def _surely_asks(language: Language, place: Place, outcome: Accepted | Refused, text: str) -> bool:
    """By its mark, or by small letters after a question's first words: nobody is called so, and a
    legal form makes it a name."""
    marked = reads_as_question(language, text) == "surely" or bool(several(language, text))
    unmarked = begins_like_question(language, text) or ends_with_question(language, text)
    if place.question.reader.free:
        last = text.rsplit(maxsplit=1)[-1]
        form = len(last) > SHORTEST_FORM and only_legal_form(language, last)
        return marked or (unmarked and not form)
    short = isinstance(outcome, Accepted) and len(text.split()) < SHORT  # "the UK?"
    return (marked or unmarked) and not short


def _read_whole(
    script: Script, state: State, language: Language, place: Place, text: str
) -> Accepted | Refused:
    """The whole text as an answer; one to tap also in another language's words."""
    outcome = _agreement(script, place, text, read_as(script, state, place, text))
    return outcome if place.question.reader.free else _chosen(script, state, place, text, outcome)


def _nothing(
    script: Script, state: State, language: Language, place: Place, text: str
) -> Orders | None:
    if fresh_item(state, place) and fold(text) in _no_more(language, place):
        return Orders("leave")
    optional = "skip" in place.question.ways and place.question.reader.free
    return Orders("skip") if optional and says_none(language, text) else None


def _slipped_change(
    script: Script,
    state: State,
    language: Language,
    place: Place,
    outcome: Accepted | Refused,
    text: str,
) -> Orders | None:
    """ "chnage the shop name", where a choice is open: an article on shop names is no help."""
    if place.question.reader.free or isinstance(outcome, Accepted):
        return None
    guess = likely(script, state, language, text)
    return guess if guess is not None and guess.argument else None


def _perhaps_question(
    state: State,
    language: Language,
    event: Said,
    place: Place,
    outcome: Accepted | Refused,
    text: str,
) -> Asks | None:
    """Only the library can tell; what it does not know is taken as the answer that it may be."""
    reader, accepted = place.question.reader, isinstance(outcome, Accepted)
    manner = reads_as_question(language, text)
    small = reader.free and begins_like_question(language, text)
    if reader.free and state.topic is not None and text == text.lower():
        small = small or follows_up(language, text)  # "and for universities"
    named = isinstance(reader, PersonName) and text.istitle()  # "May I"
    unlikely = (accepted and not reader.free) or _is_contact(text) or named
    if unlikely or not (manner or small or _may_ask(place, outcome, text)):
        return None
    found = event.found
    if found is None or best_band(found) == "answer" or (manner and touches(found, text)):
        return _asks(event, text)
    return None


def _only_heard(
    state: State, language: Language, place: Place, text: str
) -> Orders | Ignores | None:
    """ "Ok", "I don't know", or the field's own name ("address") where free text was asked for."""
    if moods.nods(language, text) and state.phase is Phase.PAUSED:
        return Orders("resume")
    if isinstance(place.question.reader, FreeText) and fold(text) in language.folded("no"):
        return None  # "no": none to tell of
    if moods.nods(language, text) or place.name in language.labels.get(fold(text), ()):
        return Ignores("nod", text)
    return Ignores("unsure", text) if moods.unsure(language, text) else None


def _answer(
    script: Script,
    state: State,
    event: Said,
    place: Place,
    outcome: Accepted | Refused,
    text: str,
) -> Reading:
    """An answer without its padding, the second part of the one before, a mistyped command; else
    what its reader has against it."""
    language, reader = script.wording.language(state.language), place.question.reader
    typed = bare_answer(language, place, text)
    if typed != text:
        outcome = read_as(script, state, place, typed)
    accepted = isinstance(outcome, Accepted)
    if not accepted and not reads_as_question(language, text):
        more = one_more(script, state, place, typed)
        if more is not None:
            return more
    if not accepted or only_legal_form(language, typed):
        second = joined(script, state, language, text, event.at)
        if second is not None:
            return second
    guess = likely(script, state, language, text, name=accepted and reader.free)
    if guess is not None and (reader.free or not accepted):
        return guess
    if isinstance(outcome, Accepted):
        name = isinstance(reader, PersonName) and typed.istitle()  # "Will Smith" asks nothing
        doubtful = reader.free and not name and could_be_question(language, typed)
        return Answers(place, outcome, typed, doubtful=doubtful)
    return Orders("resume") if state.phase is Phase.PAUSED else Refuses(place, outcome, typed)


def says_none(language: Language, text: str) -> bool:
    """ "None", "there isn't one", "same as the legal name": nothing to tell where that may be."""
    phrase = fold(text)
    words = set(phrase.split())
    if phrase in language.folded("none_words"):
        return True
    if phrase.partition(" ")[0] in language.folded("question_words"):  # "is it the same as ..."
        return False
    return words <= language.folded("none_parts") and bool(words & language.folded("none_cores"))


def _asks(event: Said, text: str) -> Asks:
    return Asks(text, event.found)


def _may_ask(place: Place, outcome: Accepted | Refused, text: str) -> bool:
    """A longer text that fits none of the options."""
    if isinstance(outcome, Accepted) or place.question.reader.free:
        return False
    return outcome.code not in MEANT_AS_ANSWERS and len(text.split()) > SHORT


def _with_question(
    script: Script, state: State, event: Said, place: Place, text: str
) -> Reading | None:
    """ "It's Acme Ltd. Do you accept PO boxes?": both, where the first part surely answers."""
    language = script.wording.language(state.language)
    told, asked = parted(language, text)
    if not told or not asked:
        return None
    if begins_like_question(language, told) or reads_as_question(language, told) == "surely":
        return _asks(event, text)
    if place.question.reader.free and (moods.mood_of(language, told) or moods.nods(language, told)):
        return _asks(event, asked)
    values = values_in(script, language, told, place.name)
    if values:
        taken = taken_as(script, state, place, values, told, accepted=False)
        if isinstance(taken, Answers | Fills):
            return replace(taken, asks=asked)
    behind = cued(script, state, language, place, told)
    if behind is not None:
        return replace(behind, asks=asked)
    if _only_says(language, text, told):
        return _asks(event, text)
    typed = bare_answer(language, place, told)
    outcome = _agreement(script, place, typed, read_as(script, state, place, typed))
    if isinstance(outcome, Accepted):
        return Answers(place, outcome, typed, asks=asked)
    return _asks(event, asked) if moods.mood_of(language, told) else None


def _only_says(language: Language, text: str, told: str) -> bool:
    """ "I rent the premises, is that fine?": a sentence that only leads to its question."""
    first = fold(told).partition(" ")[0]
    lead = text.partition(told)[2].lstrip().startswith(",")
    return lead and first in (language.folded("question_subjects") | language.folded("my_words"))


def _agreement(
    script: Script, place: Place, text: str, outcome: Accepted | Refused
) -> Accepted | Refused:
    """Consent and the statement of truth are given, or not, by a plain yes or no in one language
    and nothing else: "Why Not Plumbing" begins like one, and "no porblem, go ahead" like the
    other."""
    if "stop" not in place.question.ways or not isinstance(outcome, Accepted):
        return outcome
    spoken = script.wording.languages.values()
    plain = any(_plainly(language, place, text, outcome.value) for language in spoken)
    return outcome if plain else Refused("yes_no_unclear")


def _plainly(language: Language, place: Place, text: str, answer: str) -> bool:
    label = language.texts.get(f"field.{place.name}.{answer}_button", "")
    lists = (language.words.get(answer, ()), language.words.get("padding", ()), (label,))
    plain = {word for phrases in lists for each in phrases for word in fold(each).split()}
    return all(word in plain for word in fold(text).split())


def _says_an_option(script: Script, place: Place, text: str) -> bool:
    """Is one of the words an option's, in any language? "Hana Sato" is merely like "hanya satu"."""
    said = set(fold(text).split())
    return any(
        not said.isdisjoint(fold(phrase).split())
        for language in script.wording.languages.values()
        for phrases in language.options(place.name).values()
        for phrase in phrases
    )


def _chosen(
    script: Script, state: State, place: Place, text: str, own: Accepted | Refused
) -> Accepted | Refused:
    """The answer among few, in any language; ``own``: in the conversation's."""
    likes = place.kind == "more" and not _says_an_option(script, place, text)
    if likes and one_more(script, state, place, text) is not None:
        return Refused("choice_unknown")
    other = _in_another_language(script, state, place, text, own)
    if other is None:
        return own
    return other if _agreement(script, place, text, other) == other else own


def _in_another_language(
    script: Script, state: State, place: Place, text: str, own: Accepted | Refused
) -> Accepted | Refused | None:
    """ "Ya", "tidak" in a conversation in English; None where the conversation's own language
    stands. A condition in any language is one: "ya, tapi sebagian" is no yes in English either."""
    if isinstance(own, Refused) and own.code in MEANT_AS_ANSWERS:
        return None
    outcomes = [
        read_as(script, replace(state, language=code), place, text)
        for code in script.wording.languages
        if code != state.language
    ]
    for outcome in outcomes:
        if isinstance(outcome, Refused) and outcome.code == "hedged":
            return outcome
    taken = [outcome for outcome in outcomes if isinstance(outcome, Accepted)]
    return taken[0] if taken and isinstance(own, Refused) else None


def _no_more(language: Language, place: Place) -> frozenset[str]:
    """What closes a repeat; said to an item that was only just added, it takes that item back."""
    closing = f"field.{place.group}.more.options.no"
    phrases = (language.texts[f"{closing}.label"], *language.lists[f"{closing}.words"])
    return language.folded("no") | {fold(phrase) for phrase in phrases}


def _is_contact(text: str) -> bool:
    return "@" in text or "://" in text or text.lstrip("+(").replace(" ", "").isdigit()
