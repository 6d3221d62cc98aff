"""Times matmul and topk of PyTorch: python matmul_topk.py FOLDER DIMENSIONS K THREADS > seconds

FOLDER holds users.f32 and items.f32, and in pointers.i32 and masked.i32 the items of each user that are
taken out. Blocks have 256 users, which was faster than 64 and 1024.
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch

folder, dimensions, k, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
users, items = (
    torch.from_numpy(np.fromfile(folder / name, dtype=np.float32).reshape(-1, dimensions))
    for name in ("users.f32", "items.f32")
)
pointers = np.fromfile(folder / "pointers.i32", dtype=np.int32)
masked = torch.from_numpy(np.fromfile(folder / "masked.i32", dtype=np.int32).astype(np.int64))


def rank(first, last):
    scores = users[first:last] @ items.T
    lengths = np.diff(pointers[first : last + 1])
    rows = torch.from_numpy(np.repeat(np.arange(last - first), lengths))
    scores[rows, masked[pointers[first] : pointers[last]]] = -float("inf")
    return scores.topk(k)


rank(0, min(256, len(users)))
started = time.perf_counter()
for first in range(0, len(users), 256):
    rank(first, min(first + 256, len(users)))
print(time.perf_counter() - started)
