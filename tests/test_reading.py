"""What a message is: the open question and the words, to exactly one reading.

The first column says what is open: a field's name, a phase, or a confirmation (with a question
mark). The third writes the reading out; "looked up, then ..." is what it is once the library has
found nothing.
"""

from __future__ import annotations

import pytest

from dialogs import reading as r
from dialogs.acts import Cite, Term
from dialogs.asking import put
from dialogs.events import Choice, Edited, Erased, Event, Finding, Informed, Left, Said, Ticked
from dialogs.machine import ORDERS, step
from dialogs.state import Phase, State, Step
from tests.speaking import (
    AT,
    NOTHING,
    article,
    in_phase,
    keys_of,
    offers_of,
    picked,
    renderer,
    replied,
    reviewing,
    said,
    script,
    speech,
    submitted,
    talk,
    token,
    two_locations,
    until,
)

UNSURE = Finding("unsure", (article(),))


def opened(name: str) -> State:
    """The state in which this is open."""
    match name:
        case "two locations":
            return two_locations()
        case "start_over?":
            return talk(reviewing(), "start over")
        case "delete?":
            return talk(until("legal_name"), "delete my data")
        case "withdraw?":
            return talk(submitted(), "withdraw")
        case "person?":
            return talk(until("legal_name"), "talk to a person")
        case "change?":
            return talk(submitted(), "change the phone")
        case "escalate?":
            return talk(until("legal_name"), "may my cousin run it?")
        case "which?":
            asked = said("may my cousin run it?", UNSURE)
            return step(script(), until("legal_name"), asked).state
        case "check_no?":
            return talk(until("self_check.audited"), "no")
        case "choose?":
            return talk(until("experience"), "change")
        case "choose to remove?":
            return talk(two_locations(), "remove")
        case "choose of location 2?":
            return step(
                script(), two_locations(), picked(Choice("order", "change", "locations.2"))
            ).state
        case _:
            return in_phase(Phase(name)) if name in set(Phase) else until(name)


def written(reading: r.Reading) -> str:
    match reading:
        case r.Answers():
            asks = f" | asks {reading.asks}" if reading.asks else ""
            doubt = " | could be a question" if reading.doubtful else ""
            return f"answers {reading.accepted.value}{doubt}{asks}"
        case r.Refuses():
            return f"refuses {reading.refused.code}"
        case r.Orders():
            parts = (reading.command, reading.argument, reading.value)
            guess = "guesses " if reading.guessed else "orders "
            return guess + " | ".join(part for part in parts if part)
        case r.Confirms():
            return "confirms " + ("yes" if reading.yes else "no")
        case r.Chats():
            return f"chats {reading.mood}"
        case r.Attaches():
            return f"attaches {reading.medium}"
        case r.Overflows():
            return f"overflows {reading.limit}"
        case r.Fills():
            found = ", ".join(f"{v.name} {v.nth}: {v.typed}" for v in reading.values)
            return f"fills {found}" + (f" | asks {reading.asks}" if reading.asks else "")
        case r.Joins():
            return f"joins {reading.accepted.value}"
        case r.Ignores():
            return f"ignores {reading.kind}"
        case _:
            return type(reading).__name__.lower()


def read_text(state: State, text: str) -> str:
    """As the shell does it: asked of the library only where the reading wants it."""
    first = written(r.read(script(), state, said(text, None)))
    if first != "asks":
        return first
    then = written(r.read(script(), state, said(text, NOTHING)))
    return first if then == first else f"looked up, then {then}"


