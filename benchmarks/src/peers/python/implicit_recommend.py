"""Lists of implicit for many users at once, from given factors: the training items are left out."""

import implicit
import numpy as np
import scipy.sparse
from implicit.cpu.bpr import BayesianPersonalizedRanking
from peer import blas_about, folder, read, read_matrix, seconds, serve, threads

dim, k = (int(value) for value in read("settings.i32"))
pointers, columns, values, shape = read_matrix("train")
matrix = scipy.sparse.csr_matrix((values, columns, pointers), shape=shape)
model = BayesianPersonalizedRanking(factors=dim, num_threads=threads)
model.user_factors, model.item_factors = (
    read(f"{side}.f32", (-1, dim)) for side in ("users", "items")
)
users = np.arange(shape[0])


def recommend():
    return model.recommend(users, matrix, N=k, filter_already_liked_items=True)


def result():
    items, scores = recommend()
    items.astype(np.int32).tofile(folder / "lists.i32")
    scores.astype(np.float32).tofile(folder / "scores.f32")


serve(
    f"implicit {implicit.__version__}; {blas_about()}",
    {"result": result, "time": lambda: {"seconds": seconds(recommend)}},
)
