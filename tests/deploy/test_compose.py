"""docker-compose.yml: what Compose takes, and what an auditor of a hospital would look for."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from api.cli.main import app
from infra.eventstore.keys.providers import master_key
from infra.settings import Settings
from tests.deploy.stackfiles import ROOT, composed, stack

STACK = stack()
SERVICES: dict[str, Any] = STACK["services"]
OURS = {name: found for name, found in SERVICES.items() if found["image"].startswith("carejourney:")}
SECRET = re.compile(r"password|secret|key|token|credential", re.IGNORECASE)

each = pytest.mark.parametrize("name", SERVICES)


def target_of(secret: dict[str, str]) -> str:
    """The file's name in the container."""
    return secret.get("target", secret["source"]).rpartition("/")[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fresh secrets."""
    folder = tmp_path_factory.mktemp("stack") / "secrets"
    subprocess.run([ROOT / "tools/make-secrets", folder], check=True, capture_output=True)
    return folder


def test_secrets_are_made_once_and_for_one_owner(made: Path) -> None:
    before = {file.name: file.read_bytes() for file in made.iterdir()}
    assert made.stat().st_mode & 0o777 == 0o700
    subprocess.run([ROOT / "tools/make-secrets", made], check=True, capture_output=True)
    assert {file.name: file.read_bytes() for file in made.iterdir()} == before
    assert len(set(before.values())) == len(before)


def test_compose_takes_the_file() -> None:
    done = composed("-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_is_the_stack() -> None:
    count = {name: found.get("deploy", {}).get("replicas", 1) for name, found in SERVICES.items()}
    assert count == {
        "postgres": 1,
        "kafka": 1,
        "migrate": 1,
        "roles": 1,
        "api-1": 1,
        "api-2": 1,
        "relay": 2,
        "projector": 3,
        "oidc": 1,
        "prometheus": 1,
        "grafana": 1,
    }


@each
def test_a_service_runs_without_rights(name: str) -> None:
    found = SERVICES[name]
    user, _, _ = found["user"].partition(":")
    assert int(user) > 0
    assert found["read_only"] is True
    assert found["cap_drop"] == ["ALL"]
    assert "cap_add" not in found
    assert found["security_opt"] == ["no-new-privileges:true"]
    assert not found.get("privileged", False)


@each
def test_a_service_has_limits(name: str) -> None:
    limits = SERVICES[name]["deploy"]["resources"]["limits"]
    assert limits.keys() >= {"cpus", "memory", "pids"}


@each
def test_a_service_is_watched_and_comes_back(name: str) -> None:
    found = SERVICES[name]
    if name in {"migrate", "roles"}:
        assert found["restart"] == "no"
    else:
        assert found["restart"] == "unless-stopped"
        assert found["healthcheck"]["test"][0] == "CMD"


@each
def test_ports_are_open_on_this_machine_only(name: str) -> None:
    assert {port["host_ip"] for port in SERVICES[name].get("ports", ())} <= {"127.0.0.1"}


def test_databases_and_brokers_are_reached_by_nobody_outside() -> None:
    assert STACK["networks"]["inside"]["internal"] is True
    outside = {name for name, found in SERVICES.items() if "front" in found["networks"]}
    assert outside == {"api-1", "api-2", "oidc", "prometheus", "grafana"}


@each
def test_no_secret_is_in_the_environment(name: str) -> None:
    for key, value in (SERVICES[name].get("environment") or {}).items():
        if SECRET.search(key):
            assert value.startswith("/run/secrets"), f"{key} belongs in a file of secrets/"
        assert "://" not in value or "@" not in value, f"{key} holds a password"


@each
def test_a_secret_is_a_file_that_is_made(name: str, made: Path) -> None:
    for secret in SERVICES[name].get("secrets", ()):
        source = secret["source"]
        assert STACK["secrets"][source]["file"].endswith(f"secrets/{source}")
        assert (made / source).read_text().strip(), f"tools/make-secrets makes no {source}"


@each
def test_an_image_is_pinned_to_a_version(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?[\w.-]*", SERVICES[name]["image"])


@each
def test_what_is_mounted_from_here_is_there_and_read_only(name: str) -> None:
    for volume in SERVICES[name].get("volumes", ()):
        if volume["type"] == "bind":
            assert Path(volume["source"]).exists(), volume["source"]
            assert volume["read_only"] is True


@pytest.mark.parametrize("name", OURS)
def test_a_command_and_its_settings_exist(name: str) -> None:
    found = OURS[name]
    command: Any = get_command(app)
    for word in found["command"]:
        if not hasattr(command, "commands"):
            break
        command = command.commands[word]
    known = {row["setting"] for row in Settings().rows()}
    assert found["environment"].keys() <= known
    files = {value.rpartition("/")[2] for value in found["environment"].values() if value.startswith("/run/secrets/")}
    secrets = {target_of(secret) for secret in found["secrets"]}
    assert files <= secrets
    assert {name.upper() for name in secrets - files} <= known


@pytest.mark.parametrize("name", OURS)
def test_the_settings_are_taken(name: str, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in OURS[name]["environment"].items():
        monkeypatch.setenv(key, value)
    for secret in OURS[name]["secrets"]:
        (tmp_path / target_of(secret)).write_bytes((made / secret["source"]).read_bytes())
    monkeypatch.setenv("CAREJOURNEY_SECRETS_DIR", str(tmp_path))
    settings = Settings()
    assert not settings.is_embedded
    assert settings.log_format == "json"
    assert len(master_key(settings)) == 32


@pytest.mark.parametrize("name", OURS)
def test_a_process_is_given_the_time_that_it_takes_to_stop(name: str) -> None:
    settings = Settings()
    drain = int(OURS[name]["environment"].get("CAREJOURNEY_DRAIN_SECONDS", 0))
    assert int(OURS[name]["stop_grace_period"].removesuffix("s")) > drain + settings.shutdown_seconds


def test_a_file_is_copied_into_an_image_only_if_it_is_let_in() -> None:
    let_in = (ROOT / ".dockerignore").read_text().splitlines()
    dockerfile = (ROOT / "Dockerfile").read_text()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", dockerfile, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert f"!{source}" in let_in, source
    folder = ROOT / "tools/oidc-provider"
    for sources in re.findall(r"^COPY (.+) \S+$", (ROOT / "deploy/oidc/Dockerfile").read_text(), re.MULTILINE):
        assert all((folder / source).exists() for source in sources.split())


@pytest.mark.parametrize("path", ["Dockerfile", "deploy/oidc/Dockerfile"])
def test_an_image_is_built_from_pinned_parts_and_runs_as_nobody(path: str) -> None:
    text = (ROOT / path).read_text()
    assert all(re.search(r":\d+\.\d+\.\d+-", base) for base in re.findall(r"^FROM (\S+)", text, re.MULTILINE))
    assert re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1] not in {"root", "0"}
    for install in re.findall(r"pip install ([^&\n]+)", text):
        assert "--require-hashes" in install or "--no-deps" in install


def test_the_user_of_the_image_is_the_one_that_compose_names() -> None:
    user = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[-1]
    assert {found["user"] for found in OURS.values()} == {user}


def test_the_broker_is_the_one_that_the_tests_run() -> None:
    pom = (ROOT / "tools/kafka/pom.xml").read_text()
    version = SERVICES["kafka"]["image"].partition(":")[2]
    assert f"<version>{version}</version>" in pom


def test_what_grafana_reads_is_where_it_looks() -> None:
    provisioning = ROOT / "deploy/grafana/provisioning"
    providers = yaml.safe_load((provisioning / "dashboards/boards.yml").read_text())["providers"]
    targets = {volume["target"] for volume in SERVICES["grafana"]["volumes"]}
    assert {provider["options"]["path"] for provider in providers} <= targets
