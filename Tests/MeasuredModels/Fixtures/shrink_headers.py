"""Shrinks GGUF headers to what the estimate needs: `python3 shrink_headers.py OUT FILE.gguf…`.

Tokenizer arrays and the chat template are left out; everything else, the tensor list with its offsets too, is kept.
The vocabulary's size is the number of rows of `token_embd.weight`. Needs nothing but Python.
"""

import os
import struct
import sys

SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


def shrink(path):
    with open(path, "rb") as file:
        data = file.read(64 << 20)
    position = 24
    _, tensors, pairs = struct.unpack_from("<IQQ", data, 4)

    def text(at):
        (length,) = struct.unpack_from("<Q", data, at)
        return data[at + 8 : at + 8 + length].decode(), at + 8 + length

    def skip(kind, at):
        if kind == 8:
            return text(at)[1]
        if kind == 9:
            inner, count = struct.unpack_from("<IQ", data, at)
            at += 12
            if inner in SIZES:
                return at + SIZES[inner] * count
            for _ in range(count):
                at = skip(inner, at)
            return at
        return at + SIZES[kind]

    kept = []
    for _ in range(pairs):
        key, after = text(position)
        (kind,) = struct.unpack_from("<I", data, after)
        end = skip(kind, after + 4)
        if not key.startswith("tokenizer."):
            kept.append(data[position:end])
        position = end
    start = position
    for _ in range(tensors):
        _, position = text(position)
        (axes,) = struct.unpack_from("<I", data, position)
        position += 4 + 8 * axes + 12
    head = b"GGUF" + struct.pack("<IQQ", 3, tensors, len(kept))
    return head + b"".join(kept) + data[start:position]


if __name__ == "__main__":
    for path in sys.argv[2:]:
        name = os.path.basename(path).removesuffix(".gguf") + ".header"
        with open(os.path.join(sys.argv[1], name), "wb") as file:
            file.write(shrink(path))
