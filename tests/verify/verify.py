#!/usr/bin/env python3
"""Checks bundles of a signed log, and fork files. Written from docs/LOG-FORMAT.md alone, with nothing but Python's
standard library and the program `openssl`.

    verify.py [--now SECONDS] [--key ORIGIN-OR-VKEY] [--witness VKEY]... [--quorum N] FILE...

Prints a line for each file, `FILE ok LEVEL SHOWN of SIZE`, of a fork file `FILE ok fork SIZE and SIZE`,
or `FILE R19 proof-root`; exits with 0 if all are ok, else with 1. The section numbers in comments are those of the specification.
"""

import argparse
import base64
import binascii
import datetime
import hashlib
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NAMES = """too-large not-text line-too-long version syntax number base64 truncated trailing end-hash
not-canonical too-many unknown-kind fields value index-order session proof-length proof-root leaves-root
shown-count owner-twice note origin key origin-key signature-missing signature signature-foreign
signature-twice epoch-order epoch-entry epoch-proof consistency epoch-unlisted epoch-after key-id-clash
earlier-order cosignature no-fork""".split()

MAX_LINE, MAX_VALUE, MAX_PART = 8448, 8192, 2 << 20
MAX_OWNERS, MAX_PROOF, MAX_SIGNATURES, MAX_EPOCHS, MAX_EARLIER = 4096, 63, 16, 65536, 64
MAX_BYTES = {"sparse": 64 << 20, "full": 4 << 30}
MAX_NUMBER = 2**63 - 1
ORIGIN = re.compile(r"portlog/log/[0-9a-f]{64}")
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\U000e0000-\U000e0fff]"
)
ABOUT = [
    "about A signed log of connections. A change to any entry below shows when this file is checked.",
    "about The sharer chose what is shown. It does not prove that the phone reported the truth,",
    "about what was sent, who is responsible, or that nobody provoked it.",
    "about To check it without trusting Portlog: docs/LOG-FORMAT.md. With it: portlog log verify FILE",
]
SMALL_ORDER = {
    "00" * 32,
    "01" + "00" * 31,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ec" + "ff" * 30 + "7f",
}

# Section 2.3.
OPENED = (
    "time moment after moment by moment connection number protocol word local endpoint remote endpoint "
    "state word direction word uid number owner index inode number program text names text ours word"
)
KINDS = {
    "started": "time moment version text provenance word platform word boot_id text procfs flag "
    "source word interval_ms number scope word packages_overridden flag case text operator text",
    "device": "time moment model text fingerprint text tags text security_patch text kernel text "
    "baseband text verified_boot text bootloader text selinux word adb flag version text "
    "apk_signer hex64",
    "stopped": "time moment polls number matches number possible number dropped number",
    "opened": OPENED,
    "changed": OPENED.replace("state word", "state word was word"),
    "closed": OPENED,
    "alert": "time moment level word reason word connection number protocol word local endpoint "
    "remote endpoint state word direction word uid number owner index program text names text "
    "ours word list text category word entry text line number list_date time list_sha256 hex64 "
    "hit word weakened words first_seen time last_seen time count number bytes number "
    "candidates numbers",
    "coverage": "time moment table word source word status word rows number bad_rows number detail text",
    "clock": "time moment before moment jump_ms signed",
    "heartbeat": "time moment awake_ms number suspended_ms number polls number watched_ms number "
    "denied_ms number connections number",
    "gap": "time moment from moment reason word cause word detail text",
    "drop": "time moment events number",
    "list": "time moment name text category word date time sha256 hex64 rules number bad_lines number",
    "packages": "time moment status word source word packages number uids number sha256 hex64",
    "mark": "time moment preset word text text",
    "practice": "time moment outcome word connection number remote endpoint detail text",
    "config": "time moment name text value text",
    "epoch": "time moment epoch number vkey vkey reason word",
    "witness": "time moment name text vkey vkey size number root hash cosignature cosig nonce text",
    "predecessor": "time moment origin origin size number root hash signature text known_by word "
    "reason word",
    "prune": "time moment below index rows number reason word",
}
FIELDS = {
    kind: list(zip(words.split()[::2], words.split()[1::2])) for kind, words in KINDS.items()
}
OBSERVATIONS = {"opened", "changed", "closed", "alert", "coverage", "heartbeat", "practice"}
LIVE = {"live", "helper", "adb"}


