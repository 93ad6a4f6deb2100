#!/usr/bin/env python3
"""Times a training step of Codonfuse's models in eager PyTorch: what 'codonfuse bench train' is
measured against. Prints JSON with the same fields. Needs PyTorch alone."""

import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

WIDTHS = {"dna": 512, "rna": 640, "protein": 320}
KERNELS = (3, 4, 5)
HEAD_WIDTH = 640
MODEL_WIDTH = 600
GATE_WIDTH = 100
ENTROPY_WEIGHT = 0.5
LEARNING_RATE = 1e-6
WARM_UP = 3
TURN = 0.2  # seconds between two looks at the clock


class Upsample(nn.Module):
    """Takes windows of two codons of DNA apart."""

    def __init__(self):
        super().__init__()
        width = WIDTHS["dna"]
        self.kernel = nn.ConvTranspose1d(width, width, 2, stride=2, bias=False)

    def forward(self, streams, codons):
        dna, rna, protein = streams
        return self.kernel(dna.transpose(1, 2)).transpose(1, 2)[:, :codons], rna, protein


class Concat(nn.Module):
    width = sum(WIDTHS.values())

    def __init__(self):
        super().__init__()
        dna = WIDTHS["dna"]
        self.align = Upsample()
        self.mlp = nn.Sequential(nn.Linear(dna, dna), nn.Tanh(), nn.Linear(dna, dna))

    def forward(self, streams, mask):
        dna, rna, protein = self.align(streams, mask.shape[1])
        return torch.cat([self.mlp(dna), rna, protein], 2), 0


class Projections(nn.Module):
    def __init__(self):
        super().__init__()
        self.align = Upsample()
        self.linear = nn.ModuleList(nn.Linear(width, MODEL_WIDTH) for width in WIDTHS.values())

    def forward(self, streams, codons):
        aligned = self.align(streams, codons)
        return [torch.tanh(linear(x)) for linear, x in zip(self.linear, aligned)]


class Mil(nn.Module):
    width = MODEL_WIDTH

    def __init__(self):
        super().__init__()
        self.project = Projections()
        self.tanh = nn.ModuleList(nn.Linear(MODEL_WIDTH, GATE_WIDTH) for _ in WIDTHS)
        self.sigmoid = nn.ModuleList(nn.Linear(MODEL_WIDTH, GATE_WIDTH) for _ in WIDTHS)
        self.score = nn.Linear(GATE_WIDTH, 1, bias=False)
        self.temperature = nn.Parameter(torch.ones(()))

    def forward(self, streams, mask):
        projected = self.project(streams, mask.shape[1])
        weight = mask.unsqueeze(2).float()
        counts = weight.sum(1)
        scores = []
        for v, u, h in zip(self.tanh, self.sigmoid, projected):
            mean = (h * weight).sum(1) / counts
            scores.append(self.score(torch.tanh(v(mean)) * torch.sigmoid(u(mean))))
        scores = torch.cat(scores, 1).float()
        alpha = torch.softmax(scores / self.temperature.clamp(0.02, 20), 1)
        entropy = -(alpha * torch.log(alpha)).sum(1).mean()
        fused = sum(alpha[:, i, None, None] * h for i, h in enumerate(projected))
        return fused, ENTROPY_WEIGHT * entropy


class CrossAttention(nn.Module):
    width = MODEL_WIDTH

    def __init__(self):
        super().__init__()
        self.project = Projections()
        self.attention = nn.ModuleList(
            nn.MultiheadAttention(MODEL_WIDTH, 4, dropout=0.1, batch_first=True) for _ in WIDTHS
        )
        self.norms = nn.ModuleList(nn.LayerNorm(MODEL_WIDTH) for _ in WIDTHS)
        self.mix = nn.Linear(len(WIDTHS) * MODEL_WIDTH, MODEL_WIDTH)
        self.norm = nn.LayerNorm(MODEL_WIDTH)

    def forward(self, streams, mask):
        projected = self.project(streams, mask.shape[1])
        context = torch.cat(projected, 1)
        padding = ~torch.cat([mask] * len(projected), 1)
        attended = []
        for attention, norm, h in zip(self.attention, self.norms, projected):
            a, _ = attention(h, context, context, key_padding_mask=padding, need_weights=False)
            attended.append(norm(h + a))
        mixed = self.mix(torch.cat(attended, 2))
        return self.norm(sum(attended) / len(attended) + mixed), 0


