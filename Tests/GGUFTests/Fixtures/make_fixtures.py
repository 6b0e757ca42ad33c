"""Writes the fixtures beside it with the `gguf` package from PyPI (`pip install gguf numpy`).

The values it writes are the ones that PackageFixtureTests.swift expects.
"""

import os
import struct

import gguf
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def values(path, endianess):
    writer = gguf.GGUFWriter(os.path.join(here, path), "llama", endianess=endianess)
    writer.add_uint8("t.u8", 200)
    writer.add_int8("t.i8", -100)
    writer.add_uint16("t.u16", 60000)
    writer.add_int16("t.i16", -30000)
    writer.add_uint32("t.u32", 4000000000)
    writer.add_int32("t.i32", -2000000000)
    writer.add_float32("t.f32", 0.15625)
    writer.add_bool("t.yes", True)
    writer.add_bool("t.no", False)
    writer.add_string("t.string", "añadido — 日本")
    writer.add_uint64("t.u64", 2**63 + 5)
    writer.add_int64("t.i64", -(2**62))
    writer.add_float64("t.f64", 1 / 3)
    writer.add_array("t.array.i32", [1, -2, 3])
    writer.add_array("t.array.f32", [0.5, -0.25])
    writer.add_array("t.array.bool", [True, False, True])
    writer.add_array("t.array.string", ["uno", "dos", ""])
    writer.add_array("t.array.long", list(range(3000)))
    writer.add_token_list([f"token{i}" for i in range(500)])
    writer.add_tensor("a.weight", np.arange(12, dtype=np.float32).reshape(3, 4))
    writer.add_tensor("b.weight", np.arange(5, dtype=np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def types(path):
    writer = gguf.GGUFWriter(os.path.join(here, path), "llama")
    for kind in gguf.GGMLQuantizationType:
        block, size = gguf.GGML_QUANT_SIZES[kind]
        # The package counts a block of Q8_1 as 40 bytes, ggml as 36; neither ever writes one to a file.
        if kind.name == "Q8_1":
            continue
        data = np.zeros((2, size), dtype=np.uint8)
        writer.add_tensor(f"t.{kind.name}", data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


values("values-little.gguf", gguf.GGUFEndian.LITTLE)
values("values-big.gguf", gguf.GGUFEndian.BIG)
types("types.gguf")
for name in ["values-little.gguf", "values-big.gguf", "types.gguf"]:
    old = os.path.join(here, name)
    os.replace(old, old.replace(".gguf", ".bin"))
