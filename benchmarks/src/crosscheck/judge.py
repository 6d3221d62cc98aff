"""Judges one ranking with the metrics of other libraries: python judge.py FOLDER > values.json

FOLDER holds ranking.json (users, items, cut-offs, masked, relevant and training items by user) and
scores.f32, a row per user. The ranking is made here once more, by score and then by lower item.
"""

import enum
import importlib.util
import json
import sys
import types
from collections import Counter
from pathlib import Path

import numpy as np
import scipy.sparse
import scipy.stats
import sklearn.metrics

folder = Path(sys.argv[1])
given = json.loads((folder / "ranking.json").read_text())
users, items, cutoffs = given["users"], given["items"], given["cutoffs"]
relevant, train = given["relevant"], given["train"]
scores = np.fromfile(folder / "scores.f32", dtype=np.float32).reshape(users, items)
candidates = [np.setdiff1d(np.arange(items), np.array(masked, dtype=int)) for masked in given["masked"]]
lists = [own[np.lexsort((own, -scores[user, own]))] for user, own in enumerate(candidates)]
judged = [user for user in range(users) if relevant[user]]
complete = [user for user in judged if len(lists[user]) >= max(cutoffs)]


def hits(user, k):
    wanted = set(relevant[user])
    found = [int(item in wanted) for item in lists[user][:k]]
    return found + [0] * (k - len(found))


def ranx_values():
    from ranx import Qrels, Run, evaluate

    qrels = Qrels({str(u): {str(i): 1 for i in relevant[u]} for u in judged})
    longest = max(cutoffs)
    run = Run({str(u): {str(i): float(-p) for p, i in enumerate(lists[u][:longest])} for u in judged})
    names = {"recall": "recall", "precision": "precision", "hit_rate": "hit", "ndcg": "ndcg", "mrr": "mrr",
             "map": "map(rel)", "f1": "f1"}
    wanted = [f"{name}@{k}" for name in names for k in cutoffs]
    found = evaluate(qrels, run, wanted, make_comparable=True)
    return {f"{names[n.split('@')[0]]}@{n.split('@')[1]}": float(value) for n, value in found.items()}


def trec_eval_values():
    import pytrec_eval

    qrels = {str(u): {str(i): 1 for i in relevant[u]} for u in judged}
    values = {}
    for k in cutoffs:
        run = {str(u): {str(i): float(k - p) for p, i in enumerate(lists[u][:k])} for u in judged}
        measures = {f"recall.{k}", f"P.{k}", f"success.{k}", f"ndcg_cut.{k}", f"map_cut.{k}", "recip_rank"}
        found = pytrec_eval.RelevanceEvaluator(qrels, measures).evaluate(run)
        for ours, theirs in [("recall", f"recall_{k}"), ("precision", f"P_{k}"), ("hit", f"success_{k}"),
                             ("ndcg", f"ndcg_cut_{k}"), ("map", f"map_cut_{k}"), ("mrr", "recip_rank")]:
            values[f"{ours}@{k}"] = float(np.mean([found[str(u)][theirs] for u in judged]))
    return values


def load_recbole_metrics():
    """RecBole's metrics.py as it is; only the PyTorch around it, which metrics do not use, is left out."""
    spec = importlib.util.find_spec("recbole")
    home = Path(spec.submodule_search_locations[0])

    class EvaluatorType(enum.Enum):
        RANKING = 1
        VALUE = 2

    def module(name, path=None, **contents):
        made = types.ModuleType(name)
        made.__dict__.update(contents)
        if path:
            made.__path__ = [str(path)]
        sys.modules[name] = made

    module("torch")
    module("recbole", home)
    module("recbole.utils", EvaluatorType=EvaluatorType)
    module("recbole.evaluator", home / "evaluator")
    np.float = float  # removed from NumPy, used by RecBole 1.2.1
    import recbole.evaluator.metrics as metrics

    return metrics


