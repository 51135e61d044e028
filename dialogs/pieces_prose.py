"""Values that sentences tell: "our address is ...", "owned by ...", "my email is ...".

A field is told by its label with "is" behind it, by its label right before what has its shape, or
by one of the language's cues. Questions and commands tell nothing. What only a shape tells (an
e-mail address anywhere) is taken last, and as doubtful where it may be another's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dialogs.countries import named
from dialogs.pieces_page import CONTACTS, Found, Page, company, people, place, shut
from dialogs.pieces_shapes import Shape
from dialogs.pieces_tellings import Span, Telling, tellings
from dialogs.polite import without_thanks

NEAR = 3
"""words that may stand between a cue and what has the shape: "call us any time on" """
LONG = 12
"""words from which on a text is no short answer, in which a bare "acme.com" may be a name"""
NAME_WORDS = 10


def told(page: Page, open_name: str, found: Sequence[Found], taken: Sequence[Span]) -> list[Found]:
    values: list[Found] = []
    barred = list(taken)
    for first, last in _sentences(page, taken):
        if _no_statement(page, first, last):
            barred.append((page.words[first].start, page.words[last - 1].end + 1))
            continue
        known = list(tellings(page, first, last, open_name, barred))
        for nth, telling in enumerate(known):
            limit = known[nth + 1].first if nth + 1 < len(known) else last
            values += _values(page, telling, limit, open_name, len(known))
    values = _joined(page, values)
    if not page.tells(open_name):
        values += _shapes(page, [*found, *values], barred)
    return values


def _sentences(page: Page, taken: Sequence[Span]) -> Iterator[tuple[int, int]]:
    """(first, one past the last) word of each run of free words of one sentence."""
    spans = sorted([*taken, *((ln.start, ln.end) for ln in page.lines if ln.part != "body")])
    first, nth = -1, 0
    for at, word in enumerate(page.words):
        while nth < len(spans) and spans[nth][1] <= word.start:
            nth += 1
        used = nth < len(spans) and spans[nth][0] < word.end
        if first >= 0 and (used or word.opens):
            yield first, at
            first = -1
        if first < 0 and not used:
            first = at
    if first >= 0:
        yield first, len(page.words)


def _no_statement(page: Page, first: int, last: int) -> bool:
    """Whether the sentence asks or orders."""
    end = page.words[last - 1].end
    after = page.words[last].start if last < len(page.words) else len(page.text)
    if any(mark in page.text[end:after].split("\n")[0] for mark in "?\uff1f\u061f"):
        return True
    words, at = page.words[:last], first
    lists = page.vocabulary.lists
    while at < last and words[at].key in lists["lead_ins"] | lists["no"]:
        at += 1
    starts = ("question_openers", "change_openers", "remove_openers")
    return any(page.vocabulary.has(name, words, start) for name in starts for start in {first, at})


# --- the values ---


def _values(
    page: Page, telling: Telling, limit: int, open_name: str, tellings: int
) -> Iterator[Found]:
    for name in telling.names:
        values = list(_value(page, telling, name, limit, open_name, tellings))
        if values:
            yield from values
            return


def _value(
    page: Page, telling: Telling, name: str, limit: int, open_name: str, tellings: int
) -> Iterator[Found]:
    kind, words = page.kind(name), page.words
    made = Found(name, 0, 0, telling.label, number=telling.number)
    if kind == "text" and telling.how == "cue":
        if name != open_name:
            start, end = _told_span(page, telling, limit, tellings)
            yield replace(made, start=start, end=end, label="")
        return
    if telling.at >= limit:
        return
    if kind in CONTACTS:
        reach = words[min(limit - 1, telling.at + NEAR)].end
        first = max(words[telling.at - 1].end, words[telling.at].start - 2)
        shape = page.shape(kind, first, len(page.text))
        if shape is not None and shape.start <= min(reach, words[limit - 1].end):
            yield replace(made, start=shape.start, end=shape.end)
        return
    if words[telling.at].key in page.vocabulary.lists["not_values"] and kind != "choice":
        return
    start = words[telling.at].start
    if kind == "choice":
        yield from _option(page, made, telling, limit)
    elif kind == "address":
        end = _clause(page, telling.at, limit)
        if _is_address(page, start, end):
            sure = "," in page.text[start:end] or _has_street(page, start, end)
            (start, end), country = place(page, *page.trim(start, end))
            yield replace(made, start=start, end=end, sure=sure)
            if country is not None:
                other = page.beside(name, "country")
                yield Found(other, country[0], country[1], "", country[2], telling.number)
    elif kind == "person":
        end = (
            _run(page, telling.at, limit)
            if telling.how == "cue"
            else _clause(page, telling.at, limit)
        )
        sure = (
            not page.small
            and _capital(page, telling.at)
            and 1 < len(page.within(start, end)) <= NAME_WORDS
        )
        if end > start and (sure or page.small or telling.how == "said"):
            for first, last in people(page, start, end):
                yield replace(made, start=first, end=last, sure=sure)
    elif kind == "company":
        loose = telling.how == "cue" or (telling.weak and name != open_name)
        end = _run(page, telling.at, limit) if loose else _clause(page, telling.at, limit)
        if end > start:
            formal = any(page.is_form(w.key) for w in page.within(start, end))
            sure = formal or not loose or page.vocabulary.strong(telling.label)
            if (
                telling.how == "said"
                or sure
                or (len(page.within(start, end)) > 1 and not page.small)
            ):
                for other, first, last in company(page, name, start, end):
                    yield replace(made, name=other, start=first, end=last, sure=sure)
    else:
        start, end = page.trim(start, _clause(page, telling.at, limit))
        sure = kind != "country" or bool(named(page.text[start:end], page.language.code))
        yield replace(made, start=start, end=end, sure=sure)


def _is_address(page: Page, start: int, end: int) -> bool:
    """ "5 minutes from the station" has a number too, and neither a name nor a street."""
    text = page.text[start:end]
    if not any(ch.isdigit() for ch in text):
        return False
    named = page.small or any(not ch.islower() for ch in text if ch.isalpha())
    return named or _has_street(page, start, end)


def _has_street(page: Page, start: int, end: int) -> bool:
    lists = page.vocabulary.lists
    streets = lists["street"] | lists["street_short"]
    return any(word.key in streets for word in page.within(start, end))


def _option(page: Page, made: Found, telling: Telling, limit: int) -> Iterator[Found]:
    """ "We are an authorised reseller": the option's words; none where two options are told."""
    options = page.vocabulary.options.get(made.name, {})
    hits: list[tuple[int, int, str]] = []
    at = telling.at
    while at < limit:
        size = page.vocabulary.phrase_at(page.words[:limit], at, options)
        if size:
            key = " ".join(w.key for w in page.words[at : at + size])
            hits.append((at, size, options[key]))
        at += max(size, 1)
    near = [hit for hit in hits if hit[0] <= telling.at + 2]
    if near and len({hit[2] for hit in hits}) == 1:
        at, size, _ = near[0]
        start, end = page.words[at].start, page.words[at + size - 1].end
        alone = at + size == limit or not page.words[at + size].gap.isspace()
        yield replace(made, start=start, end=end, sure=size > 1 or alone or telling.how == "said")


