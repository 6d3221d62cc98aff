"""Epochs of RecBole's LightGCN by RecBole's own trainer, which draws the negatives itself."""

import logging

import numpy as np
import scipy.sparse
import torch
from peer import folder, read, seconds, serve, threads, torch_about

# RecBole is of a time before NumPy and SciPy took these away.
for name, kind in {"float_": np.float64, "complex_": np.complex128, "unicode_": np.str_}.items():
    if not hasattr(np, name):
        setattr(np, name, kind)
if not hasattr(scipy.sparse.dok_matrix, "_update"):
    scipy.sparse.dok_matrix._update = lambda self, values: self._dict.update(values)

import recbole
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.data.interaction import Interaction
from recbole.trainer import Trainer
from recbole.utils import get_model, init_logger, init_seed

layers, batch_size, dim = (int(value) for value in read("settings.i32"))
rate, l2 = (float(value) for value in read("rates.f32"))
torch.set_num_threads(threads)
# The library reads the number from its settings, too, and resets it.
config = Config(
    model="LightGCN",
    dataset="peer",
    config_dict={
        "data_path": str(folder),
        "benchmark_filename": ["train", "valid", "test"],
        "load_col": {"inter": ["user_id", "item_id"]},
        "embedding_size": dim,
        "n_layers": layers,
        "reg_weight": l2,
        "require_pow": True,
        "learning_rate": rate,
        "train_batch_size": batch_size,
        "train_neg_sample_args": {"distribution": "uniform", "sample_num": 1},
        "use_gpu": False,
        "state": "ERROR",
        "show_progress": False,
        "checkpoint_dir": str(folder / "saved"),
    },
)
init_seed(config["seed"], config["reproducibility"])
init_logger(config)
logging.disable(logging.INFO)
dataset = create_dataset(config)
train, _, _ = data_preparation(config, dataset)
model = get_model("LightGCN")(config, train.dataset)
trainer = Trainer(config, model)
torch.set_num_threads(threads)
epochs = 0


def places(field, count):
    """Where RecBole has put the rows that are named by our indices; it numbers them anew."""
    return torch.from_numpy(dataset.token2id(field, [str(row) for row in range(count)]))


def losses(count):
    """Losses of the first steps on given batches, from given weights."""
    tables = {"user_id": model.user_embedding, "item_id": model.item_embedding}
    own = {}
    for field, name in (("user_id", "user-table"), ("item_id", "item-table")):
        rows = torch.from_numpy(read(f"{name}.f32", (-1, dim)))
        own[field] = places(field, len(rows))
        tables[field].weight.data[own[field]] = rows
    columns = {"user_id": "users", "item_id": "positives", "neg_item_id": "negatives"}
    found = []
    for number in range(count):
        batch = {}
        for field, name in columns.items():
            indices = read(f"{name}.i32", (-1, batch_size))[number].astype(np.int64)
            batch[field] = own[field.removeprefix("neg_")][torch.from_numpy(indices)]
        loss = model.calculate_loss(Interaction(batch))
        trainer.optimizer.zero_grad()
        loss.backward()
        trainer.optimizer.step()
        found.append(loss.item())
    return {"losses": found}


def epoch():
    global epochs
    trainer._train_epoch(train, epochs, show_progress=False)
    epochs += 1


serve(
    f"RecBole {recbole.__version__} on {torch_about(torch)}",
    {"losses": losses, "time": lambda: {"seconds": seconds(epoch)}},
)
