"""Ways of asking for as many articles as one likes, the same in every run.

They are a public set's questions where that lies beside the project, else generated ones: these
are all alike, so figures of the two kinds are not comparable with each other.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import islice, product

from tests.accuracy import topics

_OPENERS = (
    "how do I", "where can I", "when may I", "is it possible to", "who can help me", "what if I",
    "I would like to", "can my partner", "why can I not", "what does it cost to", "please", "do I",
    "how long does it take to", "must I", "which papers do I need to", "am I allowed to", "let me",
    "what happens when I", "show me how to", "could somebody from abroad",
)  # fmt: skip
_VERBS = (
    "open", "close", "change", "cancel", "renew", "lose", "find", "order", "return", "repair",
    "sell", "share", "insure", "move", "store", "print", "sign", "check", "block", "translate",
)  # fmt: skip
_THINGS = (
    "account", "bicycle", "car", "deposit", "engine", "fence", "garden", "house", "invoice",
    "jacket", "key", "lamp", "mirror", "notebook", "oven", "passport", "queue", "receipt", "ship",
    "ticket", "umbrella", "vehicle", "window", "yacht", "zip code", "address", "boat", "contract",
    "door", "envelope", "form", "guitar", "helmet", "island", "journey", "kitchen", "letter",
    "machine", "number", "office", "parcel", "quota", "room", "station", "table", "uniform",
    "voucher", "wallet", "garage", "bridge",
)  # fmt: skip

PUBLIC, GENERATED = "a public set's questions", "generated questions"


def source() -> str:
    return PUBLIC if topics.folder().is_dir() else GENERATED


def shelf(articles: int, examples: int, of: str) -> list[list[str]]:
    """A row an article, of its ways of asking; no text twice. of: what ``source`` gave."""
    rows = list(_public(articles, examples) if of == PUBLIC else _generated(examples))
    return random.Random(1).sample(rows, articles)


def _public(articles: int, examples: int) -> Iterator[list[str]]:
    """Each row is of one topic; a topic gives several rows, as articles lie close together too."""
    found = topics.load(topics.folder())
    rows = math.ceil(articles / len(found.train))
    seen = {question.text for question in found.test}
    for texts in found.train.values():
        some = list(islice(_more(texts, seen), rows * examples))
        for at in range(0, len(some) - examples + 1, examples):
            yield some[at : at + examples]


def _more(texts: Sequence[str], seen: set[str]) -> Iterator[str]:
    """The texts, then the beginning of each with the end of another; none that was seen, and what
    is given is added to these."""
    halves = [
        (words[: len(words) // 2], words[len(words) // 2 :]) for words in map(str.split, texts)
    ]
    for step in range(len(texts)):
        for at, (begin, _) in enumerate(halves):
            _, end = halves[(at + step) % len(halves)]
            text = " ".join([*begin, *end])
            if text not in seen:
                seen.add(text)
                yield text


def _generated(examples: int) -> Iterator[list[str]]:
    for verb, thing in product(_VERBS, _THINGS):
        yield [f"{opener} {verb} the {thing}" for opener in _OPENERS[:examples]]


def asked(count: int, of: str) -> Sequence[str]:
    """Questions that are none of the examples. At most 1,000 different ones."""
    rng = random.Random(2)
    if of == PUBLIC:
        return [question.text for question in rng.sample(topics.load(topics.folder()).test, count)]
    pairs = rng.sample(list(product(_VERBS, _THINGS)), count)
    return [f"{rng.choice(_OPENERS)} {verb} somebody's {thing}" for verb, thing in pairs]
