"""Predicted beside measured tokens per second: see speed.sh."""

import ctypes
import json
import os
import subprocess
import sys
import time
from statistics import median

import gguf
import llama_cpp
import numpy as np

WRITTEN = 32  # tokens that are timed one by one
PROMPT = 128  # tokens that are given at once
CONTEXT = 256

# Llama-like shapes: name, types (matrices, output), width, feed-forward, layers, heads, heads of keys, vocabulary.
MADE = [
    ("q4_0 0.5 GB", ("Q4_0", "Q6_K"), 2048, 5632, 20, 32, 4, 32000),
    ("q8_0 0.5 GB", ("Q8_0", "Q8_0"), 1024, 2816, 32, 16, 8, 32000),
    ("f16 0.5 GB", ("F16", "F16"), 1024, 2816, 16, 16, 8, 32000),
    ("q4_k 0.6 GB", ("Q4_K", "Q6_K"), 2048, 5632, 20, 32, 4, 32000),
    ("q4_0 1.5 GB", ("Q4_0", "Q6_K"), 2560, 6912, 36, 32, 8, 32000),
    ("q8_0 1.5 GB", ("Q8_0", "Q8_0"), 2048, 5632, 28, 32, 4, 32000),
    ("f16 1.5 GB", ("F16", "F16"), 2048, 5632, 14, 32, 4, 32000),
    ("q4_k 1.5 GB", ("Q4_K", "Q6_K"), 2560, 6912, 34, 32, 8, 32000),
    ("q6_k 0.5 GB", ("Q6_K", "Q6_K"), 1536, 4096, 24, 24, 8, 32000),
    ("q5_k 0.5 GB", ("Q5_K", "Q6_K"), 1536, 4096, 28, 24, 8, 32000),
]

# Bytes of a block, numbers in it, and where its 16-bit scales are.
BLOCKS = {
    "Q4_0": (18, 32, [0]), "Q8_0": (34, 32, [0]), "Q4_K": (144, 256, [0, 2]), "Q5_K": (176, 256, [0, 2]),
    "Q6_K": (210, 256, [208]),
}


def numbers(rng, kind, rows, row):
    """A matrix of random weights in ggml's layout: the quants may be anything, the scales must be small."""
    if kind == "F16":
        return (rng.standard_normal((rows, row), dtype=np.float32) * 0.02).astype(np.float16)
    size, count, scales = BLOCKS[kind]
    data = rng.integers(0, 256, (rows, row // count, size), dtype=np.uint8)
    scale = np.frombuffer(np.float16(0.002).tobytes(), dtype=np.uint8)
    for offset in scales:
        data[:, :, offset : offset + 2] = scale
    return data.reshape(rows, -1)


def make(path, kinds, width, inner, layers, heads, key_heads, vocabulary):
    rng = np.random.default_rng(7)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(layers)
    writer.add_context_length(4096)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(key_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(width // heads)
    writer.add_vocab_size(vocabulary)
    writer.add_tokenizer_model("no_vocab")
    kind, last = kinds

    def matrix(name, rows, row, kind=kind):
        raw = None if kind == "F16" else gguf.GGMLQuantizationType[kind]
        writer.add_tensor(name, numbers(rng, kind, rows, row), raw_dtype=raw)

    def ones(name):
        writer.add_tensor(name, np.ones(width, dtype=np.float32))

    matrix("token_embd.weight", vocabulary, width)
    keys = width // heads * key_heads
    for layer in range(layers):
        at = f"blk.{layer}."
        ones(at + "attn_norm.weight")
        ones(at + "ffn_norm.weight")
        for name, rows, row in [
            ("attn_q", width, width), ("attn_k", keys, width), ("attn_v", keys, width), ("attn_output", width, width),
            ("ffn_gate", inner, width), ("ffn_up", inner, width), ("ffn_down", width, inner),
        ]:
            matrix(at + name + ".weight", rows, row)
    ones("output_norm.weight")
    matrix("output.weight", vocabulary, width, last)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
def silent(level, text, data):
    pass


def measure(path, threads, is_alone):
    """Tokens per second, written and read: the median of the fastest quarter, and the best.

    On a machine with other things to do all threads wait for the slowest, so there one thread is measured by its
    processor time, and taken as many times as there are cores.
    """
    clock = time.perf_counter if is_alone else time.process_time
    times = 1 if is_alone else threads
    model = llama_cpp.llama_model_load_from_file(path.encode(), llama_cpp.llama_model_default_params())
    options = llama_cpp.llama_context_default_params()
    options.n_ctx, options.n_batch, options.n_ubatch = CONTEXT, PROMPT, PROMPT
    options.n_threads = options.n_threads_batch = threads if is_alone else 1
    context = llama_cpp.llama_init_from_model(model, options)
    memory = llama_cpp.llama_get_memory(context)

    def decode(tokens):
        array = (llama_cpp.llama_token * len(tokens))(*tokens)
        begin = clock()
        if llama_cpp.llama_decode(context, llama_cpp.llama_batch_get_one(array, len(tokens))) != 0:
            raise SystemExit(f"llama.cpp could not run {path}")
        llama_cpp.llama_synchronize(context)
        return clock() - begin

    reading = []
    for _ in range(3):
        llama_cpp.llama_memory_clear(memory, True)
        reading.append(decode([3 + n % 1000 for n in range(PROMPT)]))
    writing = sorted(decode([5 + n % 1000]) for n in range(WRITTEN))
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    return times / median(writing[: WRITTEN // 4]), times * PROMPT / min(reading)


def predict(slm, path):
    out = subprocess.run(
        [slm, "fit", path, "--context", str(CONTEXT), "--runtime", "library", "--json"], capture_output=True, text=True)
    return json.loads(out.stdout)["speed"]


def main():
    slm, real, folder = sys.argv[1:4]
    wanted = sys.argv[4:]
    llama_cpp.llama_log_set(silent, None)
    llama_cpp.llama_backend_init()
    threads = int(os.environ.get("THREADS") or os.cpu_count())
    is_alone = os.getloadavg()[0] < 0.7
    print("by the clock, all cores" if is_alone else "by processor time of one thread, times the cores")
    # Measures the machine, unless that was done before.
    subprocess.run([slm, "recommend", "--quiet"], stdout=subprocess.DEVNULL, check=True)
    print(f"{'':24}{'writes':>10}{'predicted':>14}{'off':>7}{'reads':>12}{'predicted':>16}{'off':>7}")
    files = [(os.path.basename(real), None)] + [(row[0], row[1:]) for row in MADE]
    worst = 0
    for name, shape in files:
        if wanted and not any(word in name for word in wanted):
            continue
        path = real if shape is None else os.path.join(folder, "made.gguf")
        if shape is not None:
            make(path, *shape)
        speed = predict(slm, path)
        tried = [measure(path, threads, is_alone) for _ in range(3 if is_alone else 1)]
        if shape is not None:
            os.remove(path)
        line = f"{name[:23]:24}"
        for measured, said in zip(map(max, zip(*tried)), (speed, speed.get("prompt"))):
            if said is None:
                line += f"{measured:10.1f}{'-':>14}{'':7}"
                continue
            middle = (said["from"] + said["to"]) / 2
            off = middle / measured - 1
            # Tokens that are written are what the promise is about.
            worst = max(worst, abs(off) if said is speed else 0)
            line += f"{measured:10.1f}{said['from']:8.1f}-{said['to']:<5.1f}{off:+7.0%}  "
        print(line, flush=True)
    print(f"furthest off, writing: {worst:.0%}")
    return 0 if worst <= 0.3 else 1


sys.exit(main())
