"""Which owner or location a value belongs to, and which of two values of one field counts."""

from __future__ import annotations

from collections.abc import Sequence

from dialogs.pieces_page import Found, Page


def counted(page: Page, found: Sequence[Found]) -> list[tuple[Found, int]]:
    """Each value with its item's place among those of the text, in the order of the text."""
    ordered = sorted(_apart(found), key=lambda f: f.start)
    items = {name: _Items(name) for name in page.form.repeats}
    placed: dict[tuple[str, int], list[Found]] = {}
    for each in ordered:
        group = page.form.fields[each.name].group
        several = items.get(group)
        leaves = len(page.form.repeats[group].fields) if several else 1
        nth = several.item(page, each, leaves) if several else 0
        placed.setdefault((each.name, nth), []).append(each)
    chosen: list[tuple[Found, int]] = []
    for (_, nth), rivals in placed.items():
        best = next((f for f in rivals if f.sure and not f.part), rivals[0])
        parts = [f for f in rivals if f.part and f is not best]
        chosen += [(f, nth) for f in (best, *parts)]
    return sorted(chosen, key=lambda pair: pair[0].start)


class _Items:
    """The items of one repeat, as the text goes on telling of them."""

    def __init__(self, group: str) -> None:
        self._group = group
        self._now = -1
        self._numbers: dict[int, int] = {}
        self._has: list[set[str]] = []
        self._texts: list[str] = []
        self._first = ""

    def item(self, page: Page, each: Found, leaves: int) -> int:
        if leaves == 1:
            said = page.text[each.start : each.end].casefold()
            if said not in self._texts:
                self._texts.append(said)
            return self._texts.index(said)
        if each.number and each.number in self._numbers:
            self._now = self._numbers[each.number]
        elif self._now < 0 or (each.number and self._numbers) or self._begins(page, each):
            self._now = len(self._has)
            self._has.append(set())
        if each.number:
            self._numbers[each.number] = self._now
        self._first = self._first or each.name
        self._has[self._now].add(each.name)
        return self._now

    def _begins(self, page: Page, each: Found) -> bool:
        """Whether a value that the item has already tells of a new one."""
        has = self._has[self._now]
        if each.name not in has or each.part:
            return False
        address = page.kind(each.name) == "address"
        return address or (each.name == self._first and any(page.kind(n) == "address" for n in has))


def _apart(found: Sequence[Found]) -> list[Found]:
    """Without those that reach into another; the earlier found one stays."""
    kept: list[Found] = []
    for each in found:
        if each.start < each.end and not any(
            k.start < each.end and each.start < k.end for k in kept
        ):
            kept.append(each)
    return kept