class TextCnn(nn.Module):
    def __init__(self, width, channels):
        super().__init__()
        self.project = nn.Linear(width, HEAD_WIDTH)
        self.convolutions = nn.ModuleList(nn.Conv1d(HEAD_WIDTH, channels, k) for k in KERNELS)
        self.dropout = nn.Dropout(0.2)
        self.output = nn.Linear(channels * len(KERNELS), 1)

    def forward(self, x, mask):
        x = self.project(x).masked_fill(~mask.unsqueeze(2), 0).transpose(1, 2)
        pooled = []
        for kernel, convolution in zip(KERNELS, self.convolutions):
            y = F.relu(convolution(F.pad(x, ((kernel - 1) // 2, kernel // 2))))
            pooled.append(y.masked_fill(~mask.unsqueeze(1), -torch.inf).amax(2))
        return self.output(self.dropout(torch.cat(pooled, 1))).squeeze(1)


FUSIONS = {"concat": Concat, "mil": Mil, "cross-attention": CrossAttention}


class Model(nn.Module):
    def __init__(self, fusion, channels):
        super().__init__()
        self.fusion = FUSIONS[fusion]()
        self.head = TextCnn(self.fusion.width, channels)

    def forward(self, streams, mask):
        fused, penalty = self.fusion(streams, mask)
        return self.head(fused, mask), penalty


class Steps:
    """Training steps on one batch in the host's memory."""

    def __init__(self, model, codons, precision, fused, arguments):
        self.model = model
        self.device = torch.device(arguments.device)
        self.precision = precision
        self.optimizer = torch.optim.Adam(
            model.parameters(), lr=LEARNING_RATE, weight_decay=1e-5, fused=fused or None
        )
        rows = ((codons + 1) // 2, codons, codons)
        # From pinned memory the copy to a device is fastest.
        pinned = self.device.type == "cuda"
        self.streams = [
            torch.rand(arguments.batch, n, width) * 2 - 1
            for n, width in zip(rows, WIDTHS.values())
        ]
        if pinned:
            self.streams = [x.pin_memory() for x in self.streams]
        self.targets = torch.rand(arguments.batch)
        self.mask = torch.ones(arguments.batch, codons, dtype=torch.bool)

    def take_one(self):
        copy = self.device.type == "cpu"
        streams = [x.to(self.device, non_blocking=True, copy=copy) for x in self.streams]
        mask = self.mask.to(self.device)
        bfloat16 = self.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=bfloat16):
            outputs, penalty = self.model(streams, mask)
        loss = F.mse_loss(outputs.float(), self.targets.to(self.device)) + penalty
        if not loss.isfinite().item():
            raise ArithmeticError(f"the loss is {loss}")
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def take(self, least, seconds):
        begin = time.perf_counter()
        taken = 0
        while taken < least or time.perf_counter() - begin < seconds:
            self.take_one()
            taken += 1
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return taken


def measure(steps, seconds):
    """The number of steps, and the median of the seconds that a step takes."""
    steps.take(WARM_UP, seconds / 2)
    times = []
    measured = 0
    begin = time.perf_counter()
    while not times or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        taken = steps.take(1, min(TURN, seconds))
        times.append((time.perf_counter() - start) / taken)
        measured += taken
    return measured, statistics.median(times)


def result(fusion, codons, precision, arguments):
    """The faster of Adam's two implementations counts."""
    channels = arguments.channels or (100 if fusion == "cross-attention" else 1280)
    torch.manual_seed(1)
    model = Model(fusion, channels).to(arguments.device).train()
    rounds = {
        fused: measure(Steps(model, codons, precision, fused, arguments), arguments.seconds)
        for fused in (False, True)
    }
    fused = min(rounds, key=lambda each: rounds[each][1])
    steps, seconds = rounds[fused]
    return {
        "fusion": fusion,
        "precision": precision,
        "codons": codons,
        "batch": arguments.batch,
        "channels": channels,
        "parameters": sum(p.numel() for p in model.parameters()),
        "adam": "fused" if fused else "foreach" if arguments.device != "cpu" else "default",
        "steps": steps,
        "seconds": seconds,
        "sequences_per_second": arguments.batch / seconds,
    }


def names(text):
    return text.split(",")


def numbers(text):
    return [int(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fusion", type=names, default=list(FUSIONS), metavar="NAME,...")
    parser.add_argument("--precision", type=names, default=["float32"], metavar="TYPE,...")
    parser.add_argument("--codons", type=numbers, default=[27, 226], metavar="N,...")
    parser.add_argument("--batch", type=int, default=32, metavar="N")
    parser.add_argument("--channels", type=int, metavar="N")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, metavar="N")
    parser.add_argument("--seconds", type=float, default=5.0, metavar="S")
    arguments = parser.parse_args()
    # float32 is float32 on both sides.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    device = torch.device(arguments.device)
    where = torch.cuda.get_device_name(device) if device.type == "cuda" else arguments.device
    results = [
        result(fusion, codons, precision, arguments)
        for fusion in arguments.fusion
        for codons in arguments.codons
        for precision in arguments.precision
    ]
    threads = torch.get_num_threads()
    backend = f"PyTorch {torch.__version__}, {where}, {threads} threads"
    print(json.dumps({"backend": backend, "results": results}, indent=2))


if __name__ == "__main__":
    main()
