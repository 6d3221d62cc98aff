"""Sweeps of implicit's alternating least squares from given factors: exact, or by conjugate gradients, its default."""

import implicit
import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares
from peer import blas_about, folder, read, read_matrix, serve, threads
from threadpoolctl import threadpool_limits

# The library has threads of its own, which call BLAS.
threadpool_limits(1, "blas")

factors, sweeps = (int(value) for value in read("settings.i32"))
(l2_weight,) = (float(value) for value in read("l2.f32"))
# The values are confidences.
pointers, columns, values, shape = read_matrix("confidences")
matrix = scipy.sparse.csr_matrix((values, columns, pointers), shape=shape)
start = {name: read(f"{name}-start.f32", (-1, factors)) for name in ("users", "items")}


def run(exact):
    """The seconds of one sweep, without the checks before the first."""
    model = AlternatingLeastSquares(
        factors=factors,
        regularization=l2_weight,
        alpha=1,
        iterations=sweeps,
        use_cg=not exact,
        num_threads=threads,
    )
    model.user_factors, model.item_factors = (start[name].copy() for name in ("users", "items"))
    taken = []
    model.fit(matrix, show_progress=False, callback=lambda _, elapsed, *rest: taken.append(elapsed))
    # Ours solves the users once more after the last sweep.
    users = model.recalculate_user(np.arange(shape[0]), matrix)
    for name, rows in (("users", users), ("items", model.item_factors)):
        np.ascontiguousarray(rows, dtype=np.float32).tofile(folder / f"{name}.f32")
    return {"seconds": sum(taken) / sweeps}


serve(f"implicit {implicit.__version__}; {blas_about()}", {"run": run})
