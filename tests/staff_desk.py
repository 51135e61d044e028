"""docs/staff-desk.md: a review and a question as staff see them, on each platform, made by the
program itself.

    python -m tests.staff_desk           compares; 1 where the page is stale
    python -m tests.staff_desk --write   writes it

A test fails when the page is not what this makes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from bot.messages import Form, Receipt
from bot.store.rows import OutboxRow
from tests.questioning import STAFF, QuestionDesk, said
from tests.taps import Taps, labels

PAGE = Path(__file__).parents[1] / "docs" / "staff-desk.md"

HEAD = """# The staff desk, as staff see it

One application, reviewed twice: once in a Slack channel, once in a Telegram group; then a question
of an applicant, likewise. Ana, Ben, Dana and Eli are of staff. A line with `>` is what somebody
does; what follows is what the staff chat shows then, and its buttons in brackets. A card that
changes in its place is marked so. The page is made by the program itself
(`python -m tests.staff_desk --write`), and a test fails when it is stale.

What a card offers is read from the table of `dialogs/review.py`. Who taps something that is not
theirs to do at that moment is told so, and nothing is done.
"""


QUESTION = "Would you sponsor my team FC Lakeside?"
ANSWER = "The program's page names no sponsoring."
WORDED = {
    "question": "Does the program sponsor sports teams?",
    "title": "Sponsoring",
    "facts": "B1",
}


class Scene:
    """Writes down what is done and what is then shown."""

    def __init__(self, taps: Taps | QuestionDesk) -> None:
        self.taps = taps
        self.chat = STAFF[taps.channel]
        self.numbered = "" if isinstance(taps, QuestionDesk) else ".1"
        """after a row's number, in the id of its message"""
        self.lines: list[str] = []
        self.seen = 0
        self.standing: dict[str, tuple[str, list[str]]] = {}
        """what each message shows now"""

    def shows(self) -> None:
        """All that came into the staff chat since, and what the applicant read of staff."""
        for row in self.taps.rows[self.seen :]:
            if row.chat == self.chat:
                self._card(row)
        self.seen = len(self.taps.rows)

    def _card(self, row: OutboxRow) -> None:
        edited = json.loads(row.body).get("edit", "")
        shown = said(row), labels(row)
        if self.standing.get(edited) == shown:
            return
        self.standing[edited or f"{row.id}{self.numbered}"] = shown
        if edited:
            self.lines.append("(changes in its place)")
        self.lines += [line.rstrip() for line in said(row).split("\n")]
        if found := labels(row):
            self.lines.append(" ".join(f"[{label}]" for label in found))
        self.lines.append("")

    def does(self, what: str, receipt: Receipt) -> None:
        self.lines.append(f"> {what}")
        if receipt.note:
            self.lines.append(f"(to them alone) {receipt.note}")
        if receipt.form is not None:
            self._form(receipt.form)
        self.lines.append("")
        self.shows()

    def says(self, what: str) -> None:
        """A line of staff that is no answer to anything."""
        self.does(what, Receipt())

    def _form(self, form: Form) -> None:
        self.lines.append(f"(a form) {form.title}")
        self.lines += ["".join(span.text for span in block.spans) for block in form.about]
        for one in form.inputs:
            self.lines.append(f"  {one.label}: [{one.value}]")
            if one.hint:
                self.lines.append(f"    {one.hint}")
            if one.options:
                labels = [label for _, label in one.options[:3]]
                more = f"and {len(one.options) - 3} more"
                self.lines.append(f"    (to choose from: {'; '.join(labels)}; {more})")
        if form.submit:
            self.lines.append(f"[{form.submit}]")

    def applicant(self, *lines: str) -> None:
        self.lines += [f"> The applicant: {line}" for line in lines]
        self.lines.append("")
        self.shows()

    def heard(self) -> None:
        """What the applicant read last."""
        last = [row for row in self.taps.rows if row.chat == "7"][-1]
        self.lines.append("(to the applicant)")
        self.lines += [f"  {line}".rstrip() for line in said(last).split("\n")]
        self.lines.append("")

    @property
    def text(self) -> str:
        return "```text\n" + "\n".join(self.lines).strip() + "\n```\n"


async def on_slack(path: Path) -> str:
    taps = await Taps(path, "slack").open()
    try:
        scene = Scene(taps)
        scene.shows()
        scene.does("Ana taps [Take it]", await taps.tap("Ana", "Take it"))
        scene.does("Ben taps [Decline]", await taps.tap("Ben", "Decline"))
        asked = await taps.tap("Ana", "Ask for more")
        scene.does("Ana taps [Ask for more]", asked)
        reasons = {"dba": "Is that the name on the door?", "email": "It bounces."}
        sent = await taps.fill("Ana", asked.form, reasons)
        scene.does("Ana writes a reason for two of them, and sends the form", sent)
        scene.heard()
        await answers(taps, scene)
        form = (await taps.tap("Ana", "Decline")).form
        scene.does("Ana taps [Decline]", Receipt(form=form))
        done = await taps.fill("Ana", form, {"message": "Please find a shop first, then apply."})
        scene.does('Ana writes "Please find a shop first, then apply.", and sends the form', done)
        scene.heard()
        return scene.text
    finally:
        await taps.store.close()


