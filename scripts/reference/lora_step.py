#!/usr/bin/env python3
"""Times a LoRA step of an encoder in PEFT and transformers: what 'codonfuse bench finetune' is
measured against. Prints JSON with the same fields. Needs PyTorch, transformers and PEFT; weights are
random."""

import argparse
import json
import statistics
import time

import peft
import torch
import torch.nn.functional as F
import transformers

LEARNING_RATE = 1e-6
WARM_UP = 3
FIRST_LETTER = 4  # of ids: those before are special tokens
LETTERS = 4
PADDING = 1

MODELS = {
    "esm2-8m": dict(
        vocab_size=33,
        hidden_size=320,
        num_hidden_layers=6,
        num_attention_heads=20,
        intermediate_size=1280,
        position_embedding_type="rotary",
        token_dropout=True,
        emb_layer_norm_before=False,
    ),
    "rna-fm": dict(
        vocab_size=25,
        hidden_size=640,
        num_hidden_layers=12,
        num_attention_heads=20,
        intermediate_size=5120,
        position_embedding_type="absolute",
        token_dropout=False,
        emb_layer_norm_before=True,
    ),
}


def lengths(arguments):
    """Tokens of each sequence: all alike, or in even steps up to the longest."""
    batch, tokens = arguments.batch, arguments.tokens
    return [tokens if not arguments.mixed else max(1, tokens * (i + 1) // batch) for i in range(batch)]


def build(arguments):
    config = transformers.EsmConfig(
        **MODELS[arguments.model],
        max_position_embeddings=1026,
        layer_norm_eps=1e-5,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        pad_token_id=PADDING,
        mask_token_id=24,
        attn_implementation=arguments.attention,
    )
    model = transformers.EsmModel(config, add_pooling_layer=False)
    lora = peft.LoraConfig(
        r=arguments.rank,
        lora_alpha=2 * arguments.rank,
        lora_dropout=arguments.dropout,
        target_modules=["query", "value"],
    )
    model = peft.get_peft_model(model, lora)
    if arguments.checkpointing:
        model.gradient_checkpointing_enable(dict(use_reentrant=arguments.reentrant))
        model.enable_input_require_grads()
    return model.train()


class Steps:
    """Steps on one batch that is padded to its longest sequence: pooled means are to be targets."""

    def __init__(self, model, arguments):
        self.model = model
        self.device = torch.device(arguments.device)
        self.bfloat16 = arguments.precision == "bfloat16"
        trained = [p for p in model.parameters() if p.requires_grad]
        self.parameters = sum(p.numel() for p in trained)
        self.optimizer = torch.optim.Adam(trained, lr=LEARNING_RATE, fused=True)
        sizes = lengths(arguments)
        self.ids = torch.full((len(sizes), max(sizes)), PADDING)
        for i, size in enumerate(sizes):
            self.ids[i, :size] = FIRST_LETTER + torch.randint(LETTERS, (size,))
        self.mask = (self.ids != PADDING).long()
        self.targets = torch.rand(len(sizes), model.config.hidden_size, device=self.device)
        self.ids, self.mask = self.ids.to(self.device), self.mask.to(self.device)

    def take_one(self):
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            # As a data collator gives it, the mask is there with or without padding.
            hidden = self.model(input_ids=self.ids, attention_mask=self.mask).last_hidden_state
        weight = self.mask.unsqueeze(2).float()
        pooled = (hidden.float() * weight).sum(1) / weight.sum(1)
        loss = F.mse_loss(pooled, self.targets)
        if not loss.isfinite().item():
            raise ArithmeticError(f"the loss is {loss}")
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)


def memory(field, device):
    """Bytes of this process as Linux counts them, on a GPU as PyTorch does."""
    if device.type == "cuda":
        statistics_of = dict(VmRSS=torch.cuda.memory_allocated, VmHWM=torch.cuda.max_memory_allocated)
        return statistics_of[field](device)
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) << 10
    raise LookupError(field)


def measure(steps, seconds):
    for _ in range(WARM_UP):
        steps.take_one()
    times = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        steps.take_one()
        times.append(time.perf_counter() - start)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", choices=MODELS, default="esm2-8m")
    parser.add_argument("--batch", type=int, default=8, metavar="N")
    parser.add_argument("--tokens", type=int, default=128, metavar="N")
    parser.add_argument("--mixed", action="store_true", help="lengths in even steps up to --tokens")
    parser.add_argument("--rank", type=int, default=8, metavar="N")
    parser.add_argument("--dropout", type=float, default=0.0, metavar="P")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--reentrant", action="store_true", help="the older way of checkpointing")
    parser.add_argument("--attention", default="sdpa", help="as transformers calls it")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, … (default: cpu)")
    parser.add_argument("--threads", type=int, metavar="N")
    parser.add_argument("--seconds", type=float, default=5.0, metavar="S")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    steps = Steps(build(arguments).to(arguments.device), arguments)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew
    loaded = memory("VmRSS", steps.device)
    times = measure(steps, arguments.seconds)
    peak = memory("VmHWM", steps.device)
    threads = torch.get_num_threads()
    versions = f"PEFT {peft.__version__}, transformers {transformers.__version__}"
    result = {
        "backend": f"{versions}, PyTorch {torch.__version__}, {threads} threads",
        "model": arguments.model,
        "batch": arguments.batch,
        "tokens": sum(lengths(arguments)),
        "parameters": steps.parameters,
        "checkpointing": arguments.checkpointing,
        "precision": arguments.precision,
        "steps": len(times),
        "seconds": statistics.median(times),
        "fastest_seconds": min(times),
        "loaded_bytes": loaded,
        "peak_bytes": peak,
        "growth_bytes": peak - loaded,
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
