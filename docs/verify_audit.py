#!/usr/bin/env python3
"""Verifies the audit log of a keyrite workspace, without keyrite.

    verify_audit.py WORKSPACE [--from-checkpoint FILE] [--expect-head SHA256]

Prints each problem as VERDICT: FILE:LINE: WHY and ends with the exit code of
the gravest one, as `keyrite audit verify` does (docs/reference/audit-log.md).
It does not check signatures: gpg --verify SIGNATURE CHECKPOINT does.
"""
import argparse, hashlib, json, os, re, stat, sys

GRAVITY = {"forked": 12, "broken": 10, "truncated": 11, "unreadable": 20, "torn tail": 14, "time goes backwards": 15}
WRITER = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}-[0-9a-f]{8}"
HASH, RUN = r"sha256:[0-9a-f]{64}", r"\d{8}T\d{6}Z-[A-Za-z0-9]{8}"
ZERO, MAX_LINE, SKEW = "sha256:" + "0" * 64, 65536, 120
problems, chains, kept = [], {}, {}


def tell(verdict, file, line, why):
    problems.append((verdict, file, line, why))


def is_text(pattern, value):
    return isinstance(value, str) and re.fullmatch(pattern, value, re.ASCII) is not None


def is_number(value, low=1):
    return type(value) is int and low <= value < 2**53


def is_plain(value, depth):
    if isinstance(value, dict):
        return depth > 0 and all(k.isascii() and is_plain(v, depth - 1) for k, v in value.items())
    if isinstance(value, list):
        return depth > 0 and all(is_plain(v, depth - 1) for v in value)
    return value is None or isinstance(value, (bool, str)) or is_number(value, 1 - 2**53)


def refuse(_):
    raise ValueError("a number with a fraction")


def canonical(raw):
    """The object of a line in canonical JSON; ValueError where it is none."""
    text = raw.decode("utf-8")
    value = json.loads(text, parse_float=refuse, parse_constant=refuse)
    spelled = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if not isinstance(value, dict) or spelled != text or not is_plain(value, 16):
        raise ValueError("not canonical JSON")
    return value


def is_place(place, more=()):
    return (isinstance(place, dict) and set(place) == {"hash", "seq", *more}
            and is_text(HASH, place["hash"]) and is_number(place["seq"]))


def well_formed(entry, writer):
    body, run = entry.get("body"), entry.get("run")
    fields = {"actor", "at", "body", "heads", "prev", "seq", "type", "v", "writer"}
    return (set(entry) - {"run"} == fields and entry["v"] is not True and entry["v"] == 1
            and is_number(entry["at"], 0) and entry["at"] < 253402300800
            and isinstance(entry["actor"], str) and entry["actor"] != "" and isinstance(body, dict)
            and is_text(r"[a-z][a-z0-9-]{0,63}", entry["type"]) and is_text(HASH, entry["prev"])
            and is_number(entry["seq"]) and entry["writer"] == writer
            and ("run" not in entry or is_place(run, ["id"]) and is_text(RUN, run["id"]))
            and isinstance(entry["heads"], dict)
            and all(is_text(WRITER, k) and k != writer and is_place(v) for k, v in entry["heads"].items())
            and (entry["type"] != "began" or set(body) == {"log", "policy", "roster"}
                 and is_text(r"[0-9a-f]{32}", body["log"])
                 and is_text(HASH, body["policy"]) and is_text(HASH, body["roster"])))


def lines_of(path, bound):
    """Each line without its line feed, and whether it is whole."""
    if os.path.islink(path) or not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError("a link, or no file")
    with open(path, "rb") as file:
        while line := file.readline(bound + 2):
            whole = line.endswith(b"\n")
            while not line.endswith(b"\n") and len(line) > bound and (rest := file.readline(bound)):
                line, whole = line[:bound + 1] + rest[-1:], False
            yield line.removesuffix(b"\n"), whole and len(line) <= bound + 1


def read_chain(path, file, writer):
    hashes, entries, prev, latest, late, fault = [], [], ZERO, 0, None, None
    for raw, whole in lines_of(path, MAX_LINE):
        if fault:
            fault = ("broken", *fault[1:])
            break
        try:
            if not whole:
                raise ValueError("it has no line feed at its end, or is too long")
            entry = canonical(raw)
        except (ValueError, RecursionError) as why:
            fault = ("torn tail", file, len(hashes) + 1, str(why))
            continue
        first = entry.get("type") == "began"
        if not (well_formed(entry, writer) and entry["seq"] == len(hashes) + 1
                and entry["prev"] == prev and first == (not hashes)):
            fault = ("broken", file, len(hashes) + 1, "it does not follow the line before it")
            break
        if late is None and latest - entry["at"] > SKEW:
            late = ("time goes backwards", file, entry["seq"], "earlier than a line above it")
        latest = max(latest, entry["at"])
        prev = "sha256:" + hashlib.sha256(b"keyrite.audit/1\0" + raw).hexdigest()
        hashes.append(prev)
        entries.append(entry)
    if not hashes and not fault:
        fault = ("torn tail", file, 1, "it has no line")
    problems.extend(found for found in (fault, late) if found)
    chains[writer] = {"file": file, "hashes": hashes, "entries": entries, "broken": fault and fault[0] == "broken"}


def hold(writer, seq, named, by):
    """Holds a chain against a line of it that is named elsewhere."""
    chain = chains.get(writer, {"hashes": [], "broken": False})
    file = "audit/%s.jsonl" % writer
    if seq <= len(chain["hashes"]):
        if chain["hashes"][seq - 1] != named:
            tell("forked", file, seq, by + " names another line here")
    elif not chain["broken"]:
        tell("truncated", file, len(chain["hashes"]) + 1, "it ends before line %d, which %s names" % (seq, by))


