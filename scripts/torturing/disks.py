"""Disks that are full, and that cannot be written: publishing is refused and loses nothing."""
import os
import shutil
import subprocess
import sys

from . import HOME, ROOT, Server, git, run, set_number, small_platform, sound


def use_up_disks(pave):
    """Publishing to a disk that is full or cannot be written, in a namespace of mounts of its own."""
    print("== disks that are full, and that cannot be written")
    unshare = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
        print("   left out: this user may not mount")
        return
    result = subprocess.run([*unshare, sys.executable, ROOT / "scripts" / "torture", str(pave), "--only", "mounted-disks"])
    if result.returncode != 0:
        sys.exit(result.returncode)


def publish_to_mounted_disks(pave):
    home = HOME / "disks"
    shutil.rmtree(home, ignore_errors=True)
    disk, served = home / "disk", home / "served"
    disk.mkdir(parents=True)
    served.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "pave-torture", str(disk)], check=True)
    try:
        with Server("git-server", served) as (port,):
            http = f"http://127.0.0.1:{port}"
            os.symlink(disk / "server.git", served / "server.git")
            git("init", "-q", "--bare", "-b", "main", "--template=", served / "copied.git", cwd=home)
            # Git needs more room than Pave, so that the steps are larger for the server.
            for title, address, output, cache, step in (
                    ("output", disk / "path.git", disk / "path.git", home / "cache", 1),
                    ("copy", f"{http}/copied.git", served / "copied.git", disk / "cache", 1),
                    ("server", f"{http}/server.git", disk / "server.git", home / "cache", 4)):
                publish_to_disk(pave, title, disk, home / title, address, output, cache, step)
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def publish_to_disk(pave, title, disk, folder, address, output, cache, step):
    """One platform whose output, its copy, or its server is on a disk that is filled up to some pages, then made read-only."""
    for name in list(disk.iterdir()):
        shutil.rmtree(name)
    if not output.exists():
        git("init", "-q", "--bare", "-b", "main", "--template=", output, cwd=disk)
    small_platform(folder, title, address)
    refused = 0

    def publish():
        return run([pave, "publish", "--cache", cache, "--allow-host", "127.0.0.1", "--timeout", "20"], folder, 60)

    def tip():
        return git("rev-parse", "--verify", "refs/heads/main^{commit}", cwd=output)

    def expect_refusal(result, words, what):
        text = result.stderr.decode() if result else ""
        if result is None or result.returncode != 2 or not any(word in text for word in words):
            sys.exit(f"torture: {title}, {what}: {result and result.returncode} {text}")

    set_number(folder, 0)
    result = publish()
    if result is None or result.returncode != 0:
        sys.exit(f"torture: {title}: {result and result.stderr.decode()}")
    old = tip()
    filler = disk / "filler"
    for pages in range(0, 10 * step, step):
        set_number(folder, 1 + pages)
        room = os.statvfs(disk)
        filler.write_bytes(b"x" * max(0, room.f_bavail * room.f_bsize - pages * 4096))
        result = publish()
        now = tip()
        if result is None or result.returncode != 0:
            expect_refusal(result, ["No space left", "no space", "unpack", "failed"], f"{pages} pages are left")
            # The server may have moved it when there was no room for the reference in the copy.
            if now != old and title != "copy":
                sys.exit(f"torture: {title}: refused, and the branch moved")
            refused += 1
        filler.unlink()
        sound(output)
        half = [name for name in disk.rglob("tmp_*") if name.is_file()]
        if half and title == "output":
            sys.exit(f"torture: {title}: {half} are left")
        result = publish()
        if result is None or result.returncode != 0:
            sys.exit(f"torture: {title}: with room again: {result and result.stderr.decode()}")
        now = tip()
        if git("rev-parse", f"{now}^", cwd=output) != old:
            sys.exit(f"torture: {title}: {now} does not follow {old}")
        sound(output)
        old = now
    if not refused:
        sys.exit(f"torture: {title}: the disk was never full")

    set_number(folder, 100)
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    result = publish()
    lint = run([pave, "lint", "--cache", cache], folder, 60)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    expect_refusal(result, ["Read-only file system", "unpack", "failed"], "read-only")
    # Reading what is published needs no writing.
    if tip() != old or lint is None or b"held against: what" not in lint.stderr:
        sys.exit(f"torture: {title}, read-only: {lint and lint.stderr.decode()}")
    result = publish()
    if result is None or result.returncode != 0 or tip() == old:
        sys.exit(f"torture: {title}: writable again: {result and result.stderr.decode()}")
    sound(output)
    print(f"   {title}: refused {refused} of 10 times for want of room, once for a read-only disk; nothing was lost")