READINGS = [
    ("legal_name", "Why Not Plumbing LLC", "answers Why Not Plumbing LLC | could be a question"),
    ("legal_name", "Back Street Repairs", "answers Back Street Repairs"),
    ("legal_name", "Skip Hire Co", "answers Skip Hire Co"),
    ("legal_name", "Help at Hand Ltd", "answers Help at Hand Ltd"),
    ("legal_name", "Change Management Partners Ltd", "answers Change Management Partners Ltd"),
    ("legal_name", "Who's Who Inc.", "answers Who's Who Inc. | could be a question"),
    ("legal_name", "Next Level Repairs", "answers Next Level Repairs"),
    ("legal_name", "Stop & Fix GmbH", "answers Stop & Fix GmbH"),
    ("legal_name", "Pause Cafe SARL", "answers Pause Cafe SARL"),
    ("legal_name", "Yes We Can Ltd", "answers Yes We Can Ltd"),
    ("legal_name", "No Limits Repairs Ltd", "answers No Limits Repairs Ltd"),
    ("legal_name", "Sure Fix Ltd", "answers Sure Fix Ltd"),
    ("legal_name", "Fix Mobile", "answers Fix Mobile"),
    ("locations.address", "remove 3", "orders remove | 3"),
    ("legal_name", "Change 4 Ltd", "answers Change 4 Ltd"),
    ("legal_name", "Fix Phone Ltd", "answers Fix Phone Ltd"),
    ("legal_name", "Drop Shop LLC", "answers Drop Shop LLC"),
    ("legal_name", "Update Systems Inc", "answers Update Systems Inc"),
    (
        "legal_name",
        "Is It Broken Ltd",
        "looked up, then answers Is It Broken Ltd | could be a question",
    ),
    (
        "legal_name",
        "Can I Fix It LLC",
        "looked up, then answers Can I Fix It LLC | could be a question",
    ),
    (
        "legal_name",
        "What If Repairs",
        "looked up, then answers What If Repairs | could be a question",
    ),
    ("legal_name", "Tell Me More Media Ltd", "looked up, then answers Tell Me More Media Ltd"),
    ("legal_name", "Who Fixes It?", "asks"),
    ("legal_name", "Hello Repairs", "answers Hello Repairs"),
    ("legal_name", "Thanks A Lot Ltd", "answers Thanks A Lot Ltd"),
    ("legal_name", "Apply Technologies", "answers Apply Technologies"),
    ("legal_name", "Start Up Labs", "answers Start Up Labs"),
    ("legal_name", "Person & Sons", "answers Person & Sons"),
    ("legal_name", "Resume Data Recovery Ltd", "answers Resume Data Recovery Ltd"),
    ("legal_name", "Remove It Ltd", "answers Remove It Ltd"),
    ("legal_name", "PT Lembayung Servis", "answers PT Lembayung Servis"),
    ("legal_name", "株式会社サービス", "answers 株式会社サービス"),
    ("legal_name", "ООО Ремонт", "answers ООО Ремонт"),
    ("legal_name", "شركة الإصلاح", "answers شركة الإصلاح"),
    ("legal_name", "3M", "answers 3M"),
    ("legal_name", "back", "orders back"),
    ("legal_name", "Back!", "orders back"),
    ("legal_name", "BACK.", "orders back"),
    ("legal_name", "/back", "orders back"),
    ("legal_name", "!back", "orders back"),
    ("legal_name", "go back", "orders back"),
    ("legal_name", "skip", "orders skip"),
    ("legal_name", "help", "orders help"),
    ("legal_name", "why", "orders why"),
    ("legal_name", "Why?", "orders why"),
    ("legal_name", "why do you ask?", "orders why"),
    ("legal_name", "change", "orders change"),
    ("legal_name", "change the kind", "orders change | the kind"),
    ("legal_name", "change kind of organisation", "orders change | kind of organisation"),
    ("legal_name", "change my website", "orders change | my website"),
    ("legal_name", "talk to a person", "orders person"),
    ("legal_name", "can I talk to a person?", "orders person"),
    ("legal_name", "Cancel", "orders cancel"),
    ("legal_name", "/", "orders help"),
    ("legal_name", "//", "refuses name_no_letters"),
    ("legal_name", "/foo", "orders help"),
    ("legal_name", "/start apply", "orders apply"),
    ("legal_name", "/start", "orders start"),
    ("legal_name", "/person please call me back", "orders person | please call me back"),
    ("legal_name", "?", "refuses name_no_letters"),
    ("legal_name", "...", "refuses name_no_letters"),
    ("legal_name", "hello", "chats greeting"),
    ("legal_name", "thank you", "chats thanks"),
    ("legal_name", "do you need audited accounts?", "asks"),
    ("legal_name", "what is a legal name", "asks"),
    ("legal_name", "info@acme.com", "fills email 0: info@acme.com"),
    ("legal_name", "https://acme.com", "fills website 0: https://acme.com"),
    ("legal_name", "\u200b", "attaches other"),
    ("legal_name", "my data", "orders my_data"),
    ("legal_name", "delete my data", "orders delete_data"),
    ("legal_name", "delete everything", "orders delete_data"),
    ("self_check.audited", "yes", "answers yes"),
    ("self_check.audited", "Yes.", "answers yes"),
    ("self_check.audited", "yep, we do", "answers yes"),
    ("self_check.audited", "no", "answers no"),
    ("self_check.audited", "not yet", "answers no"),
    ("self_check.audited", "not sure", "answers not_sure"),
    ("self_check.audited", "maybe", "answers not_sure"),
    ("self_check.audited", "yes but not audited yet", "refuses hedged"),
    ("self_check.audited", "mostly", "refuses yes_no_unclear"),
    ("self_check.audited", "skip", "orders skip"),
    ("self_check.audited", "skip the check", "orders skip_check"),
    ("self_check.audited", "what does audited mean?", "asks"),
    ("self_check.audited", "is a tax return enough", "asks"),
    ("self_check.audited", "👍", "answers yes"),
    ("self_check.audited", "ya", "answers yes"),
    ("self_check.audited", "why", "orders why"),
    ("self_check.audited", "1", "refuses yes_no_unclear"),
    ("consent", "I agree", "answers yes"),
    ("consent", "yes", "answers yes"),
    ("consent", "no", "answers no"),
    ("consent", "agreed", "answers yes"),
    ("consent", "what do you do with it?", "asks"),
    ("consent", "ok", "answers yes"),
    ("consent", "not now", "orders pause"),
    ("consent", "later", "orders pause"),
    ("consent", "skip", "orders skip"),
    ("consent", "stop", "answers no"),
    ("kind", "service business", "answers service_business"),
    ("kind", "we are a repair shop", "answers service_business"),
    ("kind", "Reseller.", "answers reseller"),
    ("kind", "college", "answers university_or_college"),
    ("kind", "not a reseller", "refuses choice_unclear"),
    ("kind", "reseller or university", "refuses choice_unclear"),
    ("kind", "who can apply?", "asks"),
    ("kind", "what kind of organisation can apply", "asks"),
    ("kind", "we fix phones and sell some", "looked up, then refuses choice_unknown"),
    ("kind", "blue", "refuses choice_unknown"),
    ("dba", "skip", "orders skip"),
    ("dba", "none", "orders skip"),
    ("dba", "no", "orders skip"),
    ("dba", "same", "orders same"),
    ("dba", "Lakeside Repairs", "answers Lakeside Repairs"),
    ("dba", "n/a", "orders skip"),
    ("owners.name", "Maria Santos", "answers Maria Santos"),
    ("owners.name", "Will Smith", "answers Will Smith"),
    ("owners.name", "Will You", "answers Will You"),
    ("owners.name", "Dr. Who", "answers Dr. Who"),
    ("owners.name", "Does Smith", "answers Does Smith"),
    ("owners.name", "Faith No More", "answers Faith No More"),
    ("owners.name", "Никита Петров", "answers Никита Петров"),
    ("owners.name", "add", "orders add"),
    ("owners.more", "no", "answers no"),
    ("owners.more", "that is all", "answers no"),
    ("owners.more", "yes", "answers yes"),
    ("owners.more", "add", "orders add"),
    ("owners.more", "Ana Lopes", "fills owners.name 1: Ana Lopes"),
    ("owners.more", "is a second one needed?", "asks"),
    ("locations.country", "Indonesia", "answers ID"),
    ("locations.country", "the UK", "answers GB"),
    ("locations.country", "which countries are allowed?", "asks"),
    ("locations.country", "Georgia", "answers GE"),
    (
        "locations.address",
        "14 Harbour Street, Leeds LS1 4AB",
        "answers 14 Harbour Street, Leeds LS1 4AB",
    ),
    ("locations.address", "PO Box 12", "refuses po_box"),
    ("locations.address", "can I use my home address?", "asks"),
    ("locations.address", "same as before", "orders same"),
    ("locations.address", "Back Road 12, Leeds", "answers Back Road 12, Leeds"),
    ("locations.phone", "0113 496 0271", "answers +441134960271"),
    ("locations.phone", "same as before", "orders same"),
    ("locations.phone", "same phone", "orders same"),
    ("locations.phone", "which format do you need?", "asks"),
    ("locations.phone", "do not have one yet", "asks"),
    (
        "locations.phone",
        "change the country to Indonesia",
        "orders change | the country | Indonesia",
    ),
    ("email", "service@lakesidecare.co.uk", "answers service@lakesidecare.co.uk"),
    ("email", "is a gmail address ok?", "asks"),
    ("email", "is lakeside@gmail.com ok", "asks"),
    ("email", "a@gmail.com", "refuses free_mail"),
    (
        "email",
        "change my email to b@lakesidecare.co.uk",
        "orders change | my email | b@lakesidecare.co.uk",
    ),
    ("website", "lakesidecare.co.uk", "answers https://lakesidecare.co.uk"),
    ("website", "we have none", "ignores unsure"),
    ("website", "does a facebook page count", "asks"),
    (
        "experience",
        "Change of name in 2018; we fix phones.",
        "answers Change of name in 2018; we fix phones.",
    ),
    ("experience", "ten years", "answers ten years"),
    ("two locations", "change phone of location 2", "orders change | phone of location 2"),
    ("two locations", "change the second phone", "orders change | the second phone"),
    ("two locations", "change phone", "orders change | phone"),
    ("two locations", "change location 2", "orders change | location 2"),
    ("two locations", "change the last location", "orders change | the last location"),
    ("two locations", "change 2", "orders change | 2"),
    ("two locations", "remove location 2", "orders remove | location 2"),
    ("two locations", "remove the second location", "orders remove | the second location"),
    ("two locations", "remove 2", "orders remove | 2"),
    ("two locations", "remove the first one", "orders remove | the first one"),
    (
        "two locations",
        "change website to https://northside.example",
        "orders change | website | https://northside.example",
    ),
    (
        "two locations",
        "change the phone of location 2 to +62 21 555 9999",
        "orders change | the phone of location 2 | +62 21 555 9999",
    ),
    ("two locations", "change owner", "orders change | owner"),
    ("two locations", "change location 9", "orders change | location 9"),
    ("two locations", "remove location 9", "orders remove | location 9"),
    ("two locations", "delete location 2", "orders remove | location 2"),
    ("two locations", "yes", "orders submit"),
    ("two locations", "no", "orders change"),
    ("two locations", "looks good", "orders submit"),
    ("two locations", "submit", "orders submit"),
    ("two locations", "ok", "orders submit"),
    ("two locations", "not yet", "orders change"),
    ("two locations", "is everything final?", "asks"),
    ("two locations", "add another location", "orders add"),
    ("two locations", "list locations", "orders list"),
    ("visiting", "hi", "chats greeting"),
    ("visiting", "apply", "orders apply"),
    ("visiting", "I want to apply", "orders apply"),
    ("visiting", "I would like to apply", "orders apply"),
    ("visiting", "what are the requirements?", "asks"),
    ("visiting", "requirements", "orders requirements"),
    ("visiting", "Lakeside Mobile Care Ltd", "asks"),
    ("visiting", "/", "orders help"),
    ("visiting", "/start", "orders start"),
    ("visiting", "/start apply", "orders apply"),
    ("visiting", "", "attaches other"),
    ("visiting", "👍", "ignores nod"),
    ("stating", "yes", "answers yes"),
    ("stating", "Yes, submit it", "answers yes"),
    ("stating", "submit it", "orders submit"),
    ("stating", "no", "answers no"),
    ("stating", "I think so", "refuses yes_no_unclear"),
    ("stating", "yes, except the phone", "refuses hedged"),
    ("stating", "back", "orders back"),
    ("stating", "what happens next?", "asks"),
    ("paused", "continue", "orders resume"),
    ("paused", "service@lakesidecare.co.uk", "answers service@lakesidecare.co.uk"),
    ("paused", "how long does it take?", "asks"),
    ("paused", "someone@gmail.com", "orders resume"),
    ("paused", "yes", "orders resume"),
    (
        "submitted",
        "change my phone to +44 113 496 0999",
        "orders change | my phone | +44 113 496 0999",
    ),
    ("submitted", "change my phone", "orders change | my phone"),
    ("submitted", "status", "orders status"),
    ("submitted", "withdraw", "orders withdraw"),
    ("submitted", "when will I hear?", "asks"),
    ("submitted", "thanks", "chats thanks"),
    ("submitted", "apply again", "orders apply_again"),
    ("submitted", "+44 113 496 0999", "asks"),
    ("start_over?", "yes", "confirms yes"),
    ("start_over?", "yes please", "confirms yes"),
    ("start_over?", "no", "confirms no"),
    ("start_over?", "never mind", "confirms no"),
    ("start_over?", "cancel", "confirms no"),
    ("start_over?", "yes but keep the name", "hedges"),
    ("start_over?", "what is kept?", "asks"),
    ("start_over?", "status", "orders status"),
    ("delete?", "yes, delete it all", "confirms yes"),
    ("delete?", "no, keep it", "confirms no"),
    ("delete?", "delete my data", "orders delete_data"),
    ("delete?", "Sure Fix Ltd", "hedges"),
    ("delete?", "Lakeside Mobile Care Ltd", "answers Lakeside Mobile Care Ltd"),
    ("delete?", "No Limits Repairs Ltd", "confirms no"),
    ("delete?", "ok", "confirms yes"),
    ("delete?", "not sure", "hedges"),
    ("withdraw?", "yes", "confirms yes"),
    ("withdraw?", "yes, withdraw it", "confirms yes"),
    ("withdraw?", "no", "confirms no"),
    ("person?", "Which of my two names?", "tells"),
    ("person?", "never mind", "confirms no"),
    ("person?", "no", "confirms no"),
    ("person?", "No, thanks", "confirms no"),
    ("person?", "help", "orders help"),
    ("person?", "yes", "confirms yes"),
    ("person?", "back", "confirms no"),
    ("person?", "please call me", "tells"),
    ("person?", "cancel", "confirms no"),
    ("change?", "+44 113 496 0999", "tells"),
    ("change?", "never mind", "confirms no"),
    ("change?", "no", "tells"),
    ("change?", "the address is wrong too", "tells"),
    ("escalate?", "yes", "confirms yes"),
    ("escalate?", "no", "confirms no"),
    ("escalate?", "yes please ask them", "confirms yes"),
    ("escalate?", "Lakeside Mobile Care Ltd", "answers Lakeside Mobile Care Ltd"),
    ("escalate?", "skip", "orders skip"),
    ("escalate?", "how long does it take?", "asks"),
    ("which?", "no", "confirms no"),
    ("which?", "none of these", "confirms no"),
    ("which?", "yes", "confirms yes"),
    ("check_no?", "go on", "confirms yes"),
    ("check_no?", "ask staff", "confirms no"),
    ("check_no?", "yes", "confirms yes"),
    ("check_no?", "no", "confirms no"),
    ("check_no?", "why", "orders why"),
    ("choose?", "website", "orders change | website"),
    ("choose?", "the website", "orders change | website"),
    ("choose?", "Kind of organisation", "orders change | kind"),
    ("choose?", "Location", "orders change | locations.1"),
    ("choose?", "no", "confirms no"),
    ("choose?", "never mind", "orders leave"),
    (
        "choose?",
        "We have repaired phones since 2016.",
        "answers We have repaired phones since 2016.",
    ),
    ("choose to remove?", "location 2", "orders remove | locations.2"),
    ("choose to remove?", "the second one", "orders remove | locations.2"),
    ("choose to remove?", "2", "orders remove | locations.2"),
    ("choose of location 2?", "phone", "orders change | locations.2.phone"),
    ("choose of location 2?", "take it out", "orders remove | locations.2"),
    ("legal_name", "i wanna start over", "orders start_over"),
    ("legal_name", "please go back", "orders back"),
    ("legal_name", "ok continue", "orders resume"),
    ("legal_name", "could you please stop", "orders cancel"),
    ("legal_name", "can i speak to someone?", "orders person"),
    ("legal_name", "bakc", "guesses back"),
    ("legal_name", "hlep", "guesses help"),
    ("legal_name", "strat over", "guesses start_over"),
    ("legal_name", "chnage the kind", "guesses change | the kind"),
    ("legal_name", "Helm", "answers Helm"),
    ("legal_name", "Bach", "answers Bach"),
    ("legal_name", "Moore", "answers Moore"),
    ("legal_name", "Please Please Me Ltd", "answers Please Please Me Ltd"),
    ("legal_name", "ok", "ignores nod"),
    ("legal_name", "great", "ignores nod"),
    ("legal_name", "👍", "ignores nod"),
    ("locations.address", "address", "ignores nod"),
    ("legal_name", "OK Repairs", "answers OK Repairs"),
    ("legal_name", "i don't know", "ignores unsure"),
    ("legal_name", "idk", "ignores unsure"),
    ("legal_name", "how are you?", "chats how_are_you"),
    ("legal_name", "are you a bot?", "chats who_are_you"),
    ("legal_name", "this is annoying", "chats annoyed"),
    ("legal_name", "wtf is this", "chats annoyed"),
    ("legal_name", "well done", "chats praise"),
    ("legal_name", "bye", "chats bye"),
    (
        "legal_name",
        "It's Acme Ltd. Do you accept PO boxes?",
        "answers Acme Ltd. | asks Do you accept PO boxes?",
    ),
    ("legal_name", "ok so the name would be Acme Ltd, thanks!", "answers Acme Ltd"),
    ("legal_name", "my email is a@acme.com", "fills email 0: a@acme.com"),
    ("legal_name", "no, I meant a reseller", "orders change | kind | a reseller"),
    ("self_check.audited", "yes. is there a fee?", "answers yes | asks is there a fee?"),
    ("self_check.audited", "yse", "answers yes"),
    ("consent", "Why Not Plumbing LLC", "looked up, then refuses yes_no_unclear"),
    ("consent", "yes but only my name", "refuses hedged"),
    ("consent", "sure, go ahead", "answers yes"),
    ("owners.name", "Will Power", "answers Will Power"),
    ("owners.name", "May I", "answers May I"),
    ("locations.country", "we are in the UK", "answers GB"),
    (
        "locations.country",
        "12 High St, Leeds, UK",
        "fills locations.country 0: UK, locations.address 0: 12 High St, Leeds",
    ),
    ("locations.phone", "my email is a@acme.com", "fills email 0: a@acme.com"),
    (
        "experience",
        "sorry for the delay! We repair phones since 2012.",
        "answers sorry for the delay! We repair phones since 2012.",
    ),
    ("two locations", "our website is northside.co.uk", "fills website 0: northside.co.uk"),
    ("two locations", "cool, thanks", "chats thanks"),
    ("visiting", "aply", "guesses apply"),
    ("visiting", "Apple", "asks"),
    ("consent", "Stop", "answers no"),
]