def read_checkpoint(path, shown, name=None):
    try:
        text = b"\n".join(line for line, _ in lines_of(path, 1024)).decode() + "\n"
    except (OSError, ValueError) as error:
        return tell("unreadable", shown, None, str(error))
    form = r"keyrite\.checkpoint/1\n(%s)\n([1-9]\d{0,18})\n(%s)\n" % (WRITER, HASH)
    found = re.fullmatch(form, text, re.ASCII)
    if not found or os.path.getsize(path) != len(text) or name not in (None, "%s-%s.txt" % found.group(1, 2)):
        return tell("unreadable", shown, None, "it is not the text of a checkpoint")
    hold(found[1], int(found[2]), found[3], "the checkpoint " + shown)


def names(folder):
    if not os.path.lexists(folder):
        return []
    if os.path.islink(folder) or not os.path.isdir(folder):
        raise OSError("a link, or no folder")
    return sorted(name for name in os.listdir(folder) if not (name.startswith(".") and name.endswith(".new")))


def read_log(root):
    for name in names(os.path.join(root, "audit")):
        path, file = os.path.join(root, "audit", name), "audit/" + name
        chain = re.fullmatch("(%s)\\.jsonl" % WRITER, name, re.ASCII)
        torn = re.fullmatch(r"(%s)\.torn-\d+(-\d+)?" % WRITER, name, re.ASCII)
        try:
            if chain:
                read_chain(path, file, chain[1])
            elif torn:
                raw = b"".join(line + b"\n" * whole for line, whole in lines_of(path, 2**20))
                kept.setdefault(torn[1], set()).add("sha256:" + hashlib.sha256(raw).hexdigest())
            elif name != "checkpoints":
                tell("unreadable", file, None, "it is no file of an audit log")
        except OSError as error:
            tell("unreadable", file, None, str(error))


def compare(root):
    runs = {}
    for writer, chain in sorted(chains.items()):
        tails = {}
        for entry in chain["entries"]:
            seq, run = entry["seq"], entry.get("run")
            for other, place in entry["heads"].items():
                hold(other, place["seq"], place["hash"], "line %d of %s" % (seq, chain["file"]))
            if entry["type"] == "recovered-tail" and is_text(HASH, entry["body"].get("digest")):
                tails[entry["body"]["digest"]] = seq
            if run and runs.setdefault((run["id"], run["seq"]), run["hash"]) != run["hash"]:
                tell("forked", chain["file"], seq, "it names another line of the run than a line before")
            if run:
                hold_journal(root, chain["file"], seq, run)
        for digest, seq in tails.items():
            if digest not in kept.get(writer, ()):
                tell("torn tail", chain["file"], seq, "the torn tail that it names is not there as it was")
        if kept.pop(writer, set()) - set(tails):
            tell("torn tail", chain["file"], None, "a torn tail was set aside and is not recorded yet")
    for writer in kept:
        tell("torn tail", "audit/%s.jsonl" % writer, None, "a torn tail of it was set aside, and it is not there")


def hold_journal(root, file, line, run, known={}):
    path = os.path.join(root, "runs", run["id"], "journal.jsonl")
    if path not in known:
        try:
            known[path] = None
            if "journal.jsonl" in names(os.path.dirname(path)):
                kind = b"keyrite.journal/1\0"
                known[path] = ["sha256:" + hashlib.sha256(kind + raw).hexdigest()
                               for raw, whole in lines_of(path, 2**20) if whole]
        except OSError as error:
            tell("unreadable", "runs/%s/journal.jsonl" % run["id"], None, str(error))
    hashes = known[path]
    if hashes is not None and run["seq"] > len(hashes):
        tell("truncated", file, line, "the line of the journal that it names is not there")
    elif hashes is not None and hashes[run["seq"] - 1] != run["hash"]:
        tell("broken", file, line, "the line of the journal is not the one that it names")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("workspace")
    options.add_argument("--from-checkpoint", metavar="FILE")
    options.add_argument("--expect-head", metavar="SHA256", type=lambda text: "".join(text.split()).lower())
    options = options.parse_args()
    root, folder = options.workspace, os.path.join(options.workspace, "audit", "checkpoints")
    try:
        read_log(root)
        if not chains:
            tell("unreadable", "audit", None, "there is no chain in it")
        compare(root)
        all_names = names(folder)
        for name in all_names:
            shown = "audit/checkpoints/" + name
            signed = re.fullmatch(r"(.+)\.([0-9A-F]{40}|[0-9A-F]{64})\.asc", name)
            if name.endswith(".txt"):
                read_checkpoint(os.path.join(folder, name), shown, name)
            elif not signed or signed[1] not in all_names:
                tell("unreadable", shown, None, "it is no checkpoint, nor a signature of one")
    except OSError as error:
        tell("unreadable", "audit", None, str(error))
    if options.from_checkpoint:
        read_checkpoint(options.from_checkpoint, options.from_checkpoint)
    wanted = options.expect_head
    if wanted and not any("sha256:" + wanted.removeprefix("sha256:") in chain["hashes"] for chain in chains.values()):
        tell("truncated", "audit", None, "no chain has a line of the expected hash")
    found = sorted(set(problems), key=lambda one: list(GRAVITY).index(one[0]))
    for verdict, file, line, why in found:
        print("%s: %s%s: %s" % (verdict, file, "" if line is None else ":%d" % line, why))
    for writer, chain in sorted(chains.items()):
        print("%s: %d good lines, head %s" % (writer, len(chain["hashes"]), (chain["hashes"] or [ZERO])[-1]))
    sys.exit(GRAVITY[found[0][0]] if found else 0)


if __name__ == "__main__":
    main()
