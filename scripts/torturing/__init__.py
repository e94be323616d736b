"""What the parts of scripts/torture share: small platforms, servers, and what is asked of a repository afterwards."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HOME = ROOT / ".build" / "torture"
ENVIRONMENT = {
    **os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Torture", "GIT_AUTHOR_EMAIL": "torture@acme.test",
    "GIT_COMMITTER_NAME": "Torture", "GIT_COMMITTER_EMAIL": "torture@acme.test",
}


def run(command, cwd, seconds=30):
    try:
        return subprocess.run(
            [str(word) for word in command], cwd=cwd, env=ENVIRONMENT, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return None


def git(*arguments, cwd):
    result = run(["git", *arguments], cwd, 120)
    if result is None or result.returncode != 0:
        said = result and (result.returncode, result.stdout.decode(), result.stderr.decode())
        sys.exit(f"torture: git {' '.join(map(str, arguments))} in {cwd} failed: {said}")
    return result.stdout.decode().strip()


class Server:
    """A server of scripts/, until the end of a `with`."""

    def __init__(self, script, *arguments, lines=1):
        self.command, self.count = [ROOT / "scripts" / script, *arguments], lines

    def __enter__(self):
        self.process = subprocess.Popen(
            [str(word) for word in self.command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lines = [self.process.stdout.readline().strip() for _ in range(self.count)]
        if not all(lines):
            sys.exit(f"torture: {self.command[0]} did not start")
        return lines

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def ssh_server():
    keys = HOME / "ssh"
    shutil.rmtree(keys, ignore_errors=True)
    return Server("ssh-server", keys, lines=2)


def unfinished(repository):
    """Locks and the folders of packs that a server is taking in."""
    try:
        return [*repository.rglob("*.lock"), *repository.glob("objects/tmp_objdir-*")]
    except FileNotFoundError:
        # A folder went away meanwhile.
        return ["a pack that is taken in"]


def sound(repository, patience=0.0):
    """fsck finds nothing, and no lock is left, at the latest when a process that is still at work had so many seconds."""
    end = time.perf_counter() + patience
    while True:
        locks = unfinished(repository)
        result = run(["git", "fsck", "--full", "--strict", "--no-progress"], repository, 120)
        output = result.stdout.decode() + result.stderr.decode() if result else "fsck takes over 120 s"
        trouble = [line for line in output.splitlines() if not line.startswith(("dangling", "notice"))]
        if result and result.returncode != 0:
            trouble.append(f"fsck ended with {result.returncode}")
        if not trouble and not locks:
            return
        if time.perf_counter() > end:
            sys.exit(f"torture: {repository}: {trouble} {locks}")
        time.sleep(0.02)


def small_platform(folder, name, address):
    """A platform of one app, of a name of its own, that publishes to a branch that others publish to."""
    (folder / "apps").mkdir(parents=True)
    (folder / "paths" / "site").mkdir(parents=True)
    (folder / "pave.yaml").write_text(
        f"apiVersion: pave.dev/v1alpha1\nkind: Platform\nmetadata: {{name: {name}}}\nspec:\n"
        '  intents: ["apps/*.yaml"]\n  goldenPaths: ["paths/*"]\n'
        '  environments: [{name: dev, kubernetes: "1.34"}, {name: prod, kubernetes: "1.34"}]\n'
        f'  output: {{repository: "{address}", branch: main, path: "{name}/${{environment.name}}/${{intent.metadata.name}}"}}\n')
    (folder / "paths" / "site" / "path.yaml").write_text(
        "apiVersion: pave.dev/v1alpha1\nkind: GoldenPath\nmetadata: {name: site}\nspec:\n"
        "  schema: {group: tiny.dev, apiVersion: v1, kind: Site, spec: {number: integer}}\n"
        "  resources:\n    - id: config\n      template:\n        apiVersion: v1\n        kind: ConfigMap\n"
        '        metadata: {name: "${schema.metadata.name}"}\n        data: {number: "${string(schema.spec.number)}"}\n')
    git("init", "-q", "-b", "main", ".", cwd=folder)


def set_number(folder, number):
    (folder / "apps" / "home.yaml").write_text(
        "apiVersion: tiny.dev/v1\nkind: Site\nmetadata: {name: home, namespace: web}\n"
        f"spec: {{number: {number}}}\n")
    git("add", "-A", cwd=folder)
    git("commit", "-q", "-m", f"Number {number}", cwd=folder)
