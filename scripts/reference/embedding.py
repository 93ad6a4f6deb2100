#!/usr/bin/env python3
"""Times encoders of the published shapes in transformers, with PyTorch's fused attention: what
'codonfuse bench embed' is measured against. Prints JSON with the same fields. Needs PyTorch and
transformers; weights are random. The shape of Nucleotide Transformer v2 has a plain feed-forward
layer here, with a third less work in it than the gated one that is published."""

import argparse
import json
import statistics
import time

import torch
import transformers

WARM_UP = 3
FIRST_LETTER = 4  # of ids: those before are special tokens
LETTERS = 4
SHAPES = {  # hidden size, layers, heads, feed-forward size, nucleotides of a token, special tokens
    "esm2-8m": (320, 6, 20, 1280, 3, 2),
    "nucleotide-transformer-v2-100m": (512, 22, 16, 2048, 6, 1),
    "rna-fm": (640, 12, 20, 5120, 1, 2),
}


def build(name, arguments, dtype):
    hidden, layers, heads, intermediate, _, _ = SHAPES[name]
    config = transformers.EsmConfig(
        vocab_size=33,
        hidden_size=hidden,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=intermediate,
        position_embedding_type="absolute" if name == "rna-fm" else "rotary",
        emb_layer_norm_before=name == "rna-fm",
        max_position_embeddings=1026,
        token_dropout=False,
        pad_token_id=1,
        mask_token_id=24,
        attn_implementation="sdpa",
    )
    model = transformers.EsmModel(config, add_pooling_layer=False)
    return model.eval().to(arguments.device, dtype)


@torch.inference_mode()
def measure(model, ids, seconds):
    def once():
        start = time.perf_counter()
        # Sequences are equally long: without a mask attention may take its fastest way.
        model(input_ids=ids).last_hidden_state
        if ids.device.type == "cuda":
            torch.cuda.synchronize(ids.device)
        return time.perf_counter() - start

    for _ in range(WARM_UP):
        once()
    times = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        times.append(once())
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=",".join(SHAPES), help="default: %(default)s")
    parser.add_argument("--precision", default="float32,bfloat16", help="default: %(default)s")
    parser.add_argument("--length", default="1020", help="nucleotides (default: %(default)s)")
    parser.add_argument("--tokens-per-batch", type=int, default=4096, metavar="N")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, … (default: cpu)")
    parser.add_argument("--seconds", type=float, default=5.0, metavar="S")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    torch.manual_seed(1)
    results = []
    for precision in arguments.precision.split(","):
        for name in arguments.model.split(","):
            model = build(name, arguments, getattr(torch, precision))
            for nucleotides in map(int, arguments.length.split(",")):
                letters, special = SHAPES[name][4:]
                tokens = nucleotides // letters + special
                sequences = max(1, arguments.tokens_per_batch // tokens)
                ids = FIRST_LETTER + torch.randint(LETTERS, (sequences, tokens))
                seconds = measure(model, ids.to(arguments.device), arguments.seconds)
                results.append(
                    {
                        "model": name,
                        "precision": precision,
                        "nucleotides": nucleotides,
                        "tokens": tokens,
                        "tokens_per_second": sequences * tokens / seconds,
                        "sequences_per_second": sequences / seconds,
                    }
                )
    backend = f"transformers {transformers.__version__}, PyTorch {torch.__version__}"
    print(json.dumps({"backend": backend, "results": results}, indent=2))


if __name__ == "__main__":
    main()
