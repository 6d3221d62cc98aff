"""Epochs of implicit's BPR, by its own clock: one thread of C++ each, without waiting for another."""

import implicit
import numpy as np
import scipy.sparse
from implicit.cpu.bpr import BayesianPersonalizedRanking
from peer import blas_about, folder, read, read_matrix, serve, threads

factors, seed = (int(value) for value in read("settings.i32"))
pointers, columns, values, shape = read_matrix("train")
matrix = scipy.sparse.csr_matrix((values, columns, pointers), shape=shape)
model = BayesianPersonalizedRanking(
    factors=factors, iterations=1, num_threads=threads, random_state=seed
)


def epoch():
    """Goes on from the factors of the last epoch, as `fit` does with a model that has some."""
    taken = []
    model.fit(matrix, show_progress=False, callback=lambda _, elapsed, *rest: taken.append(elapsed))
    return {"seconds": taken[0]}


def factors_of_both():
    """The last column of the items is their bias, with ones beside it."""
    for name, rows in (("users", model.user_factors), ("items", model.item_factors)):
        np.ascontiguousarray(rows, dtype=np.float32).tofile(folder / f"{name}.f32")


serve(
    f"implicit {implicit.__version__}; {blas_about()}",
    {"time": epoch, "factors": factors_of_both},
)