class Rejected(Exception):
    def __init__(self, name, detail=""):
        super().__init__(f"R{NAMES.index(name) + 1:02} {name}")
        self.detail = detail


def need(condition, name, detail=""):
    if not condition:
        raise Rejected(name, detail)


# Section 1.


def is_number(text):
    return re.fullmatch(r"0|[1-9][0-9]{0,18}", text, re.ASCII) and int(text) <= MAX_NUMBER


def number(text):
    need(is_number(text), "number", text)
    return int(text)


def unbase64(text, size=None):
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected("base64", text) from None
    need(base64.b64encode(data).decode() == text, "base64", text)
    need(size is None or len(data) == size, "base64", text)
    return data


def tob64(data):
    return base64.b64encode(data).decode()


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# Section 2.1.


def is_word(text):
    return re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", text) is not None


def is_text(text):
    if text in ("\\-", "\\0"):
        return True
    rest = text
    while "\\" in rest:
        rest = rest.split("\\", 1)[1]
        code = re.match(r"u\{([1-9a-f][0-9a-f]{0,4}|0)\}", rest)
        if rest.startswith("\\"):
            rest = rest[1:]
        elif code:
            if not FORBIDDEN.fullmatch(chr(int(code[1], 16))):
                return False
            rest = rest[code.end() :]
        elif rest.startswith("+"):
            return bool(is_number(rest[1:]))
        else:
            return False
    return True


def read_time(text):
    """Milliseconds since 1970, or None."""
    parts = re.fullmatch(
        r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})(Z|([+-])(\d\d):(\d\d))", text, re.ASCII
    )
    if not parts or text.endswith("-00:00"):
        return None
    numbers = [int(part) for part in parts.groups()[:7]]
    if numbers[0] < 1970 or (parts[9] and (int(parts[10]) > 23 or int(parts[11]) > 59)):
        return None
    try:
        local = datetime.datetime(*numbers[:6])
    except ValueError:
        return None
    minutes = 0
    if parts[9]:
        minutes = (int(parts[10]) * 60 + int(parts[11])) * (-1 if parts[9] == "-" else 1)
    since = local - datetime.datetime(1970, 1, 1)
    return (since.days * 86400 + since.seconds - minutes * 60) * 1000 + numbers[6]


def is_moment(text):
    wall, space, boot = text.partition(" ")
    return bool(space) and read_time(wall) is not None and (boot == "-" or bool(is_number(boot)))


def is_owner(text):
    parts = text.split(" ", 5)
    if len(parts) != 6:
        return False
    uid, kind, firmware, roles, packages, name = parts
    return bool(
        is_number(uid)
        and is_word(kind)
        and is_word(firmware)
        and (roles == "-" or all(is_word(role) for role in roles.split(",")))
        and (packages == "-" or are_packages(packages))
        and (name == "-" or (name and is_text(name)))
    )


def are_packages(text):
    head, plus, more = text.rpartition(",+")
    if plus:
        if not is_number(more) or more == "0":
            return False
        text = head
    return all(re.fullmatch(r"[A-Za-z0-9._-]{1,255}", name) for name in text.split(","))


def is_vkey(text):
    try:
        Key(text)
    except Rejected:
        return False
    return True


def is_base64_of(size):
    def check(text):
        try:
            unbase64(text, size)
        except Rejected:
            return False
        return True

    return check


def is_signed(text):
    return bool(is_number(text) or (text[:1] == "-" and text != "-0" and is_number(text[1:])))


TYPES = {
    "text": is_text,
    "word": is_word,
    "words": lambda text: all(is_word(word) for word in text.split(",")),
    "number": is_number,
    "index": is_number,
    "numbers": lambda text: all(is_number(one) for one in text.split(",")),
    "signed": is_signed,
    "flag": lambda text: text in ("yes", "no"),
    "time": lambda text: read_time(text) is not None,
    "moment": is_moment,
    "endpoint": lambda text: re.fullmatch(r"[0-9a-f.:\[\]]{1,64}", text),
    "hex64": lambda text: re.fullmatch(r"[0-9a-f]{64}", text),
    "origin": ORIGIN.fullmatch,
    "hash": is_base64_of(32),
    "vkey": is_vkey,
    "cosig": is_base64_of(76),
    "owner": is_owner,
}


