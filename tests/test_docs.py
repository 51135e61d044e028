"""Docs and code cannot drift: what one names, the other has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from bot.cli import app
from bot.config import Settings
from bot.environment import Secrets
from tests import diagram

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/deploying.md",
    "docs/handing-on.md",
    "docs/postgresql.md",
    "docs/scale.md",
    "docs/search.md",
    "docs/staff.md",
    "docs/staff-desk.md",
    "docs/what-it-understands.md",
)


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands() -> list[str]:
    """As they are typed: ``queue``, ``knowledge check``."""
    return sorted(_commands(typer.main.get_command(app)))


def _commands(group: Any, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield before + name


def first_words() -> set[str]:
    return {command.split()[0] for command in commands()}


def command_named(command: str) -> Any:
    at: Any = typer.main.get_command(app)
    for name in command.split():
        at = at.commands[name]
    return at


def options(command: str) -> list[str]:
    return [name for p in command_named(command).params for name in p.opts if name.startswith("--")]


def settings() -> Iterator[tuple[str, str, object]]:
    """(table, key, default) of every setting of the file."""
    for table, info in Settings.model_fields.items():
        section = info.annotation
        if (
            table == "secrets"
            or not isinstance(section, type)
            or not issubclass(section, BaseModel)
        ):
            continue
        for key, field in section.model_fields.items():
            yield table, key, field.default


# --- commands ---


def test_there_are_commands() -> None:
    assert {"chat", "run", "check", "queue", "show", "export", "answer"} <= set(commands())


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"`frontdesk {command}\b", page("README.md"))


@pytest.mark.parametrize("command", commands())
def test_every_command_says_what_it_does(command: str) -> None:
    described = command_named(command).help
    assert described
    assert described[0].isupper()


WORDS = [path.name for path in sorted((ROOT / "dialogs" / "words").glob("*.toml"))]


def test_every_command_that_a_page_shows_exists() -> None:
    shown = re.compile(r"(?:`|bin/)frontdesk ([a-z]+)")
    found = {
        (name, command)
        for name in [*PAGES, "Makefile", "config.example.toml"]
        for command in shown.findall(page(name))
    }
    assert found
    assert {command for _, command in found} - first_words() == set()


def test_every_command_that_a_sentence_of_ours_names_exists() -> None:
    for name in WORDS:
        for command in re.findall(r"frontdesk ([a-z]+)", page(f"dialogs/words/{name}")):
            assert command in first_words(), f"{name}: frontdesk {command}"


def test_every_option_that_a_page_shows_exists() -> None:
    known = {name for command in commands() for name in options(command)}
    known |= {"--config", "--help", "--write"}  # the program's own, and of what a page is made with
    known |= {"--wrong", "--half", "--only", "--corpus", "--draws", "--questions"}  # tests.accuracy
    for name in PAGES:
        for option in re.findall(r"`[^`\n]*?(--[a-z-]+)[^`\n]*`", page(name)):
            assert option in known, f"{name}: {option}"


# --- settings ---


def test_every_setting_stands_in_the_example_with_its_default() -> None:
    text = page("config.example.toml")
    example = tomllib.loads(re.sub(r"^#(\w+ = )", r"\1", text, flags=re.MULTILINE))
    given = {(table, key) for table, keys in example.items() for key in keys}
    wanted = {(table, key): default for table, key, default in settings()}
    assert given == set(wanted)
    for (table, key), default in wanted.items():
        assert example[table][key] == ("" if default is None else default), f"{table}.{key}"


def test_every_setting_of_the_example_is_explained() -> None:
    lines = page("config.example.toml").splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#\w+ = ", line):
            assert lines[number - 1].startswith("# "), line


@pytest.mark.parametrize("name", list(Secrets.model_fields))
def test_every_secret_is_named_where_it_is_looked_for(name: str) -> None:
    variable = f"FRONTDESK_{name.upper()}"
    assert variable in page("config.example.toml")
    assert variable in page("README.md")


def test_every_variable_that_a_page_names_is_read() -> None:
    known = {f"FRONTDESK_{name.upper()}" for name in (*Secrets.model_fields, "config")}
    for name in (*PAGES, "config.example.toml"):
        assert set(re.findall(r"FRONTDESK_[A-Z_]+", page(name))) <= known, name


# --- make ---


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))


@pytest.mark.parametrize("name", [*PAGES, ".ci/run"])
def test_every_make_target_that_a_page_names_exists(name: str) -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b(?=[`\s]*(?:$|[`,.;:)#]|  ))", page(name), re.M))
    assert named <= targets()
    if name == "README.md":
        assert {"run", "test"} <= named


def test_the_targets_that_were_promised_are_there() -> None:
    assert {"run", "test", "check", "soak", "bench", "lock", "lint", "types"} <= targets()


# --- files and links ---

PATH = re.compile(r"`([\w.-]+(?:/[\w.-]+)*/?)`")
SUFFIXES = (".py", ".toml", ".md", ".lock", ".yaml", ".txt")
OF_THE_READER = {"config.toml", "frontdesk.db", "xx.toml"}
"""files that a reader of the docs makes"""


def test_every_file_that_the_architecture_names_exists() -> None:
    names = set(PATH.findall(page("ARCHITECTURE.md")))
    names |= set(re.findall(r"(?<![.*])\b((?:\w+/)*\w+\.(?:py|toml))\b", page("ARCHITECTURE.md")))
    files = [
        name for name in names if name.endswith((*SUFFIXES, "/")) and name not in OF_THE_READER
    ]
    assert len(files) > 10
    assert [name for name in files if not _is_there(name)] == []


def _is_there(name: str) -> bool:
    """As it stands, or anywhere below: "courier.py" is ``bot/courier.py``."""
    if (ROOT / name).exists():
        return True
    folders = (ROOT / folder for folder in ("bot", "dialogs", "knowledge", "tests"))
    return any(next(folder.rglob(name.rstrip("/")), None) is not None for folder in folders)


@pytest.mark.parametrize("name", PAGES)
def test_every_link_to_a_file_leads_somewhere(name: str) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page(name)):
        assert ((ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("name", PAGES)
def test_every_link_to_a_heading_has_it(name: str) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", page(name)):
        there = ROOT / name if not target else (ROOT / name).parent / target
        assert anchor in headings(there.read_text(encoding="utf-8")), f"{target}#{anchor}"


def headings(text: str) -> set[str]:
    """As a link names them."""
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    found = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_page_is_looked_at() -> None:
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    assert {path.relative_to(ROOT).as_posix() for path in found} == set(PAGES)


def test_the_readmes_transcripts_are_files_of_the_tests() -> None:
    for path in re.findall(r"<!-- transcript: (\S+) -->", page("README.md")):
        assert (ROOT / path).is_file(), path


def test_what_the_readme_shows_is_what_the_bot_says() -> None:
    for path, shown in re.findall(
        r"<!-- transcript: (\S+) -->(.*?)<!-- /transcript -->", page("README.md"), re.DOTALL
    ):
        excerpts = re.findall(r"```text\n(.*?)\n```", shown, re.DOTALL)
        assert excerpts
        for excerpt in excerpts:
            assert excerpt in page(path), "copy it anew from the transcript"


def test_every_part_of_the_dialog_is_named_in_the_architecture() -> None:
    text = page("ARCHITECTURE.md")
    modules = sorted(path.name for path in (ROOT / "dialogs").glob("*.py"))
    modules = [name for name in modules if not name.startswith(("__init__", "pieces_"))]
    assert [name for name in modules if not re.search(rf"[`/]{name}`", text)] == []


def test_the_changelog_names_the_version_of_the_project() -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    assert project["version"] in page("CHANGELOG.md") or "Unreleased" in page("CHANGELOG.md")


# --- the picture of the machine ---


def test_the_picture_of_the_machine_is_what_it_does() -> None:
    text = page("ARCHITECTURE.md")
    assert diagram.placed(text) == text, "stale: python -m tests.diagram --write"


def test_the_picture_shows_the_way_through() -> None:
    picture = diagram.drawn()
    for arrow in (
        "visiting --> filling",
        "filling --> reviewing",
        "reviewing --> stating",
        "stating --> submitted",
        "submitted --> filling",
        "paused --> filling",
        "submitted --> visiting",
    ):
        assert arrow in picture
    assert picture == diagram.drawn()


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        diagram.placed("no marks here")


def test_contributing_says_where_a_question_is_added() -> None:
    text = page("CONTRIBUTING.md")
    for needed in ("application.py", "dialogs/words", "articles"):
        assert needed in text
