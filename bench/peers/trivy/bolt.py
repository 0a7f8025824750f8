"""Writes a bbolt file, the key-value format in which Trivy keeps its advisories: one transaction, never changed
afterwards. The layout is that of go.etcd.io/bbolt, version 2 of its file format, in little-endian order.

    write(path, {b"bucket": {b"key": b"value", b"nested bucket": {...}}})
"""

import struct

PAGE = 4096
BRANCH, LEAF, META, FREELIST = 0x01, 0x02, 0x04, 0x10
IN_BUCKET = 0x01  # flag of a leaf element whose value is a bucket
HEADER, LEAF_ELEMENT, BRANCH_ELEMENT = "<QHHI", "<IIII", "<IIQ"


def fnv1a(data):
    word = 0xCBF29CE484222325
    for byte in data:
        word = (word ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return word


class Pages:
    def __init__(self):
        self.all = [b"", b"", b""]  # two metas and the free list come last

    def add(self, flag, count, body):
        number = len(self.all)
        size = 16 + len(body)
        pages = -(-size // PAGE)
        data = struct.pack(HEADER, number, flag, count, pages - 1) + body
        data += bytes(pages * PAGE - size)
        self.all += [data[at * PAGE : (at + 1) * PAGE] for at in range(pages)]
        return number


def leaf(elements):
    at, table, data = 16 * len(elements), b"", b""
    for flag, key, value in elements:
        table += struct.pack(LEAF_ELEMENT, flag, at - len(table) + len(data), len(key), len(value))
        data += key + value
    return table + data


def branch(children):
    at, table, data = 16 * len(children), b"", b""
    for key, number in children:
        table += struct.pack(BRANCH_ELEMENT, at - len(table) + len(data), len(key), number)
        data += key
    return table + data


def filled(items, size):
    """Runs of items that fill about a page, never fewer than two to a run."""
    run, used = [], 0
    for item in items:
        if len(run) >= 2 and used + size(item) > PAGE - 16:
            yield run
            run, used = [], 0
        run.append(item)
        used += size(item)
    if run:
        yield run


def bucket(pages, content):
    """The value that stands for a bucket: its root page, or the page itself if it is small."""
    elements = []
    for key in sorted(content):
        value = content[key]
        nested = isinstance(value, dict)
        elements.append((IN_BUCKET * nested, key, bucket(pages, value) if nested else value))
    body = leaf(elements)
    if len(body) < PAGE // 4 and not any(flag for flag, _, _ in elements):
        return struct.pack("<QQ", 0, 0) + struct.pack(HEADER, 0, LEAF, len(elements), 0) + body
    return struct.pack("<QQ", tree(pages, elements), 0)


def tree(pages, elements):
    size = lambda element: 16 + len(element[1]) + len(element[2])
    level = [
        (run[0][1], pages.add(LEAF, len(run), leaf(run))) for run in filled(elements, size)
    ]
    while len(level) > 1:
        size = lambda child: 16 + len(child[0])
        level = [(run[0][0], pages.add(BRANCH, len(run), branch(run))) for run in filled(level, size)]
    return level[0][1]


def write(path, content):
    pages = Pages()
    elements = [(IN_BUCKET, name, bucket(pages, content[name])) for name in sorted(content)]
    root = tree(pages, elements)
    pages.all[2] = (struct.pack(HEADER, 2, FREELIST, 0, 0)).ljust(PAGE, b"\0")
    for number in (0, 1):
        meta = struct.pack("<IIIIQQQQQ", 0xED0CDAED, 2, PAGE, 0, root, 0, 2, len(pages.all), number)
        meta += struct.pack("<Q", fnv1a(meta))
        head = struct.pack(HEADER, number, META, 0, 0)
        pages.all[number] = (head + meta).ljust(PAGE, b"\0")
    with open(path, "wb") as out:
        out.write(b"".join(pages.all))
