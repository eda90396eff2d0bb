# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The Tandem Authors
"""Trains the small Llama on generated stories, with torch (Debian: python3-torch), one thread.

Every sample starts with <s> at position 0 and is filled with stories, each as <s> story </s>, so
that the model learns to begin at position 0 and to end with </s>.  Each step draws fresh stories.

  train.py --vocab vocab.json --out tales.pt --minutes 45
"""
import argparse
import json
import math
import os
import random
import time

import torch
from torch import nn
from torch.nn import functional as F

import corpus
import vocab as vocabulary

CONFIG = {"dim": 128, "layers": 5, "heads": 8, "kv_heads": 4, "ffn": 384, "context": 512,
          "eps": 1e-5, "rope_base": 10000.0}
# Sample lengths, as length:share of the run.  From samples of 320 tokens the model soon learns the
# plots, but after 1,400 steps it still did not copy names from earlier in the story; a stretch of
# short samples, where a name is never far, teaches that.  The longest teach the late positions.
STAGES = "320:0.3,96:0.18,320:0.4,512:0.12"


class RMSNorm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rope_tables(length, head_dim, base):
    freq = base ** (-torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * freq[None, :]
    return angle.cos().float(), angle.sin().float()


def rope(x, cos, sin):
    """Rotates the pairs (0,1), (2,3), ...: the order of GGUF's `llama` architecture."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), -1).flatten(-2)


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        dim, head = c["dim"], c["dim"] // c["heads"]
        self.heads, self.kv_heads, self.head = c["heads"], c["kv_heads"], head
        self.attn_norm = RMSNorm(dim, c["eps"])
        self.attn_q = nn.Linear(dim, dim, bias=False)
        self.attn_k = nn.Linear(dim, head * c["kv_heads"], bias=False)
        self.attn_v = nn.Linear(dim, head * c["kv_heads"], bias=False)
        self.attn_output = nn.Linear(dim, dim, bias=False)
        self.ffn_norm = RMSNorm(dim, c["eps"])
        self.ffn_gate = nn.Linear(dim, c["ffn"], bias=False)
        self.ffn_up = nn.Linear(dim, c["ffn"], bias=False)
        self.ffn_down = nn.Linear(c["ffn"], dim, bias=False)

    def attention(self, x, cos, sin, mask):
        b, t, dim = x.shape
        group = self.heads // self.kv_heads
        # Query head h reads KV head h / group: fold the group into the rows of one product.
        q = self.attn_q(x).view(b, t, self.heads, self.head).transpose(1, 2)
        k = self.attn_k(x).view(b, t, self.kv_heads, self.head).transpose(1, 2)
        v = self.attn_v(x).view(b, t, self.kv_heads, self.head).transpose(1, 2)
        q = rope(q, cos, sin).reshape(b * self.kv_heads, group * t, self.head)
        k = rope(k, cos, sin).reshape(b * self.kv_heads, t, self.head)
        v = v.reshape(b * self.kv_heads, t, self.head)
        score = torch.baddbmm(mask, q, k.transpose(1, 2), alpha=1 / math.sqrt(self.head))
        out = torch.bmm(torch.softmax(score, -1), v)
        out = out.view(b, self.heads, t, self.head).transpose(1, 2).reshape(b, t, dim)
        return self.attn_output(out)

    def forward(self, x, cos, sin, mask):
        x = x + self.attention(self.attn_norm(x), cos, sin, mask)
        h = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(h)) * self.ffn_up(h))


class Llama(nn.Module):
    def __init__(self, c, vocab_size):
        super().__init__()
        self.config = c
        self.token_embd = nn.Embedding(vocab_size, c["dim"])
        self.blk = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        self.output_norm = RMSNorm(c["dim"], c["eps"])
        for name, p in self.named_parameters():
            if p.dim() == 2:
                last = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(p, std=0.04 / math.sqrt(2 * c["layers"]) if last else 0.04)

    def forward(self, ids):
        c, t = self.config, ids.shape[1]
        cos, sin = rope_tables(t, c["dim"] // c["heads"], c["rope_base"])
        mask = torch.full((t, t), -1e30).triu(1).repeat(c["heads"] // c["kv_heads"], 1)[None]
        x = self.token_embd(ids)
        for block in self.blk:
            x = block(x, cos, sin, mask)
        return F.linear(self.output_norm(x), self.token_embd.weight)


class Batches:
    """Endless samples of fresh stories; a seed gives the same stream."""

    def __init__(self, tokenizer, seed):
        self.tokenizer, self.rng = tokenizer, random.Random(seed)

    def sample(self, length):
        ids = []
        while len(ids) < length + 1:
            text = self.tokenizer.encode(corpus.story(self.rng))
            ids += [vocabulary.BOS] + text + [vocabulary.EOS]
        return ids[:length + 1]

    def batch(self, count, length):
        data = torch.tensor([self.sample(length) for _ in range(count)])
        return data[:, :-1], data[:, 1:]


def greedy(model, tokenizer, prompt, limit):
    """Text and ids after a prompt at temperature 0, up to </s>."""
    ids = [vocabulary.BOS] + tokenizer.encode(prompt)
    model.eval()
    with torch.no_grad():
        while len(ids) < limit and ids[-1] != vocabulary.EOS:
            ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
    model.train()
    return tokenizer.decode(ids), ids


def save(path, model, vocab, step, loss):
    """Written beside the old checkpoint and renamed, so that a reader never sees half a file."""
    torch.save({"config": model.config, "vocab": vocab, "step": step, "loss": loss,
                "state": model.state_dict()}, path + ".part")
    os.replace(path + ".part", path)


def stages(text):
    """[(end, length), ...] where end is the share of the run at which that sample length ends."""
    out, end = [], 0.0
    for part in text.split(","):
        length, share = part.split(":")
        end += float(share)
        out.append((end, int(length)))
    return out


def progress(args, start, step):
    """Share of the budget used: steps, or minutes where no number of steps is given."""
    if args.steps:
        return step / args.steps
    return (time.monotonic() - start) / (60 * args.minutes)


def train(args, model, vocab):
    tokenizer = vocabulary.Tokenizer(vocab)
    batches = Batches(tokenizer, args.seed + 1)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1},
                                   {"params": vectors, "weight_decay": 0.0}],
                                  lr=args.lr, betas=(0.9, 0.95))
    start, step, mean = time.monotonic(), 0, None
    plan = stages(args.stages)
    while (done := progress(args, start, step)) < 1:
        cosine = 0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * done))
        rate = args.lr * min(1, (step + 1) / 50) * cosine
        for group in optimizer.param_groups:
            group["lr"] = rate
        length = next((size for until, size in plan if done < until), plan[-1][1])
        x, y = batches.batch(args.tokens // length, length)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if step % 20 == 0:
            print("step %d, %.1f %%, loss %.4f, %.0f s"
                  % (step, 100 * done, mean, time.monotonic() - start), flush=True)
        if step % args.every == 0:
            save(args.out, model, vocab, step, mean)
            print(greedy(model, tokenizer, "Once upon a time", 300)[0], flush=True)
    save(args.out, model, vocab, step, mean)
    for prompt in ("Once upon a time", "The little robot"):
        print("---\n" + greedy(model, tokenizer, prompt, 500)[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--vocab", default="vocab.json")
    parser.add_argument("--out", default="tales.pt")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=45, help="wall time of the run")
    parser.add_argument("--steps", type=int, default=0,
                        help="steps of the run, instead of --minutes: repeatable")
    parser.add_argument("--tokens", type=int, default=2560, help="tokens of one step")
    parser.add_argument("--stages", default=STAGES, help="sample lengths, as LENGTH:SHARE,...")
    parser.add_argument("--resume", help="checkpoint to start from, instead of random weights")
    parser.add_argument("--lr", type=float, default=3e-3)
    parser.add_argument("--every", type=int, default=200, help="steps between checkpoints")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    with open(args.vocab, encoding="utf-8") as source:
        vocab = json.load(source)
    model = Llama(dict(CONFIG), len(vocab))
    if args.resume:
        saved = torch.load(args.resume, map_location="cpu")
        if saved["vocab"] != vocab:
            parser.error("%s: has another vocabulary; give its own with --vocab" % args.resume)
        model.load_state_dict(saved["state"])
    train(args, model, vocab)


if __name__ == "__main__":
    main()
