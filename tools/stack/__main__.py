"""The commands of tools/stack-local."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plan import ROOT, USUAL_FOLDER, Plan
from servers import Servers
from supervisor import Supervisor

PATIENCE = 180.0
FOLDER = Path(os.environ.get("CAREJOURNEY_STACK_DIR", USUAL_FOLDER)).absolute()
State = dict[str, dict[str, Any]]


def start() -> None:
    """Start what is not running, wait until it is ready, and say where it is."""
    if not supervisor_pid():
        prepare()
        with (FOLDER / "logs/supervisor.log").open("ab") as log:
            command = [sys.executable, str(Path(__file__).parent), "supervise"]
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        until(lambda: supervisor_pid() or None, "the supervisor did not start")
    until(all_ready, f"not everything is ready: see {FOLDER}/logs")
    url()


def prepare() -> None:
    """Folders, ports, secrets, and what each process may read of them."""
    for name in ("logs", "control", "ledger", "run"):
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
    for leftover in (FOLDER / "control").iterdir():
        leftover.unlink()
    ports = ports_of()
    plan = Plan(FOLDER, ports)
    (FOLDER / "ports.json").write_text(json.dumps(ports))
    address = f"http://127.0.0.1:{ports['api-1']}"
    environment = {
        **os.environ,
        "CAREJOURNEY_DB_HOST": "127.0.0.1",
        "CAREJOURNEY_DB_PORT": str(ports["postgres"]),
        "CAREJOURNEY_PUBLIC_URL": address,
    }
    subprocess.run([ROOT / "tools/make-secrets", FOLDER / "secrets"], env=environment, check=True, capture_output=True)
    for planned in plan.processes():
        own = FOLDER / "run" / planned.name / "secrets"
        own.mkdir(parents=True, exist_ok=True)
        for target, source in plan.secrets_of(planned.service).items():
            (own / target).unlink(missing_ok=True)
            shutil.copy(FOLDER / "secrets" / source, own / target)
    provider = ROOT / "tools/oidc-provider"
    subprocess.run([ROOT / "tools/npm", provider], check=True, capture_output=True)


def supervise() -> None:
    """Be the supervisor."""
    (FOLDER / "pid").write_text(str(os.getpid()))
    try:
        Supervisor(FOLDER, ports_of()).run()
    finally:
        (FOLDER / "pid").unlink(missing_ok=True)


def stop() -> None:
    """Stop everything, each in the time that it needs."""
    pid = supervisor_pid()
    if pid:
        os.kill(pid, signal.SIGTERM)
        until(lambda: not supervisor_pid() or None, "it does not stop")


def destroy() -> None:
    """Stop everything and remove its data, logs and secrets."""
    stop()
    if (FOLDER / "ports.json").exists():
        shutil.rmtree(Servers(FOLDER, ports_of()).cluster, ignore_errors=True)
    shutil.rmtree(FOLDER, ignore_errors=True)


def restart(name: str) -> None:
    """Restart a service's processes one after the other, each when the one before is ready."""
    for member in members_of(name):
        before = state()[member]["pid"]
        (FOLDER / "control" / member).touch()
        until(lambda m=member, b=before: is_other_and_ready(m, b), f"{member} does not come back")
        say(f"{member} restarted")


def is_other_and_ready(name: str, before: int) -> bool | None:
    """Whether another process has taken its place and is ready."""
    found = state().get(name)
    return (bool(found) and found["pid"] not in {0, before} and answers(found["check"])) or None


def status(*options: str) -> None:
    """Who runs, since how many restarts, and whether it is ready; exit 3 when nothing runs."""
    found = {name: {**one, "ready": answers(one["check"])} for name, one in state().items()}
    if "--json" in options:
        say(json.dumps({"ports": ports_of(), "processes": found}))
        return
    for name, one in found.items():
        say(f"{name:14} pid {one['pid']:<8} restarts {one['restarts']:<4} {'ready' if one['ready'] else 'NOT READY'}")
    if not found:
        say("not running")
        raise SystemExit(3)


def logs(name: str) -> None:
    """What a service's processes, or a server, have logged."""
    for member in members_of(name) if name in services() else [name]:
        sys.stdout.write((FOLDER / "logs" / f"{member}.log").read_text(errors="replace"))


def url() -> None:
    """Where to look."""
    ports = ports_of()
    say(f"web app and API   http://127.0.0.1:{ports['api-1']}  and  http://127.0.0.1:{ports['api-2']}")
    say(f"OpenID provider   http://127.0.0.1:{ports['oidc']}  (people and passwords: {FOLDER}/secrets/oidc_users.json)")
    say(f"Kafka             127.0.0.1:{ports['kafka']}")
    say(f"PostgreSQL        127.0.0.1:{ports['postgres']}")


def members_of(name: str) -> list[str]:
    """A service's processes; `api` is api-1 and api-2."""
    found = [
        member
        for member, one in state().items()
        if name in (member, one["service"]) or member.rpartition("-")[0] == name
    ]
    if not found:
        fail(f"no process {name}: there are {', '.join(state()) or 'none, it is not running'}")
    return found


def services() -> set[str]:
    """Every name by which processes can be asked for."""
    return {word for name, one in state().items() for word in (name, one["service"], name.rpartition("-")[0])}


def state() -> State:
    """What the supervisor last wrote; nothing when it does not run."""
    file = FOLDER / "state.json"
    return json.loads(file.read_text()) if supervisor_pid() and file.exists() else {}


def all_ready() -> bool | None:
    """Whether every process answers."""
    if not supervisor_pid():
        fail(f"the stack did not start: see {FOLDER}/logs/supervisor.log")
    found = state()
    return (bool(found) and all(answers(one["check"]) for one in found.values())) or None


def answers(address: str) -> bool:
    """Whether an address answers 200 within two seconds."""
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310 - loopback addresses of our own
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def ports_of() -> dict[str, int]:
    """The ports that were chosen."""
    file = FOLDER / "ports.json"
    return json.loads(file.read_text()) if file.exists() else {}


def supervisor_pid() -> int:
    """The supervisor's process id; 0 when it does not run."""
    try:
        pid = int((FOLDER / "pid").read_text())
        named = Path(f"/proc/{pid}/cmdline")
        if named.exists() and b"supervise" not in named.read_bytes():
            return 0
        os.kill(pid, 0)
    except (OSError, ValueError):
        return 0
    return pid


def until(holds: Callable[[], object], otherwise: str) -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            fail(otherwise)
        time.sleep(0.1)


def say(text: str) -> None:
    """One line of an answer."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def fail(text: str) -> None:
    """Say why not, and end."""
    sys.stderr.write(f"stack-local: {text}\n")
    raise SystemExit(1)


COMMANDS: dict[str, Callable[..., None]] = {
    command.__name__: command for command in (start, stop, status, url, logs, restart, destroy, supervise)
}

if __name__ == "__main__":
    word, *rest = sys.argv[1:]
    if word not in COMMANDS:
        fail(f"no command {word}: there are {', '.join(COMMANDS)}")
    COMMANDS[word](*rest)
