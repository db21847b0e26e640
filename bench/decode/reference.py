"""NumPy and gguf-py as yardsticks. Speaks the same lines as native.c."""

import sys
import time

import numpy as np

try:
    import gguf
    from gguf import quants
except ImportError:
    gguf = None

PLAIN = {"F32": "<f4", "F64": "<f8", "F16": "<f2", "I8": "i1", "U8": "u1", "I16": "<i2", "U16": "<u2", "I32": "<i4", "U32": "<u4", "I64": "<i8", "U64": "<u8"}


def kind_of(name):
    return getattr(gguf.GGMLQuantizationType, name, None) if gguf else None


def decoder(name):
    if name == "F32":
        return lambda a: a.view("<f4").copy()
    if name == "BF16":
        return lambda a: (a.view("<u2").astype(np.uint32) << 16).view(np.float32)
    if name in PLAIN:
        return lambda a: a.view(PLAIN[name]).astype(np.float32)
    if name.startswith("F8_"):
        table = np.arange(256, dtype=np.float32)
        return lambda a: table[a]
    kind = kind_of(name)
    if kind is None:
        return None
    try:
        size = gguf.GGML_QUANT_SIZES[kind][1]
        quants.dequantize(np.zeros((1, size), np.uint8), kind)
    except (KeyError, NotImplementedError):
        return None
    return lambda a: quants.dequantize(a.reshape(-1, size), kind)


data = np.zeros(0, np.uint8)
decode = None
with np.errstate(all="ignore"):
    for line in sys.stdin:
        words = line.split()
        if words[0] == "load":
            decode = decoder(words[1])
            data = np.fromfile(words[2], np.uint8, int(words[3]))
            block = gguf.GGML_QUANT_SIZES[kind_of(words[1])][1] if kind_of(words[1]) else 8
            data = data[: len(data) // block * block]
            print("none" if decode is None else "ok", flush=True)
        elif words[0] == "run":
            start = time.process_time()
            values = decode(data)
            if words[1] == "squares":
                float(np.dot(values.ravel(), values.ravel()))
            print(time.process_time() - start, flush=True)
        else:
            break
