"""Writes small headers of every version and byte order to `Corpus`. Needs nothing but Python."""

import os
import struct

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "Corpus")


def header(version, order, architecture):
    def size(value):
        return struct.pack(order + ("I" if version == 1 else "Q"), value)

    def text(value):
        data = value.encode()
        return size(len(data)) + data

    def pair(key, kind, value):
        return text(key) + struct.pack(order + "I", kind) + value

    pairs = [
        pair("general.architecture", 8, text(architecture)),
        pair("general.alignment", 4, struct.pack(order + "I", 64)),
        pair(f"{architecture}.block_count", 4, struct.pack(order + "I", 2)),
        pair(f"{architecture}.embedding_length", 4, struct.pack(order + "I", 64)),
        pair(f"{architecture}.attention.head_count", 9, struct.pack(order + "I", 5) + size(2) + struct.pack(order + "ii", 4, 8)),
        pair("split.count", 2, struct.pack(order + "H", 3)),
        pair("tokenizer.ggml.tokens", 9, struct.pack(order + "I", 8) + size(70) + b"".join(text(f"t{i}") for i in range(70))),
        pair("nested", 9, struct.pack(order + "I", 9) + size(1) + struct.pack(order + "I", 0) + size(3) + b"\1\2\3"),
    ]
    tensors = b""
    offset = 0
    for name, kind, dimensions, length in [("token_embd.weight", 8, (64, 70), 4760), ("output_norm.weight", 0, (64,), 256)]:
        tensors += text(name) + struct.pack(order + "I", len(dimensions)) + b"".join(size(d) for d in dimensions)
        tensors += struct.pack(order + "IQ", kind, offset)
        offset += (length + 63) // 64 * 64
    return b"GGUF" + struct.pack(order + "I", version) + size(2) + size(len(pairs)) + b"".join(pairs) + tensors


def vocabulary():
    """Long enough for the reader to forecast what is still to come."""
    text = lambda value: struct.pack("<Q", len(value)) + value.encode()
    pair = lambda key, kind, value: text(key) + struct.pack("<I", kind) + value
    array = lambda key, kind, count, data: pair(key, 9, struct.pack("<IQ", kind, count) + data)
    count = 700
    pairs = [
        pair("general.architecture", 8, text("llama")),
        pair("tokenizer.ggml.model", 8, text("gemma4")),
        array("tokenizer.ggml.tokens", 8, count, b"".join(text("t" * (1 + i % 9)) for i in range(count))),
        array("tokenizer.ggml.scores", 6, count, bytes(4 * count)),
        array("tokenizer.ggml.token_type", 5, count, bytes(4 * count)),
        array("tokenizer.ggml.merges", 8, count, b"".join(text("m " + "n" * (i % 7)) for i in range(count))),
        array("numbers", 4, 1100, bytes(4400)),
    ]
    tensor = text("output_norm.weight") + struct.pack("<IQIQ", 1, 64, 0, 0)
    return b"GGUF" + struct.pack("<IQQ", 3, 1, len(pairs)) + b"".join(pairs) + tensor


with open(os.path.join(here, "vocabulary.bin"), "wb") as file:
    file.write(vocabulary())
architectures = iter(["llama", "gemma3n", "qwen35", "deepseek2", "gemma4", "granitehybrid"])
for version in (1, 2, 3):
    for order, name in (("<", "little"), (">", "big")):
        with open(os.path.join(here, f"v{version}-{name}.bin"), "wb") as file:
            file.write(header(version, order, next(architectures)))
