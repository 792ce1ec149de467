#!/usr/bin/env python3
"""Checks what a sparse bundle shows: docs/LOG-FORMAT.md, section 6.1, says what that leaves out. short.py FILE"""
import base64, hashlib, pathlib, subprocess, sys, tempfile

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()
def entry(origin, lines):  # index, leaf hash, proof, the key that it discloses
    at = next(i for i, line in enumerate(lines) if line.startswith("proof "))
    leaf, vkey = f"{origin}/entry/v1\nindex {lines[0][6:]}\n{lines[1]}\n{lines[2]}\n", None
    for name, sign, rest in (line.split(" ", 2) for line in lines[3:at]):
        if sign == "=":
            (salt, value), vkey = rest.split(" ", 1), rest.split(" ", 1)[1] if name == "vkey" else vkey
            rest = base64.b64encode(sha(f"{name}\n{salt}\n{value}".encode())).decode()
        leaf += f"{name} {rest}\n"
    return int(lines[0][6:]), sha(b"\0", leaf.encode()), map(base64.b64decode, lines[at + 1:]), vkey
def check_inclusion(index, leaf, proof, state):  # RFC 9162 section 2.1.3.2
    fn, sn = index, int(state[2]) - 1
    for sibling in proof:
        left = fn & 1 or fn == sn
        leaf = sha(b"\1", sibling, leaf) if left else sha(b"\1", leaf, sibling)
        while left and fn and not fn & 1:
            fn, sn = fn >> 1, sn >> 1
        fn, sn = fn >> 1, sn >> 1
    assert index < int(state[2]) and sn == 0 and leaf == base64.b64decode(state[3]), f"entry {index}"
def check_signature(state, signatures, vkey, folder):
    name, key = vkey.split("+", 2)[0], base64.b64decode(vkey.split("+", 2)[2])
    own = [base64.b64decode(line[len(name) + 3:]) for line in signatures if line.startswith(f"\u2014 {name} ")]
    (folder / "sig").write_bytes(next(it[4:] for it in own if it[:4] == sha(name.encode(), b"\n", key)[:4]))
    (folder / "key").write_bytes(bytes.fromhex("302a300506032b6570032100") + key[1:])
    (folder / "body").write_text("\n".join(state[1:4]) + "\n", "utf-8")
    command = "openssl pkeyutl -verify -pubin -keyform DER -inkey key -rawin -in body -sigfile sig"
    subprocess.run(command.split(), cwd=folder, check=True, stdout=subprocess.DEVNULL)
def check(text, folder):
    blocks = [block.split("\n") for block in text.split("\n\n")]
    origin, at = blocks[0][5][7:], blocks.index(next(it for it in blocks if it[0] == "checkpoint"))
    assert blocks[0][0] == "portlog/bundle@v1" and blocks[0][6] == "mode sparse" and blocks[at][1] == origin
    shown = [entry(origin, block) for block in blocks[1:at]]
    keys = [block[1][5:] for block in blocks[at:] if block[0].startswith("epoch ")]
    of_first = sha(b"portlog/log/v1\n", base64.b64decode(keys[0].split("+", 2)[2])).hex()
    assert origin == f"portlog/log/{of_first}" == keys[0].split("+")[0], "the first key is another log's"
    for number, key in enumerate(keys[1:], 1):  # every later key: in an entry, under both signatures
        here = next(i for i, block in enumerate(blocks) if i > at and block[0] == f"epoch {number}")
        *found, vkey = entry(origin, blocks[here + 1])
        assert vkey == key and found[0] == int(blocks[here + 2][2]) - 1, f"epoch {number}"
        check_inclusion(*found, blocks[here + 2])
        for signer in keys[number - 1:number + 1]:
            check_signature(blocks[here + 2], blocks[here + 3], signer, folder)
    check_signature(blocks[at], blocks[at + 1], keys[-1], folder)
    for *found, _ in shown:
        check_inclusion(*found, blocks[at])
    return f"ok {len(shown)} of {blocks[at][2]}"

with tempfile.TemporaryDirectory() as place:
    print(check(pathlib.Path(sys.argv[1]).read_bytes().decode(), pathlib.Path(place)))
