"""Holds the reader against the `gguf` package from PyPI: both must find the same values in the same files.

    pip install gguf numpy
    swift build --product DumpGGUF
    python3 compare_with_package.py [FILE.gguf ... | llama_cpp_python-VERSION.tar.gz]

Without arguments it compares files that it writes with the package: every kind of value alone and in an array, and
every type of tensor, in both byte orders. llama.cpp's `models/ggml-vocab-*.gguf` are in the source archive of
llama-cpp-python (https://pypi.org/project/llama-cpp-python/#files), which may be named instead of files.
Ends with 1 when a value differs.
"""

import os
import subprocess
import sys
import tarfile
import tempfile

import gguf
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
dump = os.path.join(here, ".build", "debug", "DumpGGUF")
Kind = gguf.GGUFValueType

values = {
    Kind.UINT8: [0, 200, 255],
    Kind.INT8: [-128, -1, 127],
    Kind.UINT16: [0, 60000, 65535],
    Kind.INT16: [-32768, -1, 32767],
    Kind.UINT32: [0, 4000000000, 2**32 - 1],
    Kind.INT32: [-(2**31), -1, 2**31 - 1],
    Kind.FLOAT32: [0.15625, -0.0, 1e-45, 3.4e38, float("inf"), float("-inf"), float("nan")],
    Kind.BOOL: [True, False],
    Kind.STRING: ["", "añadido — 日本", "a" * 7000, "line\nend\0zero"],
    Kind.UINT64: [0, 2**63 + 5, 2**64 - 1],
    Kind.INT64: [-(2**63), -1, 2**63 - 1],
    Kind.FLOAT64: [1 / 3, -0.0, 5e-324, 1.7e308, float("inf"), float("nan")],
}


def write(path, order, alignment):
    writer = gguf.GGUFWriter(path, "llama", endianess=order)
    if alignment:
        writer.add_custom_alignment(alignment)
    for kind, list_of in values.items():
        for number, value in enumerate(list_of):
            writer.add_key_value(f"one.{kind.name}.{number}", value, kind)
        # Short and long: long arrays stay in the file until they are asked for.
        for times in (1, 500):
            writer.add_key_value(f"many.{kind.name}.{times}", list_of * times, Kind.ARRAY, sub_type=kind)
    for kind, (block, size) in gguf.GGML_QUANT_SIZES.items():
        # The package counts a block of Q8_1 as 40 bytes, ggml as 36; neither ever writes one to a file.
        if kind.name == "Q8_1":
            continue
        writer.add_tensor(f"two.{kind.name}", np.zeros((3, 2 * size), dtype=np.uint8), raw_dtype=kind)
    for axes in range(1, 5):
        writer.add_tensor(f"axes.{axes}", np.zeros(tuple(range(2, 2 + axes)), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def hexadecimal(data):
    # Both put U+FFFD for what is not UTF-8.
    return bytes(data).decode("utf-8", "replace").encode().hex()


def words(kind, part):
    name = kind.name.lower()
    if kind is Kind.STRING:
        return f"string {hexadecimal(part)}"
    if kind is Kind.BOOL:
        return f"bool {'true' if part[0] else 'false'}"
    if kind in (Kind.FLOAT32, Kind.FLOAT64):
        bits = part.astype(part.dtype.newbyteorder("=")).view(np.uint32 if kind is Kind.FLOAT32 else np.uint64)[0]
        return f"{name} {int(bits):0{part.itemsize * 2}x}"
    return f"{name} {int(part[0])}"


def read(path):
    reader = gguf.GGUFReader(path)
    lines = [f"version {int(reader.fields['GGUF.version'].parts[-1][0])}", f"data {reader.data_offset}"]
    for key, field in reader.fields.items():
        if key.startswith("GGUF."):
            continue
        kind = field.types[0]
        if kind is not Kind.ARRAY:
            lines.append(f"key {key.encode().hex()} {words(kind, field.parts[field.data[0]])}")
            continue
        of = field.types[-1] if len(field.types) > 1 else Kind(int(field.parts[3][0]))
        lines.append(f"key {key.encode().hex()} array {of.name.lower()} {len(field.data)}")
        lines += [f"  {words(of, field.parts[index])}" for index in field.data]
    for tensor in reader.tensors:
        shape = ",".join(str(int(length)) for length in tensor.shape)
        lines.append(
            f"tensor {tensor.name.encode().hex()} {tensor.tensor_type.name} {shape} {tensor.data_offset} {tensor.n_bytes}"
        )
    return lines


def compare(path):
    name = os.path.basename(path)
    run = subprocess.run([dump, path], capture_output=True, text=True)
    if run.returncode != 0:
        print(f"{name}: not read: {run.stderr.strip()[:300]}")
        return 0, 1
    ours, theirs = run.stdout.splitlines(), read(path)
    differing = [(a, b) for a, b in zip(ours, theirs) if a != b]
    differing += [(line, None) for line in ours[len(theirs) :]] + [(None, line) for line in theirs[len(ours) :]]
    for a, b in differing[:5]:
        print(f"{name}: ours {str(a)[:160]}, the package's {str(b)[:160]}")
    print(f"{name}: {len(ours)} values, {len(differing)} differ")
    return len(ours), len(differing)


def main():
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for name in sys.argv[1:]:
            if not name.endswith(".tar.gz"):
                paths.append(name)
                continue
            with tarfile.open(name) as archive:
                for member in archive:
                    base = os.path.basename(member.name)
                    if base.startswith("ggml-vocab-") and base.endswith(".gguf") and member.isfile():
                        paths.append(os.path.join(folder, base))
                        with open(paths[-1], "wb") as file:
                            file.write(archive.extractfile(member).read())
        for order in gguf.GGUFEndian:
            for alignment in (None, 256):
                paths.append(os.path.join(folder, f"all-{order.name.lower()}-{alignment or 32}.gguf"))
                write(paths[-1], order, alignment)
        counts = [compare(path) for path in paths]
    values, differing = (sum(column) for column in zip(*counts))
    print(f"{len(paths)} files, {values} values, {differing} differ")
    sys.exit(1 if differing else 0)


main()