@pytest.mark.parametrize(("open_", "text", "reading"), READINGS)
def test_a_text_is_read_as_what_it_is(open_: str, text: str, reading: str) -> None:
    assert read_text(opened(open_), text) == reading


def test_the_table_has_no_row_twice() -> None:
    rows = [(open_, text) for open_, text, _ in READINGS]
    assert len(set(rows)) == len(rows) >= 120


@pytest.mark.parametrize("code", list(script().wording.languages))
def test_every_command_is_read_in_every_language_wherever_one_is(code: str) -> None:
    lists = script().wording.language(code).lists
    for command in ORDERS:
        for phrase in lists[f"commands.{command}"]:
            for phase in Phase:
                state = in_phase(phase)
                state = State.from_json(state.to_json().replace('"en"', f'"{code}"', 1))
                reading = r.read(script(), state, said(phrase.upper() + "!", None))
                assert reading == r.Orders(command), (phrase, phase)


def test_a_guess_is_named_whatever_the_command() -> None:
    for text in ("add antoher location", "summray", "begni", "bakc"):
        done = step(script(), until("legal_name"), said(text))
        assert keys_of(done.acts)[0] == "guessed"
        assert speech(done.acts).startswith("I took that for ")


def test_a_long_text_is_no_answer_wherever_it_is_said() -> None:
    for phase in Phase:
        assert read_text(in_phase(phase), "x" * 2001) == "overflows 500" or phase not in (
            Phase.FILLING,
            Phase.STATING,
        )
    assert read_text(until("legal_name"), "x" * 501) == "overflows 500"
    assert read_text(until("experience"), "x " * 1000) == "answers " + ("x " * 1000).strip()
    assert read_text(until("experience"), "x" * 2001) == "overflows 2000"
    assert read_text(State(), "x" * 2001) == "overflows 2000"


