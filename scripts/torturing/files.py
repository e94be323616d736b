"""Broken files: whatever stands in them, Pave ends with an exit code, in time."""
import random
import shutil
import sys

from . import HOME, ROOT, run

PIECES = [
    b"\t", b"\xff", b"\x00", b": ", b"- ", b"*a", b"&a ", b"{", b"}", b"[", b"${", b"}}", b'"', b"'", b"|\n", b"<<: ",
    b"---\n", b"!!binary ", b"9223372036854775807", b"-9223372036854775808", b"1e999", b"\n" * 3, b"${1/0}",
    b"${[1,2][5]}", b"${schema.spec}", b"a" * 300, b"../../x", b"null", b"~", b"yes", b"\xf0\x9f\x9a\x80", b"? ",
]


def broken(data, randomness):
    """The bytes with one to three things done to them."""
    for _ in range(randomness.randint(1, 3)):
        at = randomness.randrange(len(data) + 1)
        upto = min(len(data), at + randomness.randint(1, 40))
        lines = data.split(b"\n")
        what = randomness.randrange(6)
        if what == 0:
            data = data[:at] + data[upto:]
        elif what == 1:
            data = data[:at] + randomness.choice(PIECES) + data[at:]
        elif what == 2:
            data = data[:at] + randomness.choice(PIECES) + data[upto:]
        elif what == 3:
            data = data[:at] + data[at:upto] * 2 + data[upto:]
        elif what == 4:
            del lines[randomness.randrange(len(lines))]
            data = b"\n".join(lines)
        else:
            line = randomness.randrange(len(lines))
            lines.insert(randomness.randrange(len(lines) + 1), lines[line])
            data = b"\n".join(lines)
    return data


def break_files(pave, count, randomness):
    """Every broken platform must end with an exit code of 0, 1 or 2, in time."""
    print(f"== {count} broken platforms")
    endings = {}
    for number in range(count):
        folder = HOME / "broken"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "fixtures" / "acme", folder)
        files = sorted(folder.rglob("*.yaml"))
        victim = randomness.choice(files)
        victim.write_bytes(broken(victim.read_bytes(), randomness))
        command = randomness.choice(["render", "lint", "lint"])
        result = run([pave, command], folder)
        if result is None or result.returncode not in (0, 1, 2):
            kept = HOME / f"failed-{number}"
            shutil.rmtree(kept, ignore_errors=True)
            shutil.move(folder, kept)
            ending = "took over 30 s" if result is None else f"ended with {result.returncode}"
            sys.exit(f"torture: '{pave} {command}' in {kept} {ending}; broken: {victim.relative_to(folder)}")
        endings[result.returncode] = endings.get(result.returncode, 0) + 1
    print("   " + ", ".join(f"exit {code}: {times}" for code, times in sorted(endings.items())))
