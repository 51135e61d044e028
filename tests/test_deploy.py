"""The files that a deployment is made of: whole, pinned, and without rights that nobody needs.

No image is built here; what its build copies and runs is checked against the repository.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.channels.slack_hook import PATH as SLACK_PATH
from bot.channels.telegram_webhook import PATH as TELEGRAM_PATH
from bot.config import Settings
from bot.environment import Secrets
from bot.web.server import Limits

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """(word, rest) of each instruction of the Dockerfile, continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", text("Dockerfile"))
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    found = [line.strip().partition(" ") for line in lines]
    return [(word, rest.strip()) for word, _, rest in found]


# --- the image ---


def test_the_image_is_pinned_and_not_root() -> None:
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert bases
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", base) for base in bases)
    last_stage = instructions()[max(i for i, (w, _) in enumerate(instructions()) if w == "FROM") :]
    users = [rest for word, rest in last_stage if word == "USER"]
    assert users == ["10001"]
    order = [word for word, _ in last_stage]
    assert order.index("USER") < order.index("ENTRYPOINT")


def test_the_image_has_one_volume_and_ends_at_sigterm() -> None:
    found = dict(instructions())
    assert found["VOLUME"] == found["WORKDIR"] == "/var/lib/frontdesk"
    assert found["STOPSIGNAL"] == "SIGTERM"
    assert "/healthz" in found["HEALTHCHECK"]
    assert (found["ENTRYPOINT"], found["CMD"]) == ('["frontdesk"]', '["run"]')


def test_whatever_the_image_copies_exists_and_is_not_ignored() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignore[0] == "*"
    let_in = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    copied = {
        source
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    }
    assert copied == let_in
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_everything_that_is_installed_has_a_hash() -> None:
    installs = re.findall(r"pip install ([^&\n]*)", re.sub(r"\\\n\s*", "", text("Dockerfile")))
    assert len(installs) == 2
    assert all("--no-deps" in one for one in installs)  # the lock is whole, and nothing more
    assert "--require-hashes" in installs[0]
    locked = (ROOT / "requirements" / "runtime.lock").read_text(encoding="utf-8")
    for needed in ("uvicorn", "starlette", "prometheus-client", "psycopg", "hatchling"):
        assert re.search(rf"^{needed}==", locked, re.MULTILINE)


# --- compose and the proxy ---


def test_no_image_of_the_composition_is_the_latest_of_something() -> None:
    images = re.findall(r"^\s+image: (\S+)$", text("compose.yaml"), re.MULTILINE)
    assert len(images) == 3
    assert all(re.search(r":\d+\.\d+", image) for image in images)


def service(name: str) -> str:
    """The lines of one service."""
    found = re.search(rf"^  {name}:\n((?:    .*\n|\n)+)", text("compose.yaml"), re.MULTILINE)
    assert found is not None
    return found[1]


def test_two_replicas_run_with_a_read_only_root_and_no_rights() -> None:
    replica = service("frontdesk")
    for needed in (
        "replicas: 2",
        "read_only: true",
        "cap_drop: [ALL]",
        "no-new-privileges:true",
        "stop_grace_period: 60s",
        "condition: service_healthy",
        "/readyz",
    ):
        assert needed in replica, needed
    assert "ports:" not in replica
    assert "ports:" not in service("db")
    assert "networks: [inside]" in service("db")
    assert int(re.findall(r"stop_grace_period: (\d+)s", replica)[0]) > Limits().grace


def test_every_file_and_variable_of_the_composition_is_known() -> None:
    mounted = re.findall(r"- \./([\w.-]+):|\[\"\./([\w.-]+):", text("compose.yaml"))
    names = {one or other for one, other in mounted}
    assert names == {"compose.toml", "nginx.conf", "tls"}
    assert (DEPLOY / "compose.toml").is_file()
    assert (DEPLOY / "nginx.conf").is_file()
    assert "context: .." in text("compose.yaml")
    variables = set(re.findall(r"^      (FRONTDESK_\w+):", text("compose.yaml"), re.MULTILINE))
    known = {f"FRONTDESK_{name.upper()}" for name in (*Secrets.model_fields, "config")}
    assert variables <= known


def test_the_settings_of_the_replicas_are_settings() -> None:
    tables = tomllib.loads(text("compose.toml"))
    assert tables["store"]["url"].startswith("postgresql://")
    del tables["store"]
    given = Settings.model_validate(tables)
    assert given.telegram.webhook_url.endswith(TELEGRAM_PATH)
    assert given.server.metrics_listen != given.server.listen


def test_the_proxy_leads_to_what_is_posted_and_nowhere_else() -> None:
    config = text("nginx.conf")
    passed = re.findall(r"location (\S+ \S+|\S+) \{ proxy_pass", config)
    assert passed == [f"= {TELEGRAM_PATH}", f"= {SLACK_PATH}"]
    assert "location / { return 404; }" in config
    for needed in ("client_body_timeout", "client_header_timeout", "limit_conn ", "http_503"):
        assert needed in config
    assert Limits().body == 1024 * 1024
    assert "client_max_body_size 1m;" in config
    assert config.count("{") == config.count("}")
    bare = re.sub(r"#.*", "", config)
    for line in filter(None, (line.strip() for line in bare.splitlines())):
        assert line.endswith((";", "{", "}")), line


# --- the unit ---


def test_the_unit_runs_the_program_as_nobody_in_particular_and_starts_it_again() -> None:
    lines = text("frontdesk.service").splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line and line[0] not in "#")
    assert settings["ExecStart"].endswith("/frontdesk run")
    assert settings["User"] == "frontdesk"
    assert settings["Restart"] == "always"
    assert settings["RestartPreventExitStatus"] == "2"  # bot.cli.MEND
    for name in ("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices"):
        assert settings[name] == "yes"
    assert settings["ProtectSystem"] == "strict"
    assert settings["CapabilityBoundingSet"] == ""
    assert int(settings["TimeoutStopSec"]) > Limits().grace


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd is not here")
    here = re.sub("(?m)^ExecStart=.*", f"ExecStart={sys.executable}", text("frontdesk.service"))
    here = re.sub("(?m)^(User|Group)=.*", r"\1=root", here)
    unit = tmp_path / "frontdesk.service"
    unit.write_text(here, encoding="utf-8")
    done = subprocess.run(
        [verify, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    # Of this unit alone: the machine's own may have theirs.
    assert [line for line in done.stderr.splitlines() if "frontdesk.service" in line] == []
    assert done.returncode == 0


def test_what_the_page_installs_is_what_the_image_and_the_unit_run() -> None:
    page = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    for path in ("/opt/frontdesk", "/var/lib/frontdesk", "/etc/frontdesk/secrets.env"):
        assert path in page
        assert path in text("frontdesk.service")
    for file in re.findall(r"install -m \d+ ([\w./-]+) /etc", page):
        assert file == "/dev/null" or (ROOT / file).is_file(), file
