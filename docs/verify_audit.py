#!/usr/bin/env python3
"""Verifies the audit log of a keyrite workspace, without keyrite.

    verify_audit.py WORKSPACE [--from-checkpoint FILE] [--expect-head SHA256]

Prints each problem as VERDICT: FILE:LINE: WHY and ends with the exit code of
the gravest one, as `keyrite audit verify` does (reference/audit-log.md).
Signatures are not checked; gpg --verify SIGNATURE CHECKPOINT does that.
"""
import argparse, hashlib, json, os, re, stat, sys

CODES = {"forked": 12, "broken": 10, "truncated": 11, "unreadable": 20, "torn tail": 14, "time goes backwards": 15}
WRITER, RUN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}-[0-9a-f]{8}", r"\d{8}T\d{6}Z-[A-Za-z0-9]{8}"
HASH, FIRST, MAX_LINE = r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, 65536
FIELDS = {"actor", "at", "body", "heads", "prev", "seq", "type", "v", "writer"}


def fits(pattern, value):
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII)


def number(value, low=1, high=2**53):
    return type(value) is int and low <= value < high


def plain(value, depth=16):
    if isinstance(value, (dict, list)):
        inner = value.values() if isinstance(value, dict) else value
        return depth > 0 and all(map(str.isascii, value if inner is not value else ())) and all(plain(v, depth - 1) for v in inner)
    return value is None or isinstance(value, (bool, str)) or number(value, 1 - 2**53)


def place(value, *more):
    return isinstance(value, dict) and {"hash", "seq", *more} == set(value) and fits(HASH, value["hash"]) and number(value["seq"])


def well_formed(e, writer):
    body, run, heads = e.get("body"), e.get("run"), e.get("heads")
    return (set(e) - {"run"} == FIELDS and number(e["v"], 1, 2) and e["writer"] == writer and number(e["seq"])
            and number(e["at"], 0, 253402300800) and isinstance(e["actor"], str) and e["actor"] and isinstance(body, dict)
            and fits("[a-z][a-z0-9-]{0,63}", e["type"]) and fits(HASH, e["prev"]) and isinstance(heads, dict)
            and all(fits(WRITER, other) and other != writer and place(head) for other, head in heads.items())
            and ("run" not in e or place(run, "id") and fits(RUN, run["id"]))
            and (e["type"] != "began" or set(body) == {"log", "policy", "roster"} and fits("[0-9a-f]{32}", body["log"])
                 and fits(HASH, body["policy"]) and fits(HASH, body["roster"])))


def digest(raw, kind=b""):
    return "sha256:" + hashlib.sha256(kind + raw).hexdigest()


