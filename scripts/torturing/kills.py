"""Publishers that are killed: the branch is whole, at the old or the new commit, and no lock is left."""
import shutil
import signal
import subprocess
import sys
import time

from . import ENVIRONMENT, HOME, ROOT, Server, git, run, set_number, small_platform, sound, ssh_server


def moment(number, randomness):
    """When a publisher is killed, as a part of the time that it needs: every third at any moment, the others near the end, where
    it writes and moves the branch."""
    return randomness.uniform(0, 1.1) if number % 3 == 0 else randomness.uniform(0.6, 1.3)


def kill_publishers(pave, count, randomness):
    """A publisher killed at any moment leaves the branch whole, at the old or the new commit."""
    print(f"== {count} publishers killed")
    platform, output = HOME / "acme", HOME / "acme-deploy.git"
    for folder in (platform, output):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "fixtures" / "acme", platform)
    git("init", "-q", "-b", "main", ".", cwd=platform)

    def commit(number):
        intent = platform / "apps" / "payments" / "checkout.yaml"
        text = (ROOT / "fixtures/acme/apps/payments/checkout.yaml").read_text()
        intent.write_text(text.replace("checkout:1.5.0", f"checkout:2.0.{number}"))
        git("add", "-A", cwd=platform)
        git("commit", "-q", "-m", f"Try checkout 2.0.{number}", cwd=platform)

    def tip():
        return git("rev-parse", "--verify", "refs/heads/main^{commit}", cwd=output)

    def publish(*options):
        start = time.perf_counter()
        result = run([pave, "publish", *options], platform, 60)
        if result is None or result.returncode != 0:
            sys.exit(f"torture: publish failed: {result and result.stderr.decode()}")
        return time.perf_counter() - start

    commit(0)
    publish("--create")
    commit(1)
    whole = publish()
    old = tip()
    moved = 0
    for number in range(2, count + 2):
        commit(number)
        process = subprocess.Popen(
            [str(pave), "publish"], cwd=platform, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment(number, randomness) * whole)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # A move that was begun is finished by a process of its own, which the kill does not reach.
        sound(output, patience=2)
        now = tip()
        if now != old and git("rev-parse", f"{now}^", cwd=output) != old:
            sys.exit(f"torture: after kill {number} the branch is at {now}, which does not follow {old}")
        moved += now != old
        took = publish()
        # The machine may have become slower or quicker.
        if now == old:
            whole = took
        new = tip()
        if now != old and new != now:
            sys.exit(f"torture: after kill {number} the commit was there, and publishing again made another")
        old = new
    print(f"   {moved} had moved the branch, {count - moved} had not; each was whole, and the next run finished it")
    # The first publication, which makes the repository.
    for number in range(max(1, count // 10)):
        for folder in HOME.glob("acme-deploy.git*"):
            shutil.rmtree(folder)
        process = subprocess.Popen(
            [str(pave), "publish", "--create"], cwd=platform, env=ENVIRONMENT, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        time.sleep(randomness.random() * whole * 1.1)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if output.exists():
            sound(output, patience=2)
        publish("--create")
        sound(output)


def kill_remote_publishers(pave, count, ssh_count, randomness):
    """A publisher that is killed while it pushes leaves server and copy whole, at the old or the new commit."""
    served = HOME / "killed-served"
    shutil.rmtree(served, ignore_errors=True)
    served.mkdir(parents=True)
    print(f"== {count} publishers over http killed, {ssh_count} over ssh")
    for name in ("http.git", "ssh.git"):
        git("init", "-q", "--bare", "-b", "main", name, cwd=served)
    with Server("git-server", served) as (port,):
        kill_pushes(
            pave, served / "http.git", f"http://127.0.0.1:{port}/http.git", count, {}, randomness, fault=served / "fault")
    if ssh_count:
        with ssh_server() as (command, port):
            output = served / "ssh.git"
            kill_pushes(
                pave, output, f"ssh://127.0.0.1:{port}{output}", ssh_count, {"GIT_SSH_COMMAND": command}, randomness)


def kill_pushes(pave, output, address, count, environment, randomness, fault=None):
    """Kills of publishers to one address; every other one while the server reads slowly, where there is such a fault."""
    home = HOME / "killed"
    shutil.rmtree(home, ignore_errors=True)
    platform, cache = home / "one", home / "cache"
    small_platform(platform, "one", address)
    command = [str(pave), "publish", "--cache", str(cache), "--allow-host", "127.0.0.1"]
    variables = {**ENVIRONMENT, **environment}

    def tip():
        return git("rev-parse", "--verify", "refs/heads/main^{commit}", cwd=output)

    def publish():
        start = time.perf_counter()
        result = subprocess.run(command, cwd=platform, env=variables, capture_output=True, timeout=60)
        if result.returncode != 0:
            sys.exit(f"torture: publish failed: {result.stderr.decode()}")
        return time.perf_counter() - start

    def slow(is_slow):
        if fault and is_slow:
            fault.write_text("slow-request")
        elif fault:
            fault.unlink(missing_ok=True)

    set_number(platform, 0)
    publish()
    whole = []
    for is_slow in (False, True):
        set_number(platform, 1 + is_slow)
        slow(is_slow)
        whole.append(publish())
    extra = max(0, whole[1] - whole[0])
    old, moved = tip(), 0
    for number in range(3, count + 3):
        set_number(platform, number)
        slow(number % 2)
        process = subprocess.Popen(
            command, cwd=platform, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment(number, randomness) * whole[number % 2])
        process.send_signal(signal.SIGKILL)
        process.wait()
        slow(False)
        now = tip()
        if now != old and git("rev-parse", f"{now}^", cwd=output) != old:
            sys.exit(f"torture: after kill {number} the branch is at {now}, which does not follow {old}")
        sound(output, patience=10)
        took = publish()
        if now == old and not number % 2:
            whole = [took, took + extra]
        new = tip()
        # What the killed run had sent may arrive while the next one runs: then that one has nothing to do.
        if git("rev-parse", f"{new}^", cwd=output) != old:
            sys.exit(f"torture: after kill {number} the branch is at {new}, which does not follow {old}")
        copies = [folder for folder in cache.iterdir() if folder.suffix == ".git"]
        if len(copies) != 1 or list(cache.glob("*.gone")):
            sys.exit(f"torture: the cache holds {sorted(cache.iterdir())}")
        sound(copies[0])
        left = [name for name in (copies[0] / "objects" / "pack").iterdir() if name.name.startswith(("tmp_", "pack_git2"))]
        if left:
            sys.exit(f"torture: half a pack is left in the copy: {left}")
        moved += now != old
        old = new
    print(
        f"   {address.split(':')[0]}: {moved} had moved the branch, {count - moved} had not; server and copy were whole "
        "after each")
