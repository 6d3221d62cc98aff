"""Makes scores.json: scores of the library implicit after three sweeps, from a start and a graph drawn by integers.

pip install implicit==0.7.3, then: python make_scores.py > scores.json
"""

import json

import numpy as np
import scipy.sparse as sp
from implicit.cpu.als import AlternatingLeastSquares

USERS, ITEMS, DIM, DEGREE = 150, 90, 24, 9
state = 1


def draw(bound):
    """Returns the next integer below a bound; ials.implicit.test.ts draws the same ones."""
    global state
    state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
    return state * bound >> 32


def table(rows):
    return np.array([(draw(1 << 16) - 32768) / (1 << 18) for _ in range(rows * DIM)], np.float32).reshape(rows, DIM)


# The smaller of two draws, so that some items are popular and others rare.
edges = sorted({(user, min(draw(ITEMS), draw(ITEMS))) for user in range(USERS) for _ in range(DEGREE)})
start = table(USERS), table(ITEMS)
cases = []
for alpha, l2_weight in [(4, 0.5), (40, 0.02)]:
    model = AlternatingLeastSquares(
        factors=DIM, regularization=l2_weight, alpha=1, iterations=3, use_cg=False, num_threads=1
    )
    model.user_factors, model.item_factors = start[0].copy(), start[1].copy()
    # The library takes confidences, which are 1 + alpha here.
    confidences = np.full(len(edges), 1 + alpha, np.float32)
    model.fit(sp.csr_matrix((confidences, np.array(edges).T), shape=(USERS, ITEMS)), show_progress=False)
    scores = model.user_factors.astype(np.float64) @ model.item_factors.T.astype(np.float64)
    cases.append({"alpha": alpha, "l2Weight": l2_weight, "scores": [round(float(s), 7) for s in scores[::15].ravel()]})
print(json.dumps({"users": USERS, "items": ITEMS, "embeddingDim": DIM, "degree": DEGREE, "edges": len(edges), "everyUser": 15, "cases": cases}))