def parsed(line):
    """What a line says, or None where it is no whole line of canonical JSON; and its hash."""
    try:
        text = line[:-1].decode()
        e = json.loads(text)
        spelled = json.dumps(e, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        if spelled == text and plain(e) and isinstance(e, dict):
            return e, digest(line[:-1], b"keyrite.audit/1\0")
    except (ValueError, TypeError, RecursionError):
        pass
    return None, None


def plain_file(path):
    if os.path.islink(path) or not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError("a link, or no file")
    return open(path, "rb")


def lines_of(path, bound=MAX_LINE):
    """Each line with its line feed; None for one that is too long or has none."""
    with plain_file(path) as file:
        while line := file.readline(bound + 1):
            is_whole = rest = line.endswith(b"\n")
            while not rest and (more := file.readline(bound)):
                rest = more.endswith(b"\n")
            yield line if is_whole else None


def kept_by(line):
    """The digests of what a line of a journal says was kept."""
    e = parsed(line)[0] if b"effect-completed" in line else None
    body = e.get("body") if e and e.get("type") == "effect-completed" else None
    receipt = body.get("receipt") if isinstance(body, dict) else None
    found = [receipt.get(name) for name in ("certificate", "revocation")] if isinstance(receipt, dict) else []
    return [one for one in found if fits(HASH, one)]


def names(folder):
    if os.path.lexists(folder) and (os.path.islink(folder) or not os.path.isdir(folder)):
        raise OSError("a link, or no folder")
    found = sorted(os.listdir(folder)) if os.path.lexists(folder) else []
    return [name for name in found if not (name.startswith(".") and name.endswith(".new"))]


class Log:
    def __init__(self, root):
        self.root, self.problems, self.chains, self.torn, self.journals, self.lengths = root, set(), {}, {}, {}, {}
        self.before = {run: self.size(run) for run in self.runs() if fits(RUN, run)}

    def runs(self):
        folder = os.path.join(self.root, "runs")
        return os.listdir(folder) if os.path.isdir(folder) and not os.path.islink(folder) else []

    def size(self, run):
        """The bytes of a journal before the chains are read: a line is in its journal first."""
        path = os.path.join(self.root, "runs", run, "journal.jsonl")
        return os.lstat(path).st_size if os.path.lexists(path) else None

    def tell(self, verdict, file, line, why):
        self.problems.add((verdict, file, line, why))

    def attempt(self, file, work, *more):
        try:
            return work(*more)
        except (OSError, ValueError) as error:
            self.tell("unreadable", file, None, str(error))

    def read(self):
        for name in names(os.path.join(self.root, "audit")):
            chain, torn = fits("(%s)[.]jsonl" % WRITER, name), fits(r"(%s)[.]torn-\d+(-\d+)?" % WRITER, name)
            if chain:
                self.attempt("audit/" + name, self.read_chain, chain[1], "audit/" + name)
            elif torn:
                self.attempt("audit/" + name, self.read_torn, torn[1], name)
            elif name != "checkpoints":
                self.tell("unreadable", "audit/" + name, None, "it is no file of an audit log")
        if not self.chains:
            self.tell("unreadable", "audit", None, "there is no chain in it")

    def read_torn(self, writer, name):
        with plain_file(os.path.join(self.root, "audit", name)) as file:
            self.torn.setdefault(writer, set()).add(digest(file.read(2**20)))

    def read_chain(self, writer, file):
        lines = [parsed(line) for line in lines_of(os.path.join(self.root, file))]
        hashes, entries, latest, late, fault = [FIRST], [], 0, False, None
        for at, (e, own) in enumerate(lines, 1):
            if e is None:
                fault = ("torn tail" if at == len(lines) else "broken", file, at, "it is no whole line of canonical JSON")
            elif not well_formed(e, writer) or e["seq"] != at:
                fault = ("broken", file, at, "it is not the next line of this chain")
            elif e["prev"] != hashes[-1]:
                # One of two lines was changed: the first, where the next line vouches for the second.
                after = lines[at][0] if 1 < at < len(lines) else None
                is_first = bool(after and well_formed(after, writer) and (after["seq"], after["prev"]) == (at + 1, own))
                del hashes[at - is_first:], entries[at - 1 - is_first:]
                fault = ("broken", file, at - is_first, "it was changed, or does not name the line before it")
            elif (e["type"] == "began") != (at == 1):
                fault = ("broken", file, at, "'began' is the first line and no other")
            if fault:
                break
            if latest - e["at"] > 120 and not late:
                late = not self.tell("time goes backwards", file, at, "earlier than a line above it")
            latest = max(latest, e["at"])
            hashes.append(own)
            entries.append(e)
        if fault or not entries:
            self.tell(*(fault or ("torn tail", file, 1, "it has no line")))
        self.chains[writer] = hashes, entries, fault and fault[0] == "broken"

    def hold(self, writer, seq, named, by):
        """Holds a chain against a line of it that is named elsewhere."""
        hashes, _, is_broken = self.chains.get(writer, ([FIRST], [], False))
        if seq < len(hashes) and hashes[seq] != named:
            self.tell("forked", "audit/%s.jsonl" % writer, seq, by + " names another line here")
        elif seq >= len(hashes) and not is_broken:
            self.tell("truncated", "audit/%s.jsonl" % writer, len(hashes), "it ends before line %d, which %s names" % (seq, by))

    def compare(self):
        runs = {}
        for writer, (_, entries, _) in sorted(self.chains.items()):
            file, recorded, kept = "audit/%s.jsonl" % writer, {}, self.torn.pop(writer, set())
            for e in entries:
                seq, run = e["seq"], e.get("run")
                for other, head in e["heads"].items():
                    self.hold(other, head["seq"], head["hash"], "line %d of %s" % (seq, file))
                if e["type"] == "recovered-tail" and fits(HASH, e["body"].get("digest")):
                    recorded[e["body"]["digest"]] = seq
                if run and runs.setdefault((run["id"], run["seq"]), run["hash"]) != run["hash"]:
                    self.tell("forked", file, seq, "another line has that place in the journal of the run")
                journal = run and self.attempt("runs/%s/journal.jsonl" % run["id"], self.journal, run["id"])
                if journal is not None and journal[run["seq"] - 1:run["seq"]] != [run["hash"]]:
                    is_there = run["seq"] <= len(journal)
                    self.tell("broken" if is_there else "truncated", file, seq, "its line of the journal is not there as it was")
                said_of = run["id"] if run else e["body"].get("run")
                if fits(RUN, said_of) and fits(HASH, e["body"].get("transcript")):
                    self.content("runs/%s/transcript.json" % said_of, e["body"]["transcript"])
            for tail in set(recorded) - kept:
                self.tell("torn tail", file, recorded[tail], "the torn tail that it names is not there as it was")
            if kept - set(recorded):
                self.tell("torn tail", file, None, "a torn tail was set aside and is not recorded yet")
        if self.chains and not any(is_broken for _, _, is_broken in self.chains.values()):
            for run in sorted(run for run, size in self.before.items() if size is not None):
                self.attempt("runs/%s/journal.jsonl" % run, self.vouched, run, {e["run"]["seq"] for _, entries, _ in self.chains.values() for e in entries if e.get("run", {}).get("id") == run})
        for writer in self.torn:
            self.tell("torn tail", "audit/%s.jsonl" % writer, None, "a torn tail of it was set aside, and it is not there")

    def journal(self, run):
        if run not in self.journals:
            self.journals[run], folder = None, os.path.join(self.root, "runs", run)
            if "journal.jsonl" not in names(folder):
                self.tell("truncated", "runs/%s/journal.jsonl" % run, None, "it is not there, and the log names it")
                return None
            lines = [line for line in lines_of(os.path.join(folder, "journal.jsonl"), 2**20) if line]
            self.lengths[run] = [len(line) for line in lines]
            self.journals[run] = [digest(line[:-1], b"keyrite.journal/1\0") for line in lines]
            for kept in (hash for line in lines for hash in kept_by(line)):
                self.content("runs/%s/artifacts/%s" % (run, kept.removeprefix("sha256:")), kept)
        return self.journals[run]

    def vouched(self, run, named):
        """Wants a line of the log for each line of a journal."""
        lines, end = self.journal(run) or [], 0
        for at, length in enumerate(self.lengths.get(run, ()), 1):
            end += length
            if end <= self.before[run] and at not in named:
                is_last = at == len(lines) or end == self.before[run]
                self.tell("torn tail" if is_last else "truncated", "runs/%s/journal.jsonl" % run, at, "no chain names this line")
                return

    def content(self, file, named):
        """Wants a file to have the digest by which a line names it."""
        try:
            with plain_file(os.path.join(self.root, file)) as there:
                if digest(there.read(2**26)) != named:
                    self.tell("broken", file, None, "it is not the one that is named")
        except FileNotFoundError:
            self.tell("truncated", file, None, "it is not there, and its digest is named")
        except OSError as error:
            self.tell("unreadable", file, None, str(error))

    def checkpoint(self, path, shown, name=None):
        text = b"".join(line or b"" for line in lines_of(path, 1024)).decode()
        found = fits("keyrite[.]checkpoint/1\n(%s)\n([1-9][0-9]{0,18})\n(%s)\n" % (WRITER, HASH), text)
        if not found or os.path.getsize(path) != len(text) or name not in (None, "%s-%s.txt" % found.group(1, 2)):
            raise ValueError("it is not the text of a checkpoint")
        self.hold(found[1], int(found[2]), found[3], "the checkpoint " + shown)

    def checkpoints(self):
        folder = os.path.join(self.root, "audit", "checkpoints")
        there = names(folder)
        for name in there:
            signed = fits("(.+)[.](?:[0-9A-F]{40}|[0-9A-F]{64})[.]asc", name)
            if name.endswith(".txt"):
                self.attempt("audit/checkpoints/" + name, self.checkpoint, os.path.join(folder, name), name, name)
            elif not signed or signed[1] not in there:
                self.tell("unreadable", "audit/checkpoints/" + name, None, "it is no checkpoint, nor a signature of one")


def verify(root, checkpoint=None, head=None):
    log = Log(root)
    for file, work in ("audit", log.read), ("audit/checkpoints", log.checkpoints):
        log.attempt(file, work)
    log.compare()
    if checkpoint:
        log.attempt(checkpoint, log.checkpoint, checkpoint, checkpoint)
    if head and not any("sha256:" + head.removeprefix("sha256:") in hashes[1:] for hashes, _, _ in log.chains.values()):
        log.tell("truncated", "audit", None, "no chain has a line of the expected hash")
    return log, sorted(log.problems, key=lambda one: list(CODES).index(one[0]))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("workspace")
    options.add_argument("--from-checkpoint", metavar="FILE")
    options.add_argument("--expect-head", metavar="SHA256", type=lambda text: "".join(text.split()).lower())
    options = options.parse_args()
    log, problems = verify(options.workspace, options.from_checkpoint, options.expect_head)
    for verdict, file, line, why in problems:
        print("%s: %s%s: %s" % (verdict, file, "" if line is None else ":%d" % line, why))
    for writer, (hashes, _, _) in sorted(log.chains.items()):
        print("%s: %d good lines, head %s" % (writer, len(hashes) - 1, hashes[-1]))
    return CODES[problems[0][0]] if problems else 0


if __name__ == "__main__":
    sys.exit(main())