def _told_span(page: Page, telling: Telling, limit: int, tellings: int) -> Span:
    first = telling.first
    if tellings == 1:
        while first > 0 and not page.words[first].opens:
            first -= 1
    end = page.words[limit - 1].end
    if page.text[end : end + 1] == ".":
        end += 1
    return page.words[first].start, end


def _clause(page: Page, at: int, limit: int) -> int:
    """Where the value that begins at this word ends."""
    words, lists = page.words, page.vocabulary.lists
    end = limit
    shapes = page.shaped(words[at].start, words[limit - 1].end)
    plain = {s.start for s in shapes if s.plain}
    for nth in range(at + 1, limit):
        apart = any(ch in words[nth].gap for ch in ",;.(\u2013\u2014") or " - " in words[nth].gap
        joined = words[nth - 1].key in lists["and"]
        if (apart or joined) and page.vocabulary.has("breaks", words[:limit], nth):
            end = nth - joined
            break
        if words[nth].start in plain:
            end = nth
            break
    while end - 1 > at and words[end - 1].key in lists["and"]:
        end -= 1
    last = words[end - 1].end
    last = shut(page, words[at].start, last)
    return without_thanks(page.vocabulary, page.text, words[at].start, last)


def _run(page: Page, at: int, limit: int) -> int:
    """Where a name in capitals ends that begins at this word; its start where none does."""
    words, lists = page.words, page.vocabulary.lists
    if not _capital(page, at):
        return words[at].start
    last, nth = at, at + 1
    while nth < limit:
        form = page.vocabulary.has("legal_forms", words[:limit], nth)
        if form and words[nth].gap.strip(" .") in ("", ","):
            nth += form
            last = nth - 1
            continue
        if page.small and words[nth].key in lists["not_values"]:
            break
        gap = words[nth].gap
        short = words[nth - 1].key in lists["abbreviations"] or len(words[nth - 1].key) == 1
        if gap.strip(" \u00a0&+'\u2019/-" + ("." if short else "")):
            break
        if _capital(page, nth):
            last = nth
        elif words[nth].key not in lists["particles"] | lists["and"]:
            break
        nth += 1
    return shut(page, words[at].start, words[last].end)


def _capital(page: Page, at: int) -> bool:
    """Whether the word may begin a name: a capital, a number, or a script without capitals."""
    first = page.text[page.words[at].start]
    return page.small or not first.islower()


def _joined(page: Page, values: list[Found]) -> list[Found]:
    """Sentences of experience one after the other are one value."""
    kept: list[Found] = []
    for each in values:
        before = kept[-1] if kept else None
        if (
            before is not None
            and before.name == each.name
            and page.kind(each.name) == "text"
            and not page.text[before.end : each.start].strip()
        ):
            kept[-1] = replace(before, end=each.end)
        else:
            kept.append(each)
    return kept


# --- by shape alone ---


def _shapes(page: Page, found: Sequence[Found], barred: Sequence[Span]) -> Iterator[Found]:
    headers = [(ln.start, ln.end) for ln in page.lines if ln.part != "body"]
    used = [*barred, *headers, *((f.start, f.end) for f in found)]
    free = [s for s in page.shapes if not any(a < s.end and s.start < b for a, b in used)]
    for name in page.form.fields:
        kind = page.kind(name)
        if kind not in CONTACTS or any(f.name == name for f in found):
            continue
        same = [s for s in free if s.kind == kind and _stands(page, s)]
        texts = {page.text[s.start : s.end].casefold() for s in same}
        if same:
            sure = len(texts) == 1 and same[0].plain and kind != "phone"
            yield Found(name, same[0].start, same[0].end, "", sure)


def _stands(page: Page, shape: Shape) -> bool:
    """Whether a shape alone counts: always where it is plain; "acme.com" in no short answer."""
    if shape.plain:
        return True
    alone = not (page.text[: shape.start] + page.text[shape.end :]).strip(" .,!")
    return shape.kind == "website" and (alone or len(page.words) >= LONG)
