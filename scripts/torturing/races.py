"""Publishers that race: none loses a commit, and an older one never wins."""
import shutil
import subprocess
import sys
import threading
import time

from . import ENVIRONMENT, HOME, Server, git, set_number, small_platform, sound, ssh_server


def race(pave, title, address, output, count, environment, copies="{name}-cache"):
    """Four platforms publish to one branch at once, each from a machine of its own: no commit may be lost."""
    home = HOME / "race"
    shutil.rmtree(home, ignore_errors=True)
    names = ["red", "blue", "green", "gray"]
    failures = []
    attempts = []

    def publish_all(name):
        folder = home / name
        for number in range(1, count + 1):
            set_number(folder, number)
            for attempt in range(1, 9):
                result = subprocess.run(
                    [str(pave), "publish", "--cache", str(home / copies.format(name=name)), "--allow-host", "127.0.0.1"], cwd=folder,
                    env={**ENVIRONMENT, **environment}, capture_output=True, timeout=300)
                if result.returncode == 0:
                    break
                # A publisher that was overtaken for its whole time says so and may begin again.
                if b"--retry" not in result.stderr:
                    break
            attempts.append(attempt)
            if result.returncode != 0:
                failures.append(f"{name} {number}: exit {result.returncode}: {result.stderr.decode()}")
                return

    for name in names:
        small_platform(home / name, name, address)
    threads = [threading.Thread(target=publish_all, args=(name,)) for name in names]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        sys.exit("torture: " + "\n".join(failures))
    found = git("rev-list", "--count", "refs/heads/main", cwd=output)
    for name in names:
        text = git("show", f"refs/heads/main:{name}/dev/home/configmap-home.yaml", cwd=output)
        if f'"{count}"' not in text:
            sys.exit(f"torture: {title}: what {name} published last is not there:\n{text}")
    if int(found) != len(names) * count:
        sys.exit(f"torture: {title}: {found} commits, {len(names) * count} were published")
    sound(output)
    print(
        f"   {title}: all {found} commits of {len(names)} publishers are there, in {time.perf_counter() - start:.1f} s; "
        f"{sum(attempts) - len(attempts)} runs had to be repeated")


def race_everywhere(pave, count, ssh_count):
    print("== publishers that race")
    served = HOME / "served"
    shutil.rmtree(served, ignore_errors=True)
    served.mkdir(parents=True)

    def repository(name):
        git("init", "-q", "--bare", "-b", "main", name, cwd=served)
        return served / name

    output = repository("file.git")
    race(pave, "path", output, output, count, {})
    output = repository("url.git")
    race(pave, "file://", f"file://{output}", output, max(1, count // 5), {})
    output = repository("http.git")
    with Server("git-server", served, "--user", "ada", "--password", "torture") as (port,):
        race(
            pave, "http", f"http://127.0.0.1:{port}/http.git", output, count,
            {"PAVE_GIT_USER": "ada", "PAVE_GIT_TOKEN": "torture"})
    output = repository("one.git")
    with Server("git-server", served) as (port,):
        race(pave, "http, from one machine", f"http://127.0.0.1:{port}/one.git", output, max(1, count // 5), {}, "cache")
    if ssh_count:
        output = repository("ssh.git")
        with ssh_server() as (command, port):
            race(pave, "ssh", f"ssh://127.0.0.1:{port}{output}", output, ssh_count, {"GIT_SSH_COMMAND": command})
    with Server("git-server", served) as (port,):
        for address in (repository("runners.git"), f"http://127.0.0.1:{port}/served-runners.git"):
            older_never_wins(pave, repository("served-runners.git") if "http" in str(address) else address, address)


def older_never_wins(pave, output, address):
    """Two runners of one platform, the older one started first or last: the younger commit stays."""
    home = HOME / "runners"
    shutil.rmtree(home, ignore_errors=True)
    superseded = 0
    folder = home / "one"
    small_platform(folder, "one", address)
    for number in range(1, 11):
        # Neither was published before, so that either could be the one that stays.
        set_number(folder, number + 100)
        old = git("rev-parse", "HEAD", cwd=folder)
        set_number(folder, number)
        young = git("rev-parse", "HEAD", cwd=folder)
        order = [old, young] if number % 2 else [young, old]
        runners = [
            subprocess.Popen(
                [str(pave), "publish", "--revision", commit, "--cache", str(home / f"cache-{commit == old}"),
                 "--allow-host", "127.0.0.1"], cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE) for commit in order]
        for runner in runners:
            said, trouble = runner.communicate(timeout=120)
            superseded += b"superseded" in said
            if runner.returncode != 0:
                sys.exit(f"torture: two runners: exit {runner.returncode}: {trouble.decode()}")
        text = git("show", "refs/heads/main:one/dev/home/configmap-home.yaml", cwd=output)
        if f'"{number}"' not in text:
            sys.exit(f"torture: two runners: the older of {old} and {young} won:\n{text}")
    sound(output)
    print(
        f"   two runners of one platform, {'http' if 'http' in str(address) else 'path'}: the older never won; "
        f"{superseded} older ones of 10 were told that they came too late")
