#!/usr/bin/env python3
"""Signs a catalog for `slm catalog update`, with Ed25519 through the program `openssl` (3.0 or newer).

    openssl genpkey -algorithm ed25519 -out private.pem          makes a key; nobody else may ever see it
    openssl pkey -in private.pem -pubout -out catalog-key.pem    its public half, for `--key` or for the program

    Scripts/sign-catalog.py sign private.pem catalog.json catalog.signed [--days 180] [--after OLD.signed] [--program 0.2.0]
    Scripts/sign-catalog.py hand-over private.pem OLD.signed NEW.signed NEW-KEY.pem…
    Scripts/sign-catalog.py show catalog.signed

`sign` takes the number of the catalog from its `revision`, which has to be larger than any that was published. With
`--after` it carries on the changes of keys that an earlier signed catalog holds. `hand-over` adds one: from then on the
named keys sign and no others; sign the next catalog with one of them and with `--after NEW.signed`.
"""
import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

FORMAT = "slm-catalog-1"
KEYS = "slm-catalog-keys-1"


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True)
    if done.returncode:
        sys.exit(f"openssl {arguments[0]}: {done.stderr.decode().strip()}")
    return done.stdout


def public_key(path, *, private=False):
    """The 32 bytes in Base64."""
    options = ["-in", str(path), "-pubout", "-outform", "DER"] + ([] if private else ["-pubin"])
    der = openssl("pkey", *options)
    if len(der) != 44:
        sys.exit(f"{path}: not a key of Ed25519")
    return base64.b64encode(der[12:]).decode()


def signed(private, purpose, statement):
    text = json.dumps(statement, separators=(",", ":"))
    with tempfile.NamedTemporaryFile() as message:
        message.write(f"{purpose}\n{text}".encode())
        message.flush()
        signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(private), "-in", message.name)
    signature = {"key": public_key(private, private=True), "signature": base64.b64encode(signature).decode()}
    return {"statement": text, "signatures": [signature]}


def parts(path):
    head, _, content = path.read_bytes().partition(b"\n")
    return json.loads(head), content


def write(path, head, content):
    path.write_bytes(json.dumps(head, separators=(",", ":")).encode() + b"\n" + content)


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def sign(options):
    content = options.catalog.read_bytes()
    before = parts(options.after)[0] if options.after else {}
    version = json.loads(content)["revision"]
    if before and json.loads(before["catalog"]["statement"])["version"] >= version:
        sys.exit(f"{options.catalog}: raise its `revision`, version {version} was published")
    now = datetime.now(timezone.utc)
    statement = {
        "version": version, "signed": stamp(now), "expires": stamp(now + timedelta(days=options.days)),
        "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest(),
    }
    if options.program:
        statement["program"] = options.program
    head = {"format": FORMAT, "catalog": signed(options.key, FORMAT, statement)}
    if before.get("handovers"):
        head["handovers"] = before["handovers"]
    write(options.signed, head, content)


def hand_over(options):
    head, content = parts(options.old)
    handovers = head.get("handovers", [])
    statement = {"generation": len(handovers) + 2, "keys": [public_key(path) for path in options.keys]}
    head["handovers"] = [*handovers, signed(options.key, KEYS, statement)]
    write(options.new, head, content)


def show(options):
    head, content = parts(options.signed)
    print(head["catalog"]["statement"])
    for each in head["catalog"]["signatures"]:
        print(f"signed by {each['key']}")
    for each in head.get("handovers", []):
        print(f"keys: {each['statement']}")
    statement = json.loads(head["catalog"]["statement"])
    if (len(content), hashlib.sha256(content).hexdigest()) != (statement["bytes"], statement["sha256"]):
        sys.exit("what follows is not what was signed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)

    def command(name, action, *paths):
        it = commands.add_parser(name)
        it.set_defaults(action=action)
        for path in paths:
            it.add_argument(path, type=Path)
        return it

    signing = command("sign", sign, "key", "catalog", "signed")
    signing.add_argument("--days", type=int, default=180)
    signing.add_argument("--after", type=Path)
    signing.add_argument("--program", help="the newest version of slm, which `slm catalog update` tells")
    command("hand-over", hand_over, "key", "old", "new").add_argument("keys", type=Path, nargs="+")
    command("show", show, "signed")
    options = parser.parse_args()
    options.action(options)


if __name__ == "__main__":
    main()