def check_value(kind_of_value, text):
    if text == "-":
        return
    good = 1 <= len(text.encode()) <= MAX_VALUE and not FORBIDDEN.search(text)
    need(good and TYPES[kind_of_value](text), "value", text)


# Section 3.


def leaf_hash(leaf):
    return sha256(b"\0", leaf)


def node_hash(left, right):
    return sha256(b"\1", left, right)


def inclusion_root(leaf, index, size, proof):
    """RFC 9162 section 2.1.3.2; None where the length is wrong."""
    if index >= size:
        return None
    fn, sn, result = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            result = node_hash(sibling, result)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            result = node_hash(result, sibling)
        fn, sn = fn >> 1, sn >> 1
    return result if sn == 0 else None


def check_consistency(old, old_root, new, new_root, proof, name):
    """RFC 9162 section 2.1.4.2."""
    if old == new:
        need(not proof, "proof-length")
        return need(old_root == new_root, name)
    need(0 < old < new, "proof-length")
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    need(path, "proof-length")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for sibling in path[1:]:
        need(sn != 0, "proof-length")
        if fn & 1 or fn == sn:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, sibling)
        fn, sn = fn >> 1, sn >> 1
    need(sn == 0, "proof-length")
    return need(first == old_root and second == new_root, name)


class Frontier:
    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, leaf):
        index = self.size
        while index & 1:
            leaf = node_hash(self.peaks.pop(), leaf)
            index >>= 1
        self.peaks.append(leaf)
        self.size += 1

    def root(self):
        root = None
        for peak in reversed(self.peaks):
            root = peak if root is None else node_hash(peak, root)
        return root


# Section 5.


class Key:
    def __init__(self, text):
        parts = text.split("+", 2)
        need(len(parts) == 3, "key", text)
        self.name, key_id, data = parts
        self.text = text
        try:
            data = unbase64(data, 33)
        except Rejected:
            raise Rejected("key", text) from None
        need(is_name(self.name) and data[0] in (1, 4), "key", text)
        self.type, self.bytes = data[0], data[1:]
        y = bytearray(self.bytes)
        y[31] &= 0x7F
        need(int.from_bytes(y, "little") < 2**255 - 19, "key", text)
        need(y.hex() not in SMALL_ORDER, "key", text)
        self.id = sha256(self.name.encode(), b"\n", data)[:4]
        need(self.id.hex() == key_id, "key", text)


def is_name(text):
    return re.fullmatch(r"[\x21-\x2a\x2c-\x7e]{1,255}", text) is not None


VERIFIED = {}


