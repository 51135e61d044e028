"""What a command is about: "the phone of location 2" -> ``locations.2.phone``.

The words must be used up: "change phone" names a field, "Change Phone Repairs Ltd" names none.
"""

from __future__ import annotations

from dialogs.amendment import amends
from dialogs.form import Place
from dialogs.slots import Draft
from dialogs.state import Phase, Script, State, with_staff
from dialogs.wording import Language, fold


def subject_draft(state: State) -> Draft | None:
    """The draft that a command about a field means: the one being filled, else the latest sent. Of
    what staff ask about, the whole: a wish may be for an answer that they do not ask about."""
    asked = amends(state)
    if asked is not None:
        return asked.draft
    sent = with_staff(state)
    if sent is not None and state.phase is Phase.SUBMITTED:
        return sent.draft
    if state.draft is not None:
        return state.draft
    return state.submissions[-1].draft if state.submissions else None


def objects_of(script: Script, state: State, language: Language, phrase: str) -> tuple[str, ...]:
    """Paths of the slots, or items (``locations.2``), that the words may mean; () for none."""
    draft = subject_draft(state)
    if draft is None:
        return ()
    if script.form.place(draft, phrase) is not None or _is_item(script, draft, phrase):
        return (phrase,)
    words = fold(phrase).split()
    fillers = language.folded("fillers")
    ordinals = [fold(word) for word in language.words.get("ordinals", ())]
    number = 0
    spoken: list[str] = []
    for word in words:
        digits = word.rstrip("stndrh") if word[:1].isdigit() else word
        if digits.isdecimal() and len(digits) <= 3:
            number = int(digits)
        elif word in ordinals:
            number = ordinals.index(word) + 1
        elif word in language.folded("last_words"):
            number = -1
        else:
            spoken.append(word)
    left = [word for word in spoken if word not in fillers]
    labels = [word for word in spoken if word in language.labels]
    while len(spoken) > 1 and spoken[0] in fillers:  # "the number": a filler and a label
        del spoken[0]
    while len(spoken) > 1 and spoken[-1] in fillers:  # "the kind of organisation I gave"
        del spoken[-1]
    names = (
        _names(language, left)
        or _names(language, spoken)  # "kind of organisation" is a label
        or (_names(language, labels) if not left else None)  # "the number I gave"
    )
    if names is None:
        return _items_by_number(script, draft, number) if number and not left else ()
    paths: list[str] = []
    for place in script.form.places(draft):
        fits = not place.item or not number or _nth(draft, place.group, number) == place.item
        if place.kind == "field" and place.name in names and fits:
            paths.append(place.path)
    for repeat in script.form.repeats:
        if repeat in names:
            items = draft.ids(repeat)
            wanted = _nth(draft, repeat, number) if number else ""
            paths += [f"{repeat}.{i}" for i in items if not number or i == wanted]
    return tuple(paths)


def has_answers(state: State, paths: tuple[str, ...]) -> bool:
    """Is any of these slots, or of these items' slots, filled?"""
    draft = state.draft if amends(state) is not None else subject_draft(state)
    slots = draft.slots if draft is not None else {}
    return any(slot == path or slot.startswith(f"{path}.") for slot in slots for path in paths)


def item_of(script: Script, state: State, language: Language, phrase: str) -> str:
    """The item that is called so, whole: "location 2", or "location" where it is the only one."""
    draft = subject_draft(state)
    for name, group in script.form.repeats.items():
        items = draft.ids(name) if draft is not None and len(group.fields) > 1 else ()
        for number, item in enumerate(items, 1):
            title = fold(language.texts[f"group.{name}.title"])
            if phrase == (f"{title} {number}" if len(items) > 1 else title):
                return f"{name}.{item}"
    return ""


def names_items(script: Script, language: Language, phrase: str) -> bool:
    """Are these words about an item, though perhaps about none that there is ("location 9")?"""
    fillers = language.folded("fillers")
    words = [word for word in fold(phrase).split() if word not in fillers]
    left = [word for word in words if not word.isdigit()]
    if words and not left:  # "remove 3", whatever there is to remove
        return True
    names = _names(language, left) if len(left) < len(words) else None
    return any(name.partition(".")[0] in script.form.repeats for name in names or ())


def split_value(language: Language, text: str) -> tuple[str, str]:
    """ "change my phone to +62 21 ..." -> ("change my phone", "+62 21 ..."); else (text, "")."""
    for opener in language.words.get("value_openers", ()):
        named, found, value = text.partition(f" {opener} ")
        if found and value.strip():
            return named, value.strip()
    named, found, value = text.partition(":")
    return (named.strip(), value.strip()) if found and value.strip() else (text, "")


def where(script: Script, draft: Draft, place: Place) -> str:
    """The item's number for people, counted from 1; empty where there is but one."""
    ids = draft.ids(place.group) if place.item else ()
    return str(ids.index(place.item) + 1) if place.item in ids and len(ids) > 1 else ""


def _names(language: Language, left: list[str]) -> set[str] | None:
    """The fields that these words name: all of them together, or a label and its group's."""
    if not left:
        return None
    whole = language.labels.get(" ".join(left))
    if whole:
        return set(whole)
    for cut in range(len(left) - 1, 0, -1):
        first = language.labels.get(" ".join(left[:cut]))
        second = language.labels.get(" ".join(left[cut:]))
        for label, group in ((first, left[cut:]), (second, left[:cut])):
            inside = _inside(language, label or (), " ".join(group))
            if inside:
                return inside
        if first and second:
            both = {n for n in (*first, *second) if "." in n}
            return both or None
    return None


def _inside(language: Language, names: tuple[str, ...], group: str) -> set[str]:
    """Those of the fields that belong to the group of this name: "phone", "location"."""
    return {
        name
        for name in names
        if fold(language.texts.get(f"group.{name.partition('.')[0]}.one", "")) == group
    }


def _items_by_number(script: Script, draft: Draft, number: int) -> tuple[str, ...]:
    """ "remove 2": the second item of the only repeat that has more than one."""
    several = [name for name in script.form.repeats if len(draft.ids(name)) > 1]
    paths = [f"{name}.{_nth(draft, name, number)}" for name in several if _nth(draft, name, number)]
    return tuple(paths)


def _nth(draft: Draft, repeat: str, number: int) -> str:
    ids = draft.ids(repeat)
    if number == -1:
        return ids[-1]
    return ids[number - 1] if 1 <= number <= len(ids) else ""


def _is_item(script: Script, draft: Draft, path: str) -> bool:
    repeat, _, item = path.partition(".")
    return repeat in script.form.repeats and item in draft.ids(repeat)
