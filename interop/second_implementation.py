#!/usr/bin/env python3
"""Reads irisfix fixtures with nothing but the standard library, from docs/format.md, and compares with the program.

usage: second_implementation.py IRISFIX_BINARY DIR...

For every fixture directory: the manifest's rules, every checksum, the digest (packed here and by the program), every
.DAT down to its pages. An irisfix.lock in DIR or beside it is read and written again. A DIR may also be an OCI layout, as `irisfix copy REFERENCE oci-layout:DIR` makes one: then the
image manifest and the block maps are those of the program. Ends with code 1 at the first disagreement. Pages that are compressed are unpacked if Python can (3.14, or the
zstandard module); else their structure is checked, and the values of the uncompressed ones.
"""
import hashlib, json, os, re, struct, subprocess, sys, zlib

try:
    from compression.zstd import decompress as unzstd
except ImportError:
    try:
        import zstandard

        def unzstd(data):
            return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    except ImportError:
        unzstd = None

MIB = 1 << 20
CHECKSUM = re.compile(r"sha256:[0-9a-f]{64}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
SEMVER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]00:00)")
DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]) *(\..*)?", re.I)


def want(ok, what):
    if not ok:
        raise SystemExit(f"DISAGREE {what}")


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


# Section 2: JSON.

def read_json(data):
    def pairs(items):
        want(len({k for k, _ in items}) == len(items), "an object has the same key twice")
        return dict(items)
    value = json.loads(data.decode("utf-8"), object_pairs_hook=pairs)
    json.dumps(value, ensure_ascii=False).encode("utf-8")  # fails for half a surrogate pair
    return value


def write_json(value, **how):
    text = json.dumps(value, ensure_ascii=False, **how)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").encode("utf-8")


# Section 3: the fixture directory.

def check_path(path):
    want(path and not path.startswith("/") and not re.search(r"[\\:\x00-\x1f\x7f-\x9f]", path), f"path {path!r}")
    for e in path.split("/"):
        want(e not in ("", ".", "..") and len(e.encode()) <= 255 and e[-1] not in ". ", f"element of {path!r}")
        want(not DEVICE.fullmatch(e), f"{path!r} is reserved")
    want(path.lower() != "manifest.json", "the manifest among the files")


def check_manifest(m):
    """Returns the files: path, checksum, and the table entry or None."""
    want(NAME.fullmatch(m.get("fixture_id") or ""), "fixture_id")
    want(SEMVER.fullmatch(m.get("version") or ""), "version")
    want(re.fullmatch(r"[01]\.(0|[1-9]\d{0,8})", m.get("schema_version") or ""), "schema_version")
    want(CREATED.fullmatch(m.get("created_at") or ""), "created_at")
    tables, names = m.get("tables") or [], [t["name"] for t in m.get("tables") or []]
    want(all(names) and len(set(names)) == len(names), "names of tables")
    want(all(type(t["row_count"]) is int and t["row_count"] >= 0 for t in tables), "row_count")
    for q in m.get("known_queries") or []:
        want(q.get("name") and q.get("sql") and not isinstance(q.get("expect_value"), (list, dict)), "known_queries")
    if m.get("dat_file") or m.get("checksum"):
        want(not any(t.get("file") or t.get("checksum") for t in tables), "both kinds at once")
        files = [(m["dat_file"], m["checksum"], None)]
    else:
        want(tables, "neither kind")
        files = [(t["file"], t["checksum"], t) for t in tables]
    for path, checksum, _ in files:
        check_path(path)
        want(CHECKSUM.fullmatch(checksum), f"checksum of {path}")
    lower = {p.lower() for p, _, _ in files}
    want(len(lower) == len(files), "paths that differ in letter case only")
    want(not any("/".join(p.split("/")[:i]) in lower for p in lower for i in range(1, p.count("/") + 1)), "a path below a file")
    return files


# Section 6: block maps.

def block_map(data):
    size = 8192 if len(data) <= 16 << 30 else 65536
    out = [struct.pack("<8sIQ", b"IRFXBM01", size, len(data))]
    for i in range(0, len(data), size):
        block = data[i:i + size]
        out.append(hashlib.sha256(block).digest()[:16] if block.strip(b"\0") else bytes(16))
    return b"".join(out)