def ed25519(key, message, signature):
    """Whether `signature` is by `key` over `message`, as openssl says."""
    known = (key.bytes, message, signature)
    if known not in VERIFIED:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            (path / "key").write_bytes(bytes.fromhex("302a300506032b6570032100") + key.bytes)
            (path / "message").write_bytes(message)
            (path / "signature").write_bytes(signature)
            done = subprocess.run(
                ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", path / "key"]
                + ["-rawin", "-in", path / "message", "-sigfile", path / "signature"],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            VERIFIED[known] = done.returncode == 0
    return VERIFIED[known]


class Note:
    def __init__(self, origin, size, root, lines):
        need(ORIGIN.fullmatch(origin), "note", origin)
        self.origin, self.size = origin, number(size)
        need(self.size > 0, "note", "size 0")
        self.root = unbase64(root, 32)
        self.body = f"{origin}\n{size}\n{root}\n"
        need(lines, "signature-missing")
        need(len(lines) <= MAX_SIGNATURES, "too-many", "signatures")
        self.signatures = []
        for line in lines:
            parts = line.split(" ", 2)
            need(len(parts) == 3 and parts[0] == "\u2014", "syntax", line)
            need(is_name(parts[1]), "note", line)
            data = unbase64(parts[2])
            need(len(data) > 4, "base64", line)
            self.signatures.append((parts[1], data[:4], data[4:]))
        self.text = self.body + "\n" + "".join(line + "\n" for line in lines)
        names = [signature[:2] for signature in self.signatures]
        need(len(set(names)) == len(names), "signature-twice")
        own = [name == origin for name, _ in names]
        need(own == sorted(own, reverse=True), "signature-twice")

    def check(self, keys):
        own = [(key_id, data) for name, key_id, data in self.signatures if name == self.origin]
        ids = [key.id for key in keys]
        need(all(key_id in ids for key_id, _ in own), "signature-foreign")
        for key in keys:
            found = [data for key_id, data in own if key_id == key.id]
            need(found, "signature-missing")
            good = len(found[0]) == 64 and ed25519(key, self.body.encode(), found[0])
            need(good, "signature")
        need([key_id for key_id, _ in own] == ids, "signature-twice")

    def cosigned(self, witness, now):
        for name, key_id, data in self.signatures:
            if name == witness.name and key_id == witness.id:
                need(witness.type == 4 and len(data) == 72, "cosignature")
                seconds = int.from_bytes(data[:8], "big")
                need(0 < seconds <= min(MAX_NUMBER, now + 86400), "cosignature")
                message = f"cosignature/v1\ntime {seconds}\n{self.body}".encode()
                need(ed25519(witness, message, data[8:]), "cosignature")
                return seconds
        return None


# Section 6.


class Lines:
    """The file line by line, one read ahead."""

    def __init__(self, file):
        self.file = file
        self.read = 0
        self.most = MAX_BYTES["full"]
        self.digest = hashlib.sha256()
        self.part = 0
        self.ahead = self.next()

    def next(self):
        raw = self.file.readline(MAX_LINE + 2)
        self.read += len(raw)
        need(self.read <= self.most, "too-large")
        if not raw:
            return None
        if not raw.endswith(b"\n"):
            need(len(raw) <= MAX_LINE, "line-too-long")
            raise Rejected("truncated")
        need(len(raw) <= MAX_LINE + 1, "line-too-long")
        try:
            line = raw[:-1].decode()
        except UnicodeDecodeError:
            raise Rejected("not-text") from None
        need(not FORBIDDEN.search(line), "not-text")
        return line

    def take(self):
        need(self.ahead is not None, "truncated")
        line = self.ahead
        self.part += len(line.encode()) + 1
        need(self.part <= MAX_PART, "too-many", "bytes of a part")
        self.digest.update(line.encode() + b"\n")
        self.ahead = self.next()
        return line

    def expect(self, wanted, name="syntax"):
        need(self.take() == wanted, name, wanted)

    def after(self, word):
        line = self.take()
        need(line.startswith(word + " "), "syntax", word)
        return line[len(word) + 1 :]


class Entry:
    """An entry's block, from behind its first line."""

    def __init__(self, lines, index):
        self.index = index
        self.kind = lines.after("kind")
        need(self.kind in FIELDS, "unknown-kind", self.kind)
        session = lines.after("session")
        self.session = None if session == "-" else number(session)
        self.values, self.leaf = {}, []
        fields = FIELDS[self.kind]
        count = 0
        uids = set()
        while lines.ahead and not lines.ahead.startswith("proof "):
            if count < len(fields):
                name, kind_of_value = fields[count]
            else:
                owner = count - len(fields) + 1
                need(self.kind == "packages" and owner <= MAX_OWNERS, "fields")
                name, kind_of_value = f"owner.{owner}", "owner"
            line = lines.take()
            found, space, rest = line.partition(" ")
            need(space, "syntax", line)
            need(found == name, "fields", line)
            if rest.startswith("= "):
                salt, space, value = rest[2:].partition(" ")
                need(space, "syntax", line)
                unbase64(salt, 16)
                check_value(kind_of_value, value)
                self.values[name] = value
                commitment = tob64(sha256(f"{name}\n{salt}\n{value}".encode()))
                if kind_of_value == "owner" and value != "-":
                    uid = value.split(" ")[0]
                    need(uid not in uids, "owner-twice", uid)
                    uids.add(uid)
            elif rest.startswith("# "):
                commitment = rest[2:]
                unbase64(commitment, 32)
            else:
                raise Rejected("syntax", line)
            self.leaf.append(f"{name} {commitment}\n")
            count += 1
        need(count >= len(fields), "fields")
        if self.kind == "started":
            need(self.session == index, "session")
        else:
            need(self.session is None or self.session < index, "session")

    def hash(self, origin):
        session = "-" if self.session is None else self.session
        head = f"{origin}/entry/v1\nindex {self.index}\nkind {self.kind}\nsession {session}\n"
        return leaf_hash((head + "".join(self.leaf)).encode())


def read_hashes(lines, word):
    count = number(lines.after(word))
    need(count <= MAX_PROOF, "too-many", word)
    return [unbase64(lines.take(), 32) for _ in range(count)]


def read_note(lines, until):
    origin, size, root = lines.take(), lines.take(), lines.take()
    need(ORIGIN.fullmatch(origin), "note", origin)
    number(size)
    need(size != "0", "note")
    unbase64(root, 32)
    need(lines.take() == "", "note")
    signatures = []
    while lines.ahead is not None and not until(lines.ahead):
        need(len(signatures) < MAX_SIGNATURES, "too-many", "signatures")
        signatures.append(lines.take())
    return Note(origin, size, root, signatures)


class Check:
    def __init__(self, file, now, pinned=None, witnesses=(), quorum=1):
        self.lines = Lines(file)
        self.now, self.pinned, self.witnesses, self.quorum = now, pinned, witnesses, quorum
        self.seen = set()
        self.keys, self.boundaries, self.epoch_leaves = [], [], {}
        self.first_entry, self.epoch_entries = None, []

    def run(self):
        lines = self.lines
        self.header()
        self.entries()
        need(lines.take() == "checkpoint", "syntax")
        self.note = read_note(lines, lambda line: line == "")
        self.checkpoint()
        self.epochs()
        self.end()
        level = "L0"
        if self.pinned is not None:
            need(self.pinned == self.origin, "origin")
            level = "L1"
        if self.quorum > 0 and len(self.seen) >= self.quorum:
            level = "L3"
        live = "" if not self.not_live else " not-live"
        return f"ok {level} {self.shown} of {self.size}{live}"

    def new_part(self):
        self.lines.part = 0
        self.before = None
        need(self.lines.ahead is not None, "truncated")
        self.lines.expect("")
        self.before = self.lines.digest.hexdigest()

    def header(self):
        lines = self.lines
        lines.expect("portlog/bundle@v1", "version")
        for about in ABOUT:
            lines.expect(about)
        self.origin = lines.after("origin")
        need(ORIGIN.fullmatch(self.origin), "syntax")
        self.mode = lines.after("mode")
        need(self.mode in MAX_BYTES, "syntax")
        shown, of, size = lines.after("shown").partition(" of ")
        need(of, "syntax")
        self.stated, self.size = number(shown), number(size)
        need(0 < self.size and self.stated <= self.size, "shown-count")
        lines.most = MAX_BYTES[self.mode]
        need(lines.read <= lines.most, "too-large")

    def entries(self):
        lines = self.lines
        self.shown, self.not_live = 0, 0
        self.root, frontier = None, Frontier()
        next_index, last_session, start = 0, None, None
        while True:
            self.new_part()
            if lines.ahead == "checkpoint":
                break
            word, _, rest = lines.take().partition(" ")
            if word == "leaf" and self.mode == "full":
                index, space, leaf = rest.partition(" ")
                need(space, "syntax")
                index, leaf, entry = number(index), unbase64(leaf, 32), None
            else:
                need(word == "entry", "syntax", word)
                index = number(rest)
                entry = Entry(lines, index)
            proof = read_hashes(lines, "proof") if self.mode == "sparse" else None
            in_order = index >= next_index if self.mode == "sparse" else index == next_index
            need(in_order and index < self.size, "index-order")
            next_index = index + 1
            if entry:
                self.shown += 1
                session = -1 if entry.session is None else entry.session
                need(last_session is None or session >= last_session, "session")
                last_session = session
                leaf = entry.hash(self.origin)
                if entry.kind == "started":
                    start = (index, entry.values.get("provenance", "-"))
                    self.not_live += start[1] not in LIVE
                if entry.kind in OBSERVATIONS:
                    self.not_live += not (start and start[0] == session and start[1] in LIVE)
                if index == 0:
                    need(entry.kind == "epoch", "epoch-unlisted")
                    self.first_entry = entry
                elif entry.kind == "epoch":
                    need(len(self.epoch_entries) < MAX_EPOCHS, "too-many")
                    self.epoch_entries.append((index, leaf))
            if proof is None:
                frontier.push(leaf)
            else:
                root = inclusion_root(leaf, index, self.size, proof)
                need(root, "proof-length")
                need(self.root in (None, root), "proof-root")
                self.root = root
        if self.mode == "full":
            self.full_root, self.full_size = frontier.root(), frontier.size

    def checkpoint(self):
        note = self.note
        need(note.origin == self.origin, "origin")
        need(note.size == self.size and self.shown == self.stated, "shown-count")
        if self.mode == "full":
            need(self.full_size == self.size, "index-order")
            need(self.full_root == note.root, "leaves-root")
        else:
            need(self.root in (None, note.root), "proof-root")

    def signers(self, size):
        """Section 4: the keys that must have signed the checkpoint of this size."""
        owner = sum(boundary < size for boundary, _ in self.boundaries)
        signers = [self.keys[owner]]
        if owner < len(self.boundaries) and self.boundaries[owner][0] == size:
            signers.append(self.keys[owner + 1])
        return signers

    def witnessed(self, note):
        for witness in self.witnesses:
            if note.cosigned(witness, self.now) is not None:
                self.seen.add(witness.name)

    def epochs(self):
        lines = self.lines
        key = self.first_epoch()
        if self.first_entry:
            says = self.first_entry.values
            need(says.get("epoch", "0") in ("0",), "epoch-unlisted")
            need(says.get("vkey", key.text) == key.text, "epoch-unlisted")
        pending = self.further_epochs()
        if pending:
            size, root, proof = pending
            check_consistency(size, root, self.size, self.note.root, proof, "consistency")
        self.note.check(self.signers(self.size))
        for index, leaf in self.epoch_entries:
            need(self.epoch_leaves.get(index) == leaf, "epoch-unlisted")
        self.witnessed(self.note)
        self.earlier()

    def first_epoch(self):
        self.new_part()
        word, _, rest = self.lines.take().partition(" ")
        need(word == "epoch", "syntax")
        need(rest == "0", "epoch-order")
        key = Key(self.lines.after("vkey"))
        need(key.name == self.origin, "origin")
        digest = sha256(b"portlog/log/v1\n\x01", key.bytes).hex()
        need(self.origin == "portlog/log/" + digest, "origin-key")
        self.keys.append(key)
        return key

    def further_epochs(self):
        """Up to the empty line behind the last; what its consistency has to lead to what comes next."""
        pending = None
        while True:
            self.new_part()
            need(self.lines.ahead is not None, "truncated")
            if not self.lines.ahead.startswith("epoch "):
                return pending
            pending = self.epoch(pending)

    def epoch(self, pending):
        lines = self.lines
        stated = number(lines.take()[6:])
        need(len(self.keys) < MAX_EPOCHS, "too-many")
        need(stated == len(self.keys), "epoch-order")
        key = Key(lines.after("vkey"))
        lines.expect("")
        entry = Entry(lines, number(lines.after("entry")))
        proof = read_hashes(lines, "proof")
        lines.expect("")
        lines.expect("boundary")
        note = read_note(lines, lambda line: line.startswith("consistency "))
        consistency = read_hashes(lines, "consistency")
        last = note.size - 1
        says = entry.values
        need(
            entry.kind == "epoch"
            and entry.index == last
            and last > 0
            and says.get("epoch") == str(stated)
            and says.get("vkey") == key.text,
            "epoch-entry",
        )
        need(note.size <= self.size, "epoch-after")
        leaf = entry.hash(self.origin)
        root = inclusion_root(leaf, last, note.size, proof)
        need(root, "proof-length")
        need(root == note.root, "epoch-proof")
        need(key.name == self.origin and note.origin == self.origin, "origin")
        need(not self.boundaries or note.size > self.boundaries[-1][0], "epoch-order")
        need(key.id != self.keys[-1].id, "key-id-clash")
        note.check([self.keys[-1], key])
        if pending:
            check_consistency(pending[0], pending[1], note.size, note.root, pending[2], "consistency")
        self.keys.append(key)
        self.boundaries.append((note.size, note.root))
        self.epoch_leaves[last] = leaf
        self.witnessed(note)
        return note.size, note.root, consistency

    def earlier(self):
        lines = self.lines
        last, count = 0, 0
        while lines.ahead == "earlier":
            lines.take()
            count += 1
            need(count <= MAX_EARLIER, "too-many")
            note = read_note(lines, lambda line: line.startswith("consistency "))
            proof = read_hashes(lines, "consistency")
            need(note.origin == self.origin, "origin")
            need(last < note.size < self.size, "earlier-order")
            last = note.size
            check_consistency(note.size, note.root, self.size, self.note.root, proof, "consistency")
            note.check(self.signers(note.size))
            self.witnessed(note)
            self.new_part()

    def end(self):
        stated = re.fullmatch(r"end ([0-9a-f]{64})", self.lines.take())
        need(stated, "syntax")
        need(self.lines.ahead is None, "trailing")
        need(stated[1] == self.before, "end-hash")


class ForkCheck(Check):
    """Section 6.2."""

    def run(self):
        lines = self.lines
        lines.expect("portlog/fork@v1", "version")
        lines.most = MAX_BYTES["sparse"]
        self.size = MAX_NUMBER
        notes = []
        self.new_part()
        for _ in range(2):
            lines.expect("side")
            note = read_note(lines, lambda line: line == "")
            if notes:
                need(note.origin == notes[0].origin, "origin")
                need(notes[0].size <= note.size, "earlier-order")
            notes.append(note)
            self.origin, self.keys, self.boundaries = note.origin, [], []
            self.first_epoch()
            pending = self.further_epochs()
            need(not pending or not pending[2], "proof-length")
            self.signed_by_one(note)
            self.witnessed(note)
        one, other = notes
        there = other.root
        if lines.ahead.startswith("prefix "):
            there = unbase64(lines.after("prefix"), 32)
            proof = read_hashes(lines, "consistency")
            self.new_part()
            need(one.size != other.size, "syntax")
            check_consistency(one.size, there, other.size, other.root, proof, "consistency")
        else:
            need(one.size == other.size, "syntax")
        self.end()
        need(there != one.root, "no-fork")
        if self.pinned is not None:
            need(self.pinned == self.origin, "origin")
        return f"ok fork {one.size} and {other.size}"

    def signed_by_one(self, note):
        """By the keys of its size, or, as epochs of a fork may end elsewhere, by any one of the side's."""
        try:
            return note.check(self.signers(note.size))
        except Rejected as rejected:
            for key in self.keys:
                try:
                    return note.check([key])
                except Rejected:
                    pass
            raise rejected


def check_of(file):
    """What the first line asks for."""
    begin = file.read(16)
    file.seek(0)
    return ForkCheck if begin == b"portlog/fork@v1\n" or begin == b"portlog/fork@v1" else Check


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--now", type=int, default=int(time.time()))
    parser.add_argument("--key")
    parser.add_argument("--witness", action="append", default=[])
    parser.add_argument("--quorum", type=int, default=1)
    parser.add_argument("files", nargs="+", metavar="FILE")
    args = parser.parse_args()
    pinned = args.key
    if pinned and "+" in pinned:
        key = Key(pinned)
        pinned = "portlog/log/" + sha256(b"portlog/log/v1\n\x01", key.bytes).hex()
    witnesses = [Key(text) for text in args.witness]
    bad = 0
    for name in args.files:
        with open(name, "rb") as file:
            try:
                check = check_of(file)(file, args.now, pinned, witnesses, args.quorum)
                print(name, check.run())
            except Rejected as rejected:
                bad += 1
                print(name, rejected)
                if rejected.detail:
                    print(f"  {rejected.detail!r}", file=sys.stderr)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