def test_what_is_no_message_is_read_by_its_kind() -> None:
    state = until("legal_name")
    key = token()
    news = Informed(article(), AT, AT, key)
    events: dict[r.Reading, Event] = {
        r.Attaches("voice"): Said("", "m", AT, key, "voice"),
        r.Attaches("other"): Said(" \u200b ", "m", AT, key),
        r.Amends("other"): Edited("Another Ltd", "m", AT, key),
        r.Erases(): Erased(AT, key),
        r.Corrects(news): news,
        r.Ticks("later"): Ticked("later", AT, key),
        r.Ticks("left"): Left(AT, key),
        r.Misses(): picked(None),
    }
    for reading, event in events.items():
        assert r.read(script(), state, event) == reading
    reply = replied("legal_name")
    assert r.read(script(), state, reply) == r.Replies(reply)


TAPS = [
    ("legal_name", Choice("answer", "legal_name", "Acme Ltd", 1), "answers Acme Ltd"),
    ("legal_name", Choice("answer", "legal_name", "", 1), "refuses empty"),
    ("legal_name", Choice("answer", "legal_name", "Acme Ltd", 2), "misses"),
    ("legal_name", Choice("answer", "kind", "reseller", 1), "misses"),
    ("legal_name", Choice("answer", "nothing", "x"), "misses"),
    ("visiting", Choice("answer", "legal_name", "Acme Ltd"), "misses"),
    ("submitted", Choice("answer", "truth", "yes", 1), "misses"),
    ("start_over?", Choice("confirm", "start_over", "yes"), "confirms yes"),
    ("start_over?", Choice("confirm", "start_over", "no"), "confirms no"),
    ("start_over?", Choice("confirm", "delete_data", "yes"), "misses"),
    ("reviewing", Choice("confirm", "delete_data", "yes"), "misses"),
    ("reviewing", Choice("order", "submit", "", 1), "orders submit"),
    ("reviewing", Choice("order", "submit", "", 2), "misses"),
    ("legal_name", Choice("order", "change", "kind", 1), "orders change | kind"),
    ("legal_name", Choice("article", "requirements"), "asks"),
    ("legal_name", Choice("escalate", "", "a question"), "escalates"),
]