def check_block_map(raw, data):
    """Reads a map that was not made here and verifies it against the file."""
    magic, size, length = struct.unpack_from("<8sIQ", raw)
    want(magic == b"IRFXBM01" and length == len(data) and size == (8192 if length <= 16 << 30 else 65536), "head of a block map")
    want(len(raw) == 20 + 16 * -(-length // size), "size of a block map")
    for n, i in enumerate(range(0, length, size)):
        block = data[i:i + size]
        entry = hashlib.sha256(block).digest()[:16] if any(block) else bytes(16)
        want(raw[20 + 16 * n:36 + 16 * n] == entry, f"block {n}")


# Section 5: the OCI artifact.

def image_manifest(raw, m, contents):
    ocpt, ours = "org.opencontainers.image.", "org.irisfix."
    kind = "application/vnd.irisfix."
    head = {"mediaType": kind + "manifest.v1+json", "digest": digest(raw), "size": len(raw)}
    layers = [{**head, "annotations": {ocpt + "title": "manifest.json"}}]
    for path, data in contents:
        layers.append({"mediaType": kind + "dat.v1", "digest": digest(data), "size": len(data), "annotations": {ocpt + "title": path}})
        if len(data) >= 4 * MIB:
            blocks = block_map(data)
            layers.append({"mediaType": kind + "blockmap.v1", "digest": digest(blocks), "size": len(blocks),
                           "annotations": {ours + "blockmap.for": digest(data)}})
    tables, features = m.get("tables") or [], m.get("features") or {}
    notes = {ours + "rows": str(sum(t["row_count"] for t in tables)), ours + "tables": str(len(tables)),
             ocpt + "created": m["created_at"], ocpt + "description": m.get("description"), ocpt + "title": m["fixture_id"],
             ocpt + "version": m["version"]}
    notes.update({ocpt + k: features.get(k) for k in ("licenses", "revision", "source") if isinstance(features.get(k), str)})
    return write_json({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": kind + "fixture.v1",
        "config": head, "layers": layers, "annotations": {k: notes[k] for k in sorted(notes) if notes[k]},
    }, separators=(",", ":"))


# Section 4: the .DAT. Thrift structs become dicts by field number.

class Thrift:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def uvarint(self):
        n = shift = 0
        while True:
            b = self.byte()
            n |= (b & 127) << shift
            shift += 7
            if b < 128:
                return n

    def varint(self):
        u = self.uvarint()
        return u >> 1 ^ -(u & 1)

    def value(self, kind):
        if kind in (1, 2):
            return kind == 1
        if kind in (5, 6):
            return self.varint()
        if kind == 8:
            n = self.uvarint()
            self.at += n
            return self.data[self.at - n:self.at]
        if kind == 9:
            head = self.byte()
            return [self.value(head & 15) for _ in range(head >> 4 if head >> 4 < 15 else self.uvarint())]
        want(kind == 12, f"thrift type {kind}")
        fields, last = {}, 0
        while head := self.byte():
            last += head >> 4
            want(head >> 4, "a field that is not in short form")
            fields[last] = self.value(head & 15)
        return fields


BOOLEAN, INT32, INT64, DOUBLE, BYTES, FIXED = 0, 1, 2, 5, 6, 7
PLAIN, DELTA, LENGTHS = 0, 5, 6
FAMILY = {"BIT": "bit", "TINYINT": "small", "SMALLINT": "small", "DATE": "date", "TIME": "time"}
FAMILY.update(dict.fromkeys(("INTEGER", "BIGINT", "SERIAL"), "int"))
FAMILY.update(dict.fromkeys(("NUMERIC", "DECIMAL", "MONEY"), "decimal"))
FAMILY.update(dict.fromkeys(("DOUBLE", "FLOAT", "REAL"), "double"))
FAMILY.update(dict.fromkeys(("CHAR", "VARCHAR", "LONGVARCHAR", "UNIQUEIDENTIFIER", "VECTOR"), "text"))
FAMILY.update(dict.fromkeys(("BINARY", "VARBINARY", "LONGVARBINARY"), "binary"))
FAMILY.update(dict.fromkeys(("TIMESTAMP", "POSIXTIME", "DATETIME"), "timestamp"))


def schema_element(c, nanos):
    """What the column's JSON must have become in the footer, and its encoding."""
    kind = FAMILY[c["sql_type"]]
    physical, encoding = {"bit": (BOOLEAN, PLAIN), "small": (INT32, DELTA), "double": (DOUBLE, PLAIN), "text": (BYTES, LENGTHS),
                          "binary": (BYTES, LENGTHS), "date": (INT32, DELTA)}.get(kind, (INT64, DELTA))
    e = {}
    if kind == "decimal":
        p, s = c["precision"], c["scale"]
        want(1 <= p <= 38 and 0 <= s <= p, f"DECIMAL({p},{s})")
        physical, encoding = (INT32, DELTA) if p <= 9 else (INT64, DELTA) if p <= 18 else (FIXED, PLAIN)
        if physical == FIXED:
            e[2] = (10 ** p).bit_length() // 8 + 1
        e.update({6: 5, 7: s, 8: p, 10: {5: {1: s, 2: p}}})
    elif kind == "text":
        e.update({6: 0, 10: {1: {}}})
    elif kind == "date":
        e.update({6: 6, 10: {6: {}}})
    elif kind in ("time", "timestamp"):
        e[10] = {7 if kind == "time" else 8: {1: False, 2: {3 if nanos else 2: {}}}}
    e.update({1: physical, 3: int(bool(c.get("nullable"))), 4: c["name"].encode()})
    return e, encoding


def uvarint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    return bytes(out) + bytes([n])


def zigzag(n):
    return uvarint(n << 1 if n >= 0 else (-n << 1) - 1)


def delta_encode(values, bits):
    mask = (1 << bits) - 1
    signed = lambda x: (x & mask) - (1 << bits if x >> bits - 1 & 1 else 0)
    out = [uvarint(128), uvarint(4), uvarint(len(values)), zigzag(values[0] if values else 0)]
    last = values[0] if values else 0
    for i in range(1, len(values), 128):
        block = values[i:i + 128]
        full = block + [0] * (128 - len(block))
        diffs = [signed(b - a) for a, b in zip([last] + full, full)]
        least, last = min(diffs), full[-1]
        diffs = [(d - least) & mask if k < len(block) else 0 for k, d in enumerate(diffs)]
        minis = [diffs[k:k + 32] for k in range(0, 128, 32)]
        widths = [max(mini).bit_length() for mini in minis]
        out += [zigzag(least), bytes(widths)]
        for mini, w in zip(minis, widths):
            out.append(sum(d << k * w for k, d in enumerate(mini)).to_bytes(4 * w, "little"))
    return b"".join(out)


def delta_decode(data, bits):
    r = Thrift(data)
    want((r.uvarint(), r.uvarint()) == (128, 4), "head of the deltas")
    n, last = r.uvarint(), r.varint()
    out = [last][:n]
    while len(out) < n:
        least = r.varint()
        widths = [r.byte() for _ in range(4)]
        for w in widths:
            packed = int.from_bytes(r.data[r.at:r.at + 4 * w], "little")
            r.at += 4 * w
            for k in range(min(32, n - len(out))):
                last = (last + least + (packed >> k * w & (1 << w) - 1)) & (1 << bits) - 1
                last -= 1 << bits if last >> bits - 1 else 0
                out.append(last)
    return out, r.at


def decode(e, encoding, data, n):
    """The values that are not NULL. Deltas are encoded again and must give the same bytes."""
    if e[1] == BOOLEAN:
        want(len(data) == (n + 7) // 8, "size of the bits")
        return [data[i // 8] >> i % 8 & 1 for i in range(n)]
    if e[1] in (DOUBLE, FIXED):
        w = e.get(2, 8)
        want(len(data) == w * n, "size of the values")
        return [data[i:i + w] for i in range(0, len(data), w)]
    bits = 64 if e[1] == INT64 else 32
    values, end = delta_decode(data, bits)
    want(len(values) == n and delta_encode(values, bits) == data[:end], "deltas that come out otherwise when encoded again")
    if encoding == DELTA:
        want(end == len(data), "something after the deltas")
        return values
    want(end + sum(values) == len(data), "lengths that do not add up")
    out = []
    for length in values:
        out.append(data[end:end + length])
        end += length
        if 10 in e:
            out[-1].decode("utf-8")
    return out


def check_page(head, body, e, encoding, rows, seen):
    """Returns the values with None for NULL, or None if they cannot be unpacked here."""
    about = head[8]
    want(head[1] == 3 and about[1] == about[3] == rows and about[4] == encoding and about[6] == 0, "page header")
    want(head[3] == len(body) and head[4] & 0xffffffff == zlib.crc32(body), "size or CRC of a page")
    levels, values = body[:about[5]], body[about[5]:]
    want(bool(levels) == bool(e[3]), "levels")
    there = [True] * rows
    if levels and about[2] == 0:
        want(levels == uvarint(rows << 1) + b"\1", "levels without NULL")
    elif levels:
        start, groups = uvarint((rows + 7) // 8 << 1 | 1), (rows + 7) // 8
        want(levels.startswith(start) and len(levels) == len(start) + groups, "levels with NULL")
        there = [bool(levels[len(start) + i // 8] >> i % 8 & 1) for i in range(rows)]
    want(there.count(False) == about[2], "number of NULLs")
    seen["compressed" if about[7] else "plain"] += 1
    if about[7]:
        want(head[3] < head[2] and values[:4] == b"\x28\xb5\x2f\xfd", "a compressed page")
        if not unzstd:
            return None
        values = unzstd(values)
    want(len(values) + len(levels) == head[2], "size before compression")
    found = iter(decode(e, encoding, values, rows - about[2]))
    return [next(found) if t else None for t in there]


def sort_key(e, value):
    if value is None:
        return (0, 0)
    if e[1] == FIXED:
        return (1, int.from_bytes(value, "big", signed=True))
    return (1, struct.unpack("<d", value)[0] if e[1] == DOUBLE else value)


def row_sizes(columns, values):
    text = [i for i, (e, _) in enumerate(columns) if e[1] in (BYTES, FIXED)]
    fixed = 8 * (len(columns) - len(text)) + 4 * len(text)
    return [fixed + sum(len(values[i][r] or b"") for i in text) for r in range(len(values[0]))]


def check_dat(data, entry, seen):
    want(data[:4] == data[-4:] == b"PAR1", "magic")
    begin = len(data) - 8 - struct.unpack("<I", data[-8:-4])[0]
    r = Thrift(data, begin)
    footer = r.value(12)
    want(r.at == len(data) - 8 and sorted(footer) == [1, 2, 3, 4, 5, 6], "footer")
    want(footer[1] == 2 and footer[6] == b"irisfix version 1 (build dat-1)", "version or created_by")
    want([p[1] for p in footer[5]] == [b"irisfix.table"], "key-value metadata")
    table = read_json(footer[5][0][2])
    want(write_json(table, separators=(",", ":")) == footer[5][0][2], "table JSON is not canonical")
    want(table["format"] == 1 and table["name"] == entry["name"] and footer[3] == entry["row_count"], "name or rows")
    stored = [c for c in table["columns"] if not c.get("generated")]
    want(footer[2][0] == {4: b"table", 5: len(stored)} and len(footer[2]) == len(stored) + 1, "root of the schema")
    columns = []
    for c, found in zip(stored, footer[2][1:]):
        precision, nanos = c.get("precision"), False
        if FAMILY[c["sql_type"]] in ("time", "timestamp"):  # without a declared precision only the file knows the unit
            nanos = precision > 6 if precision is not None else [*found[10].values()][0][2] == {3: {}}
        e, encoding = schema_element(c, nanos)
        want(e == found, f"column {c['name']}: {found} where {e} belongs")
        columns.append((e, encoding))
    names = [c["name"] for c in stored]
    key = [names.index(k) for k in table.get("primary_key", [])] if set(table.get("primary_key", [])) <= set(names) else []
    at, rows, last = 4, 0, None
    for number, g in enumerate(footer[4]):
        want(1 <= g[3] <= MIB and len(g[1]) == len(columns), "row group")
        values, raw, start = [], 0, at
        for (e, encoding), chunk in zip(columns, g[1]):
            meta = chunk[3]
            want(chunk[2] == 0 and meta[1] == e[1] and meta[2] == [encoding] + [3] * e[3] and meta[3] == [e[4]], "column chunk")
            want(meta[4] == 6 and meta[5] == g[3] and meta[9] == at, "codec, rows or offset of a chunk")
            page = Thrift(data, at)
            head = page.value(12)
            at += meta[7]
            want(meta[6] == page.at - meta[9] + head[2], "uncompressed size of a chunk")
            raw += meta[6]
            values.append(check_page(head, data[page.at:at], e, encoding, g[3], seen))
        want(g[2] == raw, "uncompressed size of a row group")
        want(raw <= 64 * MIB or raw // 512 <= at - start, "a row group that is packed too well")
        if all(v is not None for v in values):
            sizes = row_sizes(columns, values)
            want(sum(sizes[:-1]) < 8 * MIB, "a row group that should have ended before")
            want(number == len(footer[4]) - 1 or sum(sizes) >= 8 * MIB or g[3] == MIB, "a row group that ends early")
        if key and all(values[k] is not None for k in key):
            keys = list(zip(*([sort_key(columns[k][0], v) for v in values[k]] for k in key)))
            want(all(a <= b for a, b in zip(([last] if last else []) + keys, keys[0 if last else 1:])), "order of the rows")
            last = keys[-1]
        rows += g[3]
    want(at == begin and rows == footer[3], "row groups do not add up to the file")


# Section 7: the lock file.

def check_lock(path):
    raw = open(path, "rb").read()
    lock = read_json(raw)
    want(set(lock) == {"version", "fixtures"} and lock["version"] == 1, "keys of the lock file")
    for name, ref in lock["fixtures"].items():
        want(NAME.fullmatch(name) and re.fullmatch(r"[!#-\[\]-~]+/[!#-\[\]-~]+@sha256:[0-9a-f]{64}", ref), f"pin {name}")
    canonical = {"version": 1, "fixtures": dict(sorted(lock["fixtures"].items()))}
    want(write_json(canonical, indent=2) + b"\n" == raw, "the lock file is not canonical")
    print(f"  {path}: {len(lock['fixtures'])} pins, canonical")


def check_files(m, read):
    """Checks manifest, checksums and tables. read returns the bytes of a file; the result is what it gave."""
    contents, seen = [], {"compressed": 0, "plain": 0}
    for path, checksum, entry in check_manifest(m):
        data = read(path, checksum)
        want(digest(data) == checksum, f"checksum of {path}")
        if entry:
            check_dat(data, entry, seen)
        contents.append((path, data))
    print(f"  {len(contents)} files; {seen['plain']} plain and {seen['compressed']} compressed pages,"
          f" {'all' if unzstd else 'the plain ones'} read to the last value")
    return contents


def check_directory(binary, directory):
    raw = open(os.path.join(directory, "manifest.json"), "rb").read()
    want(len(raw) < MIB, "size of the manifest")
    m = read_json(raw)
    contents = check_files(m, lambda path, _: open(os.path.join(directory, *path.split("/")), "rb").read())
    mine = digest(image_manifest(raw, m, contents))
    run = subprocess.run([binary, "digest", directory], capture_output=True, text=True)
    want(run.returncode == 0 and run.stdout == mine + "\n", f"digest: {mine} here, {run.stdout or run.stderr}")
    print(f"  {mine}, here and there")


def check_layout(directory):
    def blob(checksum):
        data = open(os.path.join(directory, "blobs", "sha256", checksum[7:]), "rb").read()
        want(digest(data) == checksum, f"blob {checksum}")
        return data
    for entry in read_json(open(os.path.join(directory, "index.json"), "rb").read())["manifests"]:
        bytes_there = blob(entry["digest"])
        image = read_json(bytes_there)
        raw, maps = blob(image["config"]["digest"]), 0
        contents = check_files(read_json(raw), lambda _, checksum: blob(checksum))
        want(image_manifest(raw, read_json(raw), contents) == bytes_there, f"image manifest {entry['digest']}")
        for layer in image["layers"]:
            if layer["mediaType"].endswith("blockmap.v1"):
                check_block_map(blob(layer["digest"]), blob(layer["annotations"]["org.irisfix.blockmap.for"]))
                maps += 1
        print(f"  image manifest {entry['digest']}, {maps} block maps")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    for place in sys.argv[2:]:
        print(place)
        if os.path.exists(os.path.join(place, "oci-layout")):
            check_layout(place)
        else:
            check_directory(sys.argv[1], place)
        for lock in (os.path.join(place, "irisfix.lock"), os.path.join(os.path.dirname(os.path.abspath(place)), "irisfix.lock")):
            if os.path.exists(lock):
                check_lock(lock)
