"""The values that a pasted text or a sentence tells, and the answer inside polite padding."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.pieces import bare, pieces
from dialogs.wording import Language
from tests.pasted_texts import Pasted, compare, pasted, taken
from tests.speaking import script

ENGLISH = script().wording.language("en")
TEXTS = list(pasted())


def told(text: str, open_name: str = "") -> list[str]:
    """ "locations.phone 1?=0113 ...": the item where it is not the first, "?" where doubtful."""
    return [
        f"{name}{f' {nth}' if nth else ''}{'' if sure else '?'}={value}"
        for (name, nth), (value, sure) in taken(text, open_name).items()
    ]


@pytest.mark.parametrize("one", TEXTS, ids=lambda one: one.title)
def test_a_pasted_application_fills_what_it_surely_holds(one: Pasted) -> None:
    _, wrong, missed = compare(one)
    assert (wrong, missed) == ([], [])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("location 2 phone: 01274 496 000", 2),
        ("the phone of location 2 is 01274 496 000", 2),
        ("Phone number of the second location is 01274 496 000", 2),
        ("the second location's phone is 01274 496 000", 2),
        ("phone 01274 496 000", 0),
        ("Our second shop is at 5 High Street, Bradford", 2),
        ("the address of the third location is 5 High Street, Bradford", 3),
    ],
)
def test_the_number_of_the_item_is_told_with_the_value(text: str, number: int) -> None:
    (piece,) = pieces(script().form, ENGLISH, text)
    assert (piece.nth, piece.number) == (0, number)


def test_there_are_enough_texts() -> None:
    assert len(TEXTS) >= 40
    assert 0.3 < sum(one.held_out for one in TEXTS) / len(TEXTS) < 0.7


SAID: list[tuple[str, str]] = [
    ("my email is info@acme.co.uk", "email=info@acme.co.uk"),
    ("My e-mail is info@acme.co.uk.", "email=info@acme.co.uk"),
    ("the email would be info@acme.co.uk", "email=info@acme.co.uk"),
    ("our business email is info@acme.co.uk, thanks", "email=info@acme.co.uk"),
    ("email: info@acme.co.uk", "email=info@acme.co.uk"),
    ("email info@acme.co.uk", "email=info@acme.co.uk"),
    ("E-Mail - info@acme.co.uk", "email=info@acme.co.uk"),
    ("ok my email address is info@acme.co.uk", "email=info@acme.co.uk"),
    ("the email's info@acme.co.uk", "email=info@acme.co.uk"),
    ("you can write to info@acme.co.uk", "email=info@acme.co.uk"),
    ("and email is info@acme.co.uk", "email=info@acme.co.uk"),
    ("info@acme.co.uk", "email=info@acme.co.uk"),
    ("info@acme.co.uk is our email", "email=info@acme.co.uk"),
    ("the phone number would be 021 555 1234", "locations.phone=021 555 1234"),
    ("phone is 0113 496 0271", "locations.phone=0113 496 0271"),
    ("our phone number is +44 113 496 0271", "locations.phone=+44 113 496 0271"),
    ("Phone: 0113 496 0271", "locations.phone=0113 496 0271"),
    ("phone 0113 496 0271", "locations.phone=0113 496 0271"),
    ("tel. 0113 496 0271", "locations.phone=0113 496 0271"),
    ("tel no 0113 496 0271", "locations.phone=0113 496 0271"),
    ("the shop's phone is 0113 496 0271", "locations.phone=0113 496 0271"),
    ("call us on 0113 496 0271", "locations.phone=0113 496 0271"),
    ("call us any time on 0113 496 0271", "locations.phone=0113 496 0271"),
    ("my number is (214) 555-0142", "locations.phone=(214) 555-0142"),
    ("the mobile is +62 812 5555 0123", "locations.phone=+62 812 5555 0123"),
    ("phone number: 0113 496 0271 ext. 12", "locations.phone=0113 496 0271 ext. 12"),
    ("you can reach us on +353 91 555 123", "locations.phone=+353 91 555 123"),
    ("website acme.com", "website=acme.com"),
    ("the website is acme.com", "website=acme.com"),
    ("our website is https://acme.com/shop", "website=https://acme.com/shop"),
    ("our site is acme.com.", "website=acme.com"),
    ("web: www.acme.com", "website=www.acme.com"),
    ("the URL would be www.acme.com", "website=www.acme.com"),
    ("Website - acme.com", "website=acme.com"),
    ("visit www.acme.com", "website=www.acme.com"),
    ("acme.com", "website?=acme.com"),
    ("name's Acme Ltd", "legal_name=Acme Ltd"),
    ("the name would be Acme Ltd", "legal_name=Acme Ltd"),
    ("the legal name is Acme Ltd", "legal_name=Acme Ltd"),
    ("our company name is Acme Mobile Care", "legal_name=Acme Mobile Care"),
    ("Legal name: Acme Ltd", "legal_name=Acme Ltd"),
    ("Legal name - Acme Ltd", "legal_name=Acme Ltd"),
    ("business name: acme mobile", "legal_name=acme mobile"),
    (
        "ok so the name would be Lakeside Mobile Care Ltd, thanks!",
        "legal_name=Lakeside Mobile Care Ltd",
    ),
    ("We're registered as Acme Mobile Pty Ltd", "legal_name=Acme Mobile Pty Ltd"),
    ("we are Acme Mobile Ltd", "legal_name=Acme Mobile Ltd"),
    ("our company is called Acme Mobile", "legal_name=Acme Mobile"),
    ("our trading name is Acme Repairs", "dba=Acme Repairs"),
    ("DBA: none", "dba=none"),
    ("we trade as Acme Repairs", "dba=Acme Repairs"),
    ("the owner is Maria Santos", "owners.name=Maria Santos"),
    ("owner: Maria Santos", "owners.name=Maria Santos"),
    ("the owner's name is Maria Santos", "owners.name=Maria Santos"),
    ("it is owned by Maria Santos since 2012", "owners.name=Maria Santos"),
    ("our principal is Dr. Maria Santos", "owners.name=Dr. Maria Santos"),
    (
        "our address is 12 Market Street, Leeds LS1 6DT",
        "locations.address=12 Market Street, Leeds LS1 6DT",
    ),
    (
        "address: 12 Market Street, Leeds LS1 6DT",
        "locations.address=12 Market Street, Leeds LS1 6DT",
    ),
    ("we are located at 12 Market Street, Leeds", "locations.address=12 Market Street, Leeds"),
    ("the shop is at 12 Market Street, Leeds", "locations.address=12 Market Street, Leeds"),
    ("country: Indonesia", "locations.country=Indonesia"),
    ("the country is Indonesia", "locations.country=Indonesia"),
    ("type: reseller", "kind=reseller"),
    ("we are a reseller", "kind=reseller"),
    ("we're an authorised reseller", "kind=authorised reseller"),
    ("we are a small repair shop in Leeds", "kind=repair shop"),
    ("Experience: 9 years", "experience=9 years"),
    ("we have repaired phones since 2016", "experience=we have repaired phones since 2016"),
]


@pytest.mark.parametrize(("text", "value"), SAID)
def test_a_sentence_tells_its_field(text: str, value: str) -> None:
    assert told(text) == [value]


SEVERAL: list[tuple[str, str, list[str]]] = [
    (
        "our legal name is Acme Ltd and the website is acme.com",
        "",
        ["legal_name=Acme Ltd", "website=acme.com"],
    ),
    ("the name would be Maria Santos", "owners.name", ["owners.name=Maria Santos"]),
    ("the name is Acme Repairs", "dba", ["dba=Acme Repairs"]),
    ("the name is Acme Ltd", "legal_name", ["legal_name=Acme Ltd"]),
    ("the name is Acme Ltd", "email", ["legal_name=Acme Ltd"]),
    (
        "Owner: Maria Santos, phone 0113 496 0271",
        "",
        ["owners.name=Maria Santos", "locations.phone=0113 496 0271"],
    ),
    (
        "Owners: Maria Santos and Budi Hartono",
        "",
        ["owners.name=Maria Santos", "owners.name 1=Budi Hartono"],
    ),
    ("Owners: Santos, Maria", "", ["owners.name=Santos, Maria"]),
    ("Owner: Santos & Sons Holdings Ltd", "", ["owners.name=Santos & Sons Holdings Ltd"]),
    (
        "email is a@acme.com, phone is 0113 496 0271",
        "",
        ["email=a@acme.com", "locations.phone=0113 496 0271"],
    ),
    ("Our owner's email is maria@gmail.com", "", []),
    ("my name is Maria Santos", "legal_name", []),
    ("my name is Maria Santos", "owners.name", ["owners.name=Maria Santos"]),
    ("Hi, my name is Maria and my email is a@acme.com", "legal_name", ["email=a@acme.com"]),
    (
        "We are an authorised reseller. Our shop is at 12 Market Street, www.acme.com",
        "experience",
        [],
    ),
    ("Sorry, our website is acme.com", "experience", ["website=acme.com"]),
    ("my personal email is maria@gmail.com", "", []),
    ("From: Maria <maria@gmail.com>\nSubject: Fwd: hello", "", []),
    ("We have repaired phones since 2016. We sold 900 last year.", "experience", []),
]


@pytest.mark.parametrize(("text", "open_name", "values"), SEVERAL)
def test_what_is_told_hangs_on_the_sentence_and_the_open_question(
    text: str, open_name: str, values: list[str]
) -> None:
    assert told(text, open_name) == values


NOT_TOLD = """
Name Your Price Ltd
Phone House GmbH
The Email Company
Address Book Studio
Site Services Ltd
Owner Operated Repairs LLC
Location Location Ltd
Mobile Phone Centre
Website Builders Inc
The Phone Number Shop Ltd
Country Computers Ltd
Company of Repairs
We Are Mobile Ltd
We Fix It Ltd
Call Us Repairs
Your Name Here Ltd
The Name Is Bond Ltd?
Experience Matters LLC
Branch Office Supplies
Shop 24 Ltd
Store 21 Repairs
The Owner's Club Ltd
Visit Us Travel Ltd
Our Shop Ltd
My Phone Is Broken Ltd
Phone - House Ltd
Location - Location Ltd
Number One Repairs
No. 1 Phones Ltd
Web & Mail Ltd
Mail Boxes and More
Type A Repairs
Based In Leeds Ltd
Booking.com Repairs Ltd
Phone.co Services Ltd
is the phone number required?
what is the legal name?
can my email be gmail?
what is a DBA
do you need the owner's name?
is my address public?
which website do you mean?
can I give two phone numbers?
why do you ask for the phone?
is info@acme.com the right address to write to?
does the owner have to be a person
what if my website is under construction
change the phone to 0113 496 0271
change the address
remove location 2
delete my email
the address is wrong
the address is wrong, it's further down
the phone number is not right
my email is not working
our website is down at the moment
the website is under construction
the owner is on holiday
the owner is the same
the name is the same as before
the phone is the same
our address is on the website
we repair phones in our shop at the station since 2016
the phone is always answered within two rings
we have a shop
our location is easy to find
my name is on the website
the company is small
we are open from nine to five
we are ready
we are not sure
Jl. Melawai Raya 12, Kebayoran Baru, Jakarta 12160
12 Market Street, Leeds LS1 6DT
Maria Santos
Lakeside Mobile Care Ltd
yes
no
thanks
Best regards, Maria
the phone of location 2
address: ?
Phone: call me
Email: will follow
Website: not yet
VAT number: 123456789
Fax: 0113 496 0272
Contact person: Maria Santos
company registration number: 08123456
since 01/02/2016 we are three
2016 - 2020: apprenticeship
we have 12 technicians and 3 shops
our location is 5 minutes from the station
we are at 3 places in the city
""".strip().splitlines()


@pytest.mark.parametrize("text", NOT_TOLD)
def test_words_that_only_look_like_labels_tell_nothing(text: str) -> None:
    assert [v for v in told(text, "experience") if "?=" not in v] == []


PADDED: list[tuple[str, str]] = [
    ("ok so the name would be Lakeside Mobile Care Ltd, thanks!", "Lakeside Mobile Care Ltd"),
    ("ok so it's Acme Ltd, thanks!", "Acme Ltd"),
    ("Well, it's Acme Ltd", "Acme Ltd"),
    ("It's Acme Ltd", "Acme Ltd"),
    ("its acme ltd", "acme ltd"),
    ("that would be Acme Ltd", "Acme Ltd"),
    ("Hi, Acme Ltd", "Acme Ltd"),
    ("Hello! Acme Mobile Ltd", "Acme Mobile Ltd"),
    ("sure, Acme Ltd", "Acme Ltd"),
    ("Ok, Acme Ltd.", "Acme Ltd."),
    ("Acme Ltd, thanks", "Acme Ltd"),
    ("Acme Ltd thanks", "Acme Ltd"),
    ("acme repairs ltd thank you", "acme repairs ltd"),
    ("Acme Mobile Care, thank you very much!", "Acme Mobile Care"),
    ("Acme Inc., many thanks", "Acme Inc."),
    ("Acme Mobile Care. Thanks!", "Acme Mobile Care"),
    ("Acme Ltd please", "Acme Ltd"),
    ("Acme Ltd :)", "Acme Ltd"),
    ("Acme Ltd \U0001f642", "Acme Ltd"),
    ("we are called Acme Mobile", "Acme Mobile"),
    ("we are Acme Mobile Ltd", "Acme Mobile Ltd"),
    ("our legal name is Acme Ltd, thank you", "Acme Ltd"),
    ("the owner is Maria Santos", "Maria Santos"),
    ("yes, the owner's name is Maria Santos, thanks", "Maria Santos"),
    ("name's Acme Ltd", "Acme Ltd"),
    ("it is +44 113 496 0271, thank you", "+44 113 496 0271"),
    ("our number is (021) 555 1234", "(021) 555 1234"),
    ("it's maria@acme.com thanks", "maria@acme.com"),
    ("maria@acme.com please", "maria@acme.com"),
    ("sure: www.acme.com", "www.acme.com"),
    ("here it is: 12 Market Street, Leeds", "12 Market Street, Leeds"),
    ("the address is 12 Market Street, Leeds, thanks in advance", "12 Market Street, Leeds"),
    ("ok no problem, it's 12 Market Street, Leeds", "12 Market Street, Leeds"),
    ("Good morning, the website is acme.com", "acme.com"),
    ("hmm ok, Indonesia please", "Indonesia"),
]

WHOLE = """
So Fine Ltd
Thanks A Lot Ltd
Thanks
Thank You Phones
Well & Good
Well Connected Ltd
OK Computers
Okay Repairs Ltd
Sure Fix Ltd
Hello Phones Ltd
Hi Tech Repairs
Yes! Repairs Ltd
Good Morning Electronics
We Are Mobile Ltd
We Fix It
It Is Fixed Ltd
This Is IT Ltd
The Name Is Acme
Give Thanks
Please Repair Me Ltd
Fine, Young & Partners Ltd
Right Price Repairs
Cheers Mobile
Many Thanks Gifts Ltd
My Phone Repairs
Our Shop Ltd
Sir Mobile
Best Regards Stationery
Smith, Jones & Co.
Yahoo!
Acme Ltd.
Name Your Price Ltd
Maria Santos
12 Market Street, Leeds LS1 6DT
what is the legal name, please?
the address is wrong
the owner is the same
We have repaired phones since 2016. Thanks to our team we are well known.
""".strip().splitlines()


@pytest.mark.parametrize(("text", "answer"), PADDED)
def test_polite_padding_is_no_part_of_the_answer(text: str, answer: str) -> None:
    start, end = bare(ENGLISH, text)
    assert text[start:end] == answer


@pytest.mark.parametrize("text", WHOLE)
def test_an_answer_that_only_looks_polite_stays_whole(text: str) -> None:
    assert bare(ENGLISH, text) == (0, len(text))


# --- whatever is typed ---

SNIPPETS = st.sampled_from(
    [
        *" \n:>-.,()@=\t|'*?",
        "Legal name",
        "Phone",
        "Owners",
        "Address",
        "is",
        "my email",
        "we are",
        "owned by",
        "and",
        "Acme Ltd",
        "Maria Santos",
        "12 Market St",
        "UK",
        "a@b.co",
        "b.co",
        "+44 113 496 0271",
        "https://",
        "--",
        "Regards",
        "From:",
        "Location 2",
        "thanks",
        "ok so",
        "it's",
        "\u4e2d\u6587",
        "\u0e44\u0e17",
        "\ud800",
        "\u202e",
        "\x00",
    ]
)


@given(st.lists(SNIPPETS | st.text(max_size=8), max_size=30), st.sampled_from(["", " "]))
@settings(max_examples=300, deadline=None)
def test_every_piece_is_a_span_of_the_text_and_none_reaches_into_another(
    parts: list[str], between: str
) -> None:
    text = between.join(parts)
    ended = 0
    for piece in pieces(script().form, ENGLISH, text, "owners.name"):
        assert piece.name in script().form.fields
        assert ended <= piece.start < piece.end <= len(text)
        ended = piece.end
    start, end = bare(ENGLISH, text)
    assert 0 <= start <= end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20000,
        ":" * 20000,
        "a:" * 10000,
        "> " * 10000,
        "1 " * 10000,
        "(" * 20000,
        "\n" * 20000,
        "Phone: " * 3000,
        "a@" * 10000,
        "a." * 10000,
        "my email is " * 1800,
        "Owner and " * 2000,
        "Legal name:\n" * 1600,
        " " * 20000,
        "we are A " * 2400,
        "Address: 1 a\n" * 1500,
        "Phone " * 3500,
        "12 High St, UK, " * 1300,
        "1" + " " * 19990 + "x",
        "a, " * 6000 + ":",
        "Location 1: 5 A St, UK 0113 496 0271\n" * 500,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_no_text_is_too_much(text: str) -> None:
    for piece in pieces(script().form, ENGLISH, text):
        assert piece.start < piece.end


def test_a_language_without_lists_finds_only_labels_and_shapes() -> None:
    poor = Language("xx", "Poor", ENGLISH.texts, {})
    text = "Legal name: Acme Ltd\nhello@acme.com"
    found = [(p.name, text[p.start : p.end]) for p in pieces(script().form, poor, text)]
    assert found == [("legal_name", "Acme Ltd"), ("email", "hello@acme.com")]
    assert bare(poor, "ok so it's Acme Ltd, thanks") == (0, 27)