@pytest.mark.parametrize(("open_", "choice", "reading"), TAPS)
def test_a_tap_counts_only_where_it_still_fits(open_: str, choice: Choice, reading: str) -> None:
    assert written(r.read(script(), opened(open_), picked(choice, None))) == reading


# --- each button has a word that does the same ---

WORDLESS = {"None: ask staff", "Never mind"}
"""typed, the first is asked about once more; the second says first that nothing was changed"""


def _messages() -> list[tuple[str, Step]]:
    """Everything with buttons, from many places."""
    places = [name for name in script().form.names() if name != "truth"]
    places += [*Phase, "two locations"]
    words = ["menu", "change", "remove", "talk to a person", "start over", "delete my data"]
    words += ["withdraw", "status", "cancel", "pause", "my data", "zzz"]
    item = picked(Choice("order", "change", "locations.2"))
    messages = [
        ("a no in the check", step(script(), until("self_check.audited"), said("no"))),
        ("location 2", step(script(), two_locations(), item)),
    ]
    for name in places:
        state = opened(name)
        messages.append((name, Step(state, put(script(), state))))
        for word in words:
            done = step(script(), state, said(word))
            messages.append((f"{name} > {word}", done))
            if word == "zzz":
                again = step(script(), done.state, said(word))
                messages.append((f"{name} > {word} twice", again))
    return messages


