"""Sparse product of SciPy, which has one thread: `csr`."""

import scipy
from peer import read, read_matrix, serve_products

pointers, columns, values, shape = read_matrix("matrix")
matrix = scipy.sparse.csr_array((values, columns, pointers), shape=shape)
x = read("x.f32", (shape[1], -1))
serve_products(f"SciPy {scipy.__version__}, kernels of its own", {"csr": lambda: matrix @ x})
