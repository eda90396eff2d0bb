# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""Trains and applies a vocabulary for the `llama` (SentencePiece) tokenizer of GGUF.

Ids: 0 <unk>, 1 <s>, 2 </s>, 3..258 the bytes <0x00>..<0xFF>, then merged pieces in the order in
which they were learned (score = -rank, so that the earliest merge wins), then single characters
(scores below every merge).  A space is written U+2581 and one is put before the text.  No piece
spans two words, nor a letter and a sign.

  vocab.py --stories 20000 --size 1024 --out vocab.json
"""
import argparse
import collections
import json
import re

import corpus

SPACE = "\u2581"
BOS, EOS, FIRST_BYTE, FIRST_PIECE = 1, 2, 3, 259
CHUNK = re.compile(SPACE + r"?[A-Za-z']+|" + SPACE + r"?[^A-Za-z'" + SPACE + r"\n]+|" + SPACE)
CHARACTERS = [SPACE] + [chr(c) for c in range(0x21, 0x7f)]


def escape(text):
    return SPACE + text.replace(" ", SPACE)


def merge_pair(parts, pair):
    """Join each occurrence of the pair, from the left."""
    out, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            out.append(parts[i] + parts[i + 1])
            i += 2
        else:
            out.append(parts[i])
            i += 1
    return out


def train(texts, size):
    """Byte-pair merges over characters; returns a list of (piece, score, type)."""
    chunks = collections.Counter()
    for text in texts:
        chunks.update(CHUNK.findall(escape(text)))
    split = {chunk: list(chunk) for chunk in chunks}
    wanted = size - FIRST_PIECE - len(CHARACTERS)
    merges = []
    while len(merges) < wanted:
        pairs = collections.Counter()
        for chunk, parts in split.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += chunks[chunk]
        # The pair itself breaks ties, so that a run is repeatable.
        best = max(pairs.items(), key=lambda item: (item[1], item[0]))[0]
        if best[0] + best[1] not in merges:
            merges.append(best[0] + best[1])
        for chunk, parts in split.items():
            if best[0] + best[1] in chunk:
                split[chunk] = merge_pair(parts, best)
    vocab = [("<unk>", 0.0, 2), ("<s>", 0.0, 3), ("</s>", 0.0, 3)]
    vocab += [("<0x%02X>" % b, 0.0, 6) for b in range(256)]
    vocab += [(piece, -float(rank), 1) for rank, piece in enumerate(merges, 1)]
    vocab += [(char, -float(wanted + rank), 1) for rank, char in enumerate(CHARACTERS, 1)]
    return vocab


class Tokenizer:
    """The `llama` algorithm, plain and slow; words are cached because no piece spans two."""

    def __init__(self, vocab):
        self.vocab = [tuple(entry) for entry in vocab]
        self.ids = {piece: i for i, (piece, _, kind) in enumerate(self.vocab) if kind == 1}
        self.cache = {}

    def symbols(self, text):
        """Merge the adjacent pair whose joined piece scores highest, leftmost on ties."""
        parts = list(text)
        while True:
            best = None
            for i in range(len(parts) - 1):
                piece = self.ids.get(parts[i] + parts[i + 1])
                if piece is not None and (best is None or self.vocab[piece][1] > best[0]):
                    best = (self.vocab[piece][1], i)
            if best is None:
                return parts
            i = best[1]
            parts[i:i + 2] = [parts[i] + parts[i + 1]]

    def encode(self, text):
        """Ids of a text, without <s> and </s>."""
        out = []
        for word in re.findall(SPACE + "?[^" + SPACE + "]+|" + SPACE, escape(text)):
            if word not in self.cache:
                ids = []
                for part in self.symbols(word):
                    if part in self.ids:
                        ids.append(self.ids[part])
                    else:
                        ids.extend(FIRST_BYTE + b for b in part.encode("utf-8"))
                self.cache[word] = ids
            out.extend(self.cache[word])
        return out

    def decode(self, ids):
        data = b""
        for i in ids:
            piece, _, kind = self.vocab[i]
            if kind == 6:
                data += bytes([i - FIRST_BYTE])
            elif kind == 1:
                data += piece.replace(SPACE, " ").encode("utf-8")
        text = data.decode("utf-8", "replace")
        return text[1:] if text.startswith(" ") else text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stories", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--out", default="vocab.json")
    args = parser.parse_args()
    vocab = train(corpus.stories(args.seed, args.stories), args.size)
    with open(args.out, "w", encoding="utf-8") as out:
        json.dump(vocab, out, ensure_ascii=False, indent=0)


if __name__ == "__main__":
    main()
