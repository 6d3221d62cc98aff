"""Steps of LightGCN by Adam, in two formulations: `official` and `pyg`.

`official` is that of gusye1234/LightGCN-PyTorch: the graph as one COO matrix, layers stacked and
averaged, BPR by softplus, L2 on the batch's rows of layer 0. `pyg` is the class of PyTorch Geometric,
which gathers along edges and adds up by node, with the same L2.
"""

import numpy as np
import torch
from peer import read, read_matrix, seconds, serve, threads, torch_about

torch.set_num_threads(threads)
layers, batch_size, dim, user_count = (int(value) for value in read("settings.i32"))
rate, l2 = (float(value) for value in read("rates.f32"))
pointers, columns, values, shape = read_matrix("matrix")
matrix = torch.sparse_csr_tensor(
    *(torch.from_numpy(part) for part in (pointers, columns, values)), shape
).to_sparse_coo()
users, positives, negatives = (
    torch.from_numpy(read(f"{name}.i32", (-1, batch_size)).astype(np.int64))
    for name in ("users", "positives", "negatives")
)


class Official:
    def __init__(self):
        self.graph = matrix.coalesce()
        self.user_table, self.item_table = (
            torch.nn.Embedding.from_pretrained(
                torch.from_numpy(read(f"{side}.f32", (-1, dim))), freeze=False
            )
            for side in ("user-table", "item-table")
        )
        self.optimizer = torch.optim.Adam(
            [self.user_table.weight, self.item_table.weight], lr=rate
        )

    def loss(self, user, positive, negative):
        x = torch.cat([self.user_table.weight, self.item_table.weight])
        outputs = [x]
        for _ in range(layers):
            x = torch.sparse.mm(self.graph, x)
            outputs.append(x)
        mean = torch.mean(torch.stack(outputs, dim=1), dim=1)
        all_users, all_items = torch.split(mean, [user_count, shape[0] - user_count])
        own = self.user_table(user), self.item_table(positive), self.item_table(negative)
        regularization = 0.5 * sum(rows.norm(2).pow(2) for rows in own) / len(user)
        scores = (
            torch.sum(torch.mul(all_users[user], all_items[item]), dim=1)
            for item in (positive, negative)
        )
        positive_scores, negative_scores = scores
        ranking = torch.mean(torch.nn.functional.softplus(negative_scores - positive_scores))
        return ranking + l2 * regularization


class Geometric:
    def __init__(self):
        from torch_geometric.nn.models import LightGCN

        tables = [read(f"{side}.f32", (-1, dim)) for side in ("user-table", "item-table")]
        self.model = LightGCN(shape[0], dim, layers)
        self.model.embedding.weight.data = torch.from_numpy(np.concatenate(tables))
        self.edges = matrix.coalesce().indices()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=rate)

    def loss(self, user, positive, negative):
        positive, negative = positive + user_count, negative + user_count
        items = torch.cat([positive, negative])
        pairs = torch.stack([user.repeat(2), items])
        scores = self.model(self.edges, pairs)
        positive_scores, negative_scores = scores.split(len(user))
        nodes = torch.cat([user, items])
        return self.model.recommendation_loss(positive_scores, negative_scores, nodes, l2 / 2)


def make(formulation):
    return {"official": Official, "pyg": Geometric}[formulation]()


def step(trained, number):
    place = number % len(users)
    loss = trained.loss(users[place], positives[place], negatives[place])
    trained.optimizer.zero_grad()
    loss.backward()
    trained.optimizer.step()
    return loss.item()


trained, steps = {}, {}


def losses(of, count):
    """Losses of the first steps from the weights given; later steps go on from there."""
    trained[of], steps[of] = make(of), count
    return {"losses": [step(trained[of], number) for number in range(count)]}


def timed(of):
    steps[of] += 1
    return {"seconds": seconds(lambda: step(trained[of], steps[of]))}


serve(torch_about(torch), {"losses": losses, "time": timed})