def test_every_button_has_a_word_that_does_the_same() -> None:
    tried = set()
    for place, (state, acts) in _messages():
        assert not any(isinstance(act, Cite) for act in acts)
        for offer in offers_of(acts):
            if not isinstance(offer.label, Term):
                continue
            label = renderer().text("en", offer.label.key, offer.values)
            if label in WORDLESS:
                continue
            tapped = step(script(), state, picked(offer.choice))
            typed = step(script(), state, said(label))
            assert keys_of(typed.acts) == keys_of(tapped.acts), f"{place}: [{label}]"
            assert typed.state.phase == tapped.state.phase
            tried.add(label)
    assert len(tried) > 40


@pytest.mark.parametrize("text", ["yes", "ok", "sure", "yes please"])
def test_a_yes_while_all_is_paused_goes_on_and_agrees_to_nothing(text: str) -> None:
    """Paused at the statement of truth: the yes is to going on, and the statement is put again."""
    paused = talk(reviewing(), "submit", "pause")
    resumed = step(script(), paused, said(text)).state
    assert paused.phase is Phase.PAUSED
    assert resumed.phase is Phase.REVIEWING


def test_a_button_of_a_later_question_fills_nothing_before_the_consent() -> None:
    at_consent = until("consent")
    tapped = step(script(), at_consent, picked(Choice("answer", "dba", "Acme"))).state
    assert tapped.draft == at_consent.draft


@pytest.mark.parametrize("name", ["legal_name", "dba", "owners.name"])
@pytest.mark.parametrize(
    "text",
    [
        "which exam is the right one for me",  # "ME" is a legal form too
        "can students do the repairs",
        "I rent the premises, is that fine?",
    ],
)
def test_a_question_is_no_name(name: str, text: str) -> None:
    assert isinstance(r.read(script(), until(name), said(text)), r.Asks)


def test_a_name_in_small_letters_behind_were_is_an_answer() -> None:
    text = "we're registered as northmoor college of technology"
    reading = r.read(script(), until("legal_name"), said(text))
    assert isinstance(reading, r.Answers)
    assert reading.typed == "northmoor college of technology"


def test_a_right_name_at_the_summary_is_a_correction_and_no_yes() -> None:
    reading = r.read(script(), reviewing(), said("the right legal name is Harbour Road Ltd"))
    assert reading == r.Orders("change", "legal name", "Harbour Road Ltd")
