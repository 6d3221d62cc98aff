"""What all peers share: their files, their clock, and requests as lines of JSON.

A script is called as `script.py FOLDER THREADS` and says what it is in its first line; each line that
it reads then names an action, and is answered by the line that the action gives.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

folder, threads = Path(sys.argv[1]), int(sys.argv[2])


def read(name, shape=-1):
    """An array that the benchmark has written; the end of the name is its type."""
    kinds = {"f32": np.float32, "i32": np.int32}
    return np.fromfile(folder / name, dtype=kinds[name[-3:]]).reshape(shape)


def read_matrix(name):
    """A matrix in rows as SciPy and PyTorch take it: pointers, columns, values, shape."""
    shape = tuple(int(size) for size in read(f"{name}-shape.i32"))
    return *(read(f"{name}-{part}") for part in ("pointers.i32", "columns.i32", "values.f32")), shape


def seconds(action):
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def serve(about, actions):
    print(json.dumps({"about": about}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        answer = actions[request.pop("do")](**request)
        print(json.dumps(answer or {}), flush=True)


def serve_products(about, products):
    """The actions of a peer that multiplies: `products` has functions by name."""

    def result(of):
        np.ascontiguousarray(products[of]()).tofile(folder / f"{of}.f32")

    serve(about, {"result": result, "time": lambda of: {"seconds": seconds(products[of])}})


def torch_about(torch):
    """Version of PyTorch and the instructions that it and MKL were told to use."""
    kernels = [line.strip(" -") for line in torch.__config__.show().splitlines()]
    wanted = ("CPU capability usage", "Intel(R) oneAPI Math Kernel Library", "Intel(R) Math Kernel")
    found = [line for line in kernels if line.startswith(wanted)]
    return f"PyTorch {torch.__version__}; {'; '.join(found)}"


def blas_about():
    """The BLAS kernels that were loaded, as threadpoolctl finds them."""
    from threadpoolctl import threadpool_info

    return ", ".join(
        f"{pool['internal_api']} {pool.get('architecture', '')} × {pool['num_threads']}"
        for pool in threadpool_info()
    )