async def on_telegram(path: Path) -> str:
    taps = await Taps(path, "telegram").open()
    try:
        scene = Scene(taps)
        scene.shows()
        scene.does("Ana taps [Take it]", await taps.tap("Ana", "Take it"))
        scene.does("Ben taps [Decline]", await taps.tap("Ben", "Decline"))
        scene.does("Ana taps [Ask for more]", await taps.tap("Ana", "Ask for more"))
        pick = "Tap the answers to ask about"
        for label in ("[ ] Trading name (DBA)", "[ ] Business e-mail"):
            tapped = await taps.tap("Ana", label, taps.card(pick))
            scene.does(f"Ana taps {label}", tapped)
        write = await taps.tap("Ana", "Write the reasons", taps.card(pick))
        scene.does("Ana taps [Write the reasons]", write)
        for reason in ("Is that the name on the door?", "It bounces."):
            given = await taps.reply("Ana", reason, "the reason for asking about")
            scene.does(f"Ana replies to that: {reason}", given)
        sent = await taps.tap("Ana", "Send to the applicant", taps.card("To the applicant of"))
        scene.does("Ana taps [Send to the applicant]", sent)
        scene.heard()
        await answers(taps, scene)
        scene.does("Ana taps [Decline]", await taps.tap("Ana", "Decline"))
        words = "Please find a shop first, then apply."
        done = await taps.reply("Ana", words, f"Decline {taps.reference}?")
        scene.does(f"Ana replies to that: {words}", done)
        scene.heard()
        return scene.text
    finally:
        await taps.store.close()


async def question_on_slack(path: Path) -> str:
    """Lines of the thread are internal until one is sent by its button."""
    desk = await QuestionDesk(path, "slack").open()
    try:
        scene = Scene(desk)
        await asked(desk, scene)
        await desk.notes(desk.card("Question 1:"), "I would say no. Eli?", "71.1")
        scene.says("Dana writes in the thread: I would say no. Eli?")
        await desk.notes(desk.card("Question 1:"), ANSWER, "72.1")
        scene.says(f"Dana writes in the thread: {ANSWER}")
        sent = await desk.taps(desk.card(ANSWER), "Send to applicant")
        scene.does("Dana taps [Send to applicant] under that", sent)
        scene.heard()
        taught = await desk.taps(desk.card("Question 1:"), "Teach the bot")
        scene.does("Dana taps [Teach the bot]", taught)
        form = await desk.taps(desk.card("May the bot"), "Approve")
        scene.does("Dana taps [Approve]", form)
        done = await desk.fills(form, WORDED)
        scene.does("Dana puts it in general words, and sends the form", done)
        return scene.text
    finally:
        await desk.close()


async def question_on_telegram(path: Path) -> str:
    """A direct reply to the card reaches the applicant, and no other line."""
    desk = await QuestionDesk(path, "telegram").open()
    try:
        scene = Scene(desk)
        await asked(desk, scene)
        await desk.replies(desk.card("Question 1:"), "No.", by=1)
        scene.says("Eli replies to the card: No.")
        await desk.replies(desk.card("Question 1:"), ANSWER)
        scene.says(f"Dana replies to the card: {ANSWER}")
        scene.heard()
        taught = await desk.taps(desk.card("Question 1:"), "Teach the bot")
        scene.does("Dana taps [Teach the bot]", taught)
        words = [f"{name.capitalize()}: {text}" for name, text in WORDED.items()]
        await desk.replies(desk.card("May the bot"), "\n".join(words))
        scene.says(f"Dana replies to that: {' / '.join(words)}")
        return scene.text
    finally:
        await desk.close()


async def asked(desk: QuestionDesk, scene: Scene) -> None:
    for line in ("apply", "skip the check", "I agree"):
        await desk.says(line)
    await desk.asks(QUESTION)
    scene.applicant(QUESTION)
    scene.does("Dana taps [I take it]", await desk.taps(desk.card("Question 1:"), "I take it"))


async def answers(taps: Taps, scene: Scene) -> None:
    taps.now += timedelta(minutes=30)
    for line in ("Lembayung Door", "desk@lembayung.co.id", "send"):
        await taps.says(line)
    scene.applicant("Lembayung Door", "desk@lembayung.co.id", "send")


SCENES = {
    "A review on Slack": on_slack,
    "A review on Telegram": on_telegram,
    "A question on Slack": question_on_slack,
    "A question on Telegram": question_on_telegram,
}


def page() -> str:
    parts = [HEAD]
    with tempfile.TemporaryDirectory() as folder:
        for title, made in SCENES.items():
            text = asyncio.run(made(Path(folder) / f"{len(parts)}.db"))
            parts.append(f"## {title}\n\n{text}")
    return "\n".join(parts)


def main(arguments: list[str]) -> int:
    made = page()
    if arguments == ["--write"]:
        PAGE.write_text(made, encoding="utf-8")
        return 0
    sys.stdout.write(made)
    return 0 if PAGE.exists() and PAGE.read_text(encoding="utf-8") == made else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