def recbole_values(metrics):
    values, of_items = {}, {}
    lengths = np.array([len(relevant[u]) for u in judged])
    counts = dict(Counter(item + 1 for own in train for item in own))
    for k in cutoffs:
        config = {"metric_decimal_place": 99, "topk": [k], "tail_ratio": 0.1}
        found = np.array([hits(u, k) for u in judged])
        for name, metric, with_length in [("recall", metrics.Recall, True), ("precision", metrics.Precision, False),
                                          ("hit", metrics.Hit, False), ("mrr", metrics.MRR, False),
                                          ("map", metrics.MAP, True), ("ndcg", metrics.NDCG, True)]:
            arguments = (found, lengths) if with_length else (found,)
            values[f"{name}@{k}"] = float(metric(config).metric_info(*arguments)[:, k - 1].mean())
        shown = np.array([lists[u][:k] + 1 for u in complete])  # item 0 is the padding
        of_items[f"coverage@{k}"] = float(metrics.ItemCoverage(config).get_coverage(shown, items + 1))
        of_items[f"gini@{k}"] = float(metrics.GiniIndex(config).get_gini(shown, items + 1))
        of_items[f"entropy@{k}"] = float(metrics.ShannonEntropy(config).get_entropy(shown))
        popularity = metrics.AveragePopularity(config)
        of_items[f"averagePopularity@{k}"] = float(
            popularity.metric_info(popularity.get_pop(shown, counts))[:, k - 1].mean())
        tail = metrics.TailPercentage(config)
        of_items[f"tailShare@{k}"] = float(tail.metric_info(tail.get_tail(shown, counts))[:, k - 1].mean())
    sums, sizes = [], []
    for u in judged:
        ranks = scipy.stats.rankdata(-scores[u, lists[u]].astype(float))
        sums.append(ranks[np.isin(lists[u], relevant[u])].sum())
        sizes.append(len(lists[u]))
    values["gauc"] = float(metrics.GAUC(config).metric_info(np.array(sums)[:, None], np.array(sizes), lengths))
    return values, of_items


def implicit_values():
    from implicit.evaluation import ranking_metrics_at_k

    def matrix(rows):
        pairs = [(user, item) for user, own in enumerate(rows) for item in own]
        return scipy.sparse.csr_matrix((np.ones(len(pairs)), tuple(zip(*pairs))), shape=(users, items))

    class Given:
        def recommend(self, batch, _, N):
            ids = np.full((len(batch), N), -1, dtype=np.int32)
            for row, user in enumerate(batch):
                own = lists[user][:N]
                ids[row, : len(own)] = own
            return ids, None

    values = {}
    for k in cutoffs:
        found = ranking_metrics_at_k(Given(), matrix(train), matrix(relevant), K=k, show_progress=False)
        values.update({f"{name}@{k}": float(value) for name, value in found.items()})
    return values


def sklearn_values():
    areas, precisions, gains = [], [], {k: [] for k in cutoffs}
    for u in judged:
        truth = np.isin(lists[u], relevant[u]).astype(int)
        rank = -np.arange(len(truth), dtype=float)
        precisions.append(sklearn.metrics.average_precision_score(truth, rank))
        if 0 < truth.sum() < len(truth):
            areas.append(sklearn.metrics.roc_auc_score(truth, scores[u, lists[u]]))
        for k in cutoffs:
            gains[k].append(sklearn.metrics.ndcg_score([truth], [rank], k=k, ignore_ties=True))
    return {"auc": float(np.mean(areas)), f"map(rel)@{items}": float(np.mean(precisions)),
            **{f"ndcg@{k}": float(np.mean(own)) for k, own in gains.items()}}


trec, ranx, implicit, learn = trec_eval_values(), ranx_values(), implicit_values(), sklearn_values()
recbole, recbole_items = recbole_values(load_recbole_metrics())
print(json.dumps({
    "trec_eval": trec, "ranx": ranx, "implicit": implicit, "scikit-learn": learn, "recbole": recbole,
    "recbole, of items": recbole_items, "complete": complete,
}))
