# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""Writes a checkpoint of train.py as GGUF version 3 (the format document: ggml, docs/gguf.md).

  export_gguf.py tales.pt tales.gguf --type q8_0
"""
import argparse
import os
import struct

import numpy as np
import torch

VERSION, ALIGNMENT = 3, 32
NAME, LICENSE = "Tandem Tales", "MIT"
# Value types of the metadata.
U32, F32, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5
# Tensor types, and the file type that a file made mostly of them announces.
TYPES = {"f32": (0, 0), "f16": (1, 1), "bf16": (30, 32), "q8_0": (8, 7), "q4_0": (2, 2)}
BLOCK = 32


def pack_string(text):
    data = text.encode("utf-8")
    return struct.pack("<Q", len(data)) + data


PACKERS = {U32: struct.Struct("<I").pack, I32: struct.Struct("<i").pack,
           F32: struct.Struct("<f").pack, BOOL: struct.Struct("<B").pack, STRING: pack_string}


def pair(key, kind, value):
    return pack_string(key) + struct.pack("<I", kind) + PACKERS[kind](value)


def array(key, kind, values):
    return (pack_string(key) + struct.pack("<IIQ", ARRAY, kind, len(values))
            + b"".join(PACKERS[kind](v) for v in values))


def bf16(values):
    """The upper half of each float32, rounded to nearest, ties to even (weights are finite)."""
    bits = values.view(np.uint32).astype(np.uint64)
    return ((bits + 0x7fff + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()


def join_blocks(scale, quants):
    """One row per block: the scale as a half, then the bytes of its quants."""
    return np.concatenate([scale.astype("<f2").view(np.uint8).reshape(-1, 2), quants], 1).tobytes()


def q8_0(values):
    """Blocks of 32: a half scale d, then 32 signed bytes; weight = d * byte."""
    blocks = values.reshape(-1, BLOCK)
    scale = np.abs(blocks).max(1) / np.float32(127)
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale > 0)
    quants = np.rint(blocks * inverse[:, None]).astype(np.int8)
    return join_blocks(scale, quants.view(np.uint8))


def q4_0(values):
    """Blocks of 32: a half scale d, then 16 bytes; weight = d * (nibble - 8).

    The low nibbles are weights 0..15 of the block, the high ones 16..31.
    """
    blocks = values.reshape(-1, BLOCK)
    rows = np.arange(len(blocks))
    # The weight of largest magnitude maps to nibble 0, the only end of the range with magnitude 8.
    scale = blocks[rows, np.abs(blocks).argmax(1)] / np.float32(-8)
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale != 0)
    nibbles = np.clip(np.floor(blocks * inverse[:, None] + 8.5), 0, 15).astype(np.uint8)
    packed = nibbles[:, :16] | (nibbles[:, 16:] << 4)
    return join_blocks(scale, packed)


ENCODERS = {"f32": lambda v: v.astype("<f4").tobytes(), "f16": lambda v: v.astype("<f2").tobytes(),
            "bf16": bf16, "q8_0": q8_0, "q4_0": q4_0}


def metadata(config, vocab, kind):
    head = config["dim"] // config["heads"]
    return [
        pair("general.architecture", STRING, "llama"),
        pair("general.name", STRING, NAME),
        pair("general.license", STRING, LICENSE),
        pair("general.alignment", U32, ALIGNMENT),
        pair("general.file_type", U32, TYPES[kind][1]),
        pair("llama.context_length", U32, config["context"]),
        pair("llama.embedding_length", U32, config["dim"]),
        pair("llama.block_count", U32, config["layers"]),
        pair("llama.feed_forward_length", U32, config["ffn"]),
        pair("llama.attention.head_count", U32, config["heads"]),
        pair("llama.attention.head_count_kv", U32, config["kv_heads"]),
        pair("llama.attention.layer_norm_rms_epsilon", F32, config["eps"]),
        pair("llama.rope.dimension_count", U32, head),
        pair("llama.rope.freq_base", F32, config["rope_base"]),
        pair("llama.vocab_size", U32, len(vocab)),
        pair("tokenizer.ggml.model", STRING, "llama"),
        array("tokenizer.ggml.tokens", STRING, [entry[0] for entry in vocab]),
        array("tokenizer.ggml.scores", F32, [entry[1] for entry in vocab]),
        array("tokenizer.ggml.token_type", I32, [entry[2] for entry in vocab]),
        pair("tokenizer.ggml.unknown_token_id", U32, 0),
        pair("tokenizer.ggml.bos_token_id", U32, 1),
        pair("tokenizer.ggml.eos_token_id", U32, 2),
        pair("tokenizer.ggml.add_bos_token", BOOL, True),
        pair("tokenizer.ggml.add_eos_token", BOOL, False),
        pair("tokenizer.ggml.add_space_prefix", BOOL, True),
    ]


def aligned(size):
    return -(-size // ALIGNMENT) * ALIGNMENT


def gguf(checkpoint, kind):
    """The whole file as bytes: header, metadata, tensor table, padding, tensor data."""
    pairs = metadata(checkpoint["config"], checkpoint["vocab"], kind)
    table, data, offset = [], [], 0
    for name, tensor in checkpoint["state"].items():
        values = np.ascontiguousarray(tensor.numpy(), dtype=np.float32)
        used = kind if values.ndim == 2 else "f32"
        if used in ("q8_0", "q4_0") and values.shape[-1] % BLOCK:
            raise ValueError("%s: rows of %d are not whole blocks of %d; choose f16"
                             % (name, values.shape[-1], BLOCK))
        encoded = ENCODERS[used](values)
        # GGUF lists the fastest-moving dimension first.
        dims = values.shape[::-1]
        table.append(pack_string(name) + struct.pack("<I%dQ" % len(dims), len(dims), *dims)
                     + struct.pack("<IQ", TYPES[used][0], offset))
        data.append(encoded.ljust(aligned(len(encoded)), b"\0"))
        offset += len(data[-1])
    head = b"GGUF" + struct.pack("<IQQ", VERSION, len(table), len(pairs)) + b"".join(pairs + table)
    return head.ljust(aligned(len(head)), b"\0") + b"".join(data)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--type", choices=TYPES, default="q8_0")
    args = parser.parse_args()
    content = gguf(torch.load(args.checkpoint, map_location="cpu"), args.type)
    with open(args.out + ".part", "wb") as out:
        out.write(content)
    os.replace(args.out + ".part", args.out)
    print("%s: %d bytes" % (args.out, len(content)))


if __name__ == "__main__":
    main()
