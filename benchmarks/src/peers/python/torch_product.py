"""Sparse products of PyTorch: `csr` and `coo`."""

import warnings

import torch
from peer import read, read_matrix, serve_products, threads, torch_about

warnings.filterwarnings("ignore", message="Sparse CSR tensor support is in beta")
torch.set_num_threads(threads)
pointers, columns, values, shape = (
    torch.from_numpy(part) if index < 3 else part for index, part in enumerate(read_matrix("matrix"))
)
x = torch.from_numpy(read("x.f32", (shape[1], -1)))
csr = torch.sparse_csr_tensor(pointers, columns, values, shape)
coo = csr.to_sparse_coo().coalesce()
serve_products(
    torch_about(torch),
    {"csr": lambda: (csr @ x).numpy(), "coo": lambda: torch.sparse.mm(coo, x).numpy()},
)
