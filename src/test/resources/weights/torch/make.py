"""Makes the PyTorch files in this folder: python make.py, with torch 2.13."""

import argparse
import collections
import zipfile

import torch


def arange(*shape, dtype=torch.float32):
    return torch.arange(torch.Size(shape).numel(), dtype=torch.float32).reshape(shape).to(dtype)


shared = arange(12)
tensors = collections.OrderedDict(
    (name, arange(2, 3, dtype=getattr(torch, name)))
    for name in ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"]
)
tensors["bool"] = torch.tensor([True, False, True])
tensors["scalar"] = torch.tensor(7.5)
tensors["empty"] = torch.empty(0, 4)
tensors["transposed"] = arange(2, 3).t()
tensors["transposed.half"] = arange(2, 3, dtype=torch.float16).t()
tensors["permuted"] = arange(2, 3, 4).permute(2, 0, 1)
tensors["every.second"] = arange(8)[1::2]
tensors["expanded"] = arange(3).expand(2, 3)
tensors["shared.all"] = shared
tensors["shared.part"] = shared[4:10].reshape(2, 3)
tensors["parameter"] = torch.nn.Parameter(arange(2, 2))

for suffix, options in {
    "zip": {},
    "legacy": {"_use_new_zipfile_serialization": False},
    "protocol4": {"pickle_protocol": 4},
}.items():
    torch.save(tensors, f"tensors-{suffix}.pt", **options)

module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))
with torch.no_grad():
    for parameter in module.parameters():
        parameter.copy_(arange(*parameter.shape))
optimizer = torch.optim.Adam(module.parameters())
module(torch.ones(1, 3)).sum().backward()
optimizer.step()
with torch.no_grad():
    for parameter in module.parameters():
        parameter.copy_(arange(*parameter.shape))
for suffix, options in {"zip": {}, "legacy": {"_use_new_zipfile_serialization": False}}.items():
    torch.save(
        {
            "args": argparse.Namespace(arch="tiny", layers=2, dropout=0.5, tied=False, task=None),
            "epoch": 3,
            "dtype": torch.float32,
            "model": module.state_dict(),
            "optimizer": optimizer.state_dict(),
            "seed": 2**70,
            "size": torch.Size([2, 3]),
        },
        f"training-{suffix}.pt",
        **options,
    )
torch.save(module, "module.pt")
torch.save([torch.ones(1)], "list.pt")

# What archives beyond 4 GiB look like.
zipfile.ZIP64_LIMIT = 100
with zipfile.ZipFile("tensors-zip.pt") as source, zipfile.ZipFile("tensors-zip64.pt", "w") as target:
    for entry in source.namelist():
        target.writestr(zipfile.ZipInfo(entry), source.read(entry))
