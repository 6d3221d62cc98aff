/**
 * The remedy for each error code in a sentence or two. A code that the packages have and this object has
 * not, or the other way round, fails a test.
 */
export const remedies = {
  ALREADY_FITTED:
    'Make a new `Trainer` for a second training. To go on with a training, use the option `resume`.',
  BACKEND_UNAVAILABLE:
    "Read the message, which says what is missing. `npx @gnnrec/doctor` lists the backends of the machine; `simd` needs nothing but WebAssembly. In a page, await `useBackend('simd')` first.",
  BLOCK_FILE:
    'Remove the folder of the training in files and start it again, or resume from another checkpoint.',
  BLOCK_FILE_MISMATCH:
    'Give each training in files a folder of its own, or resume with the data that the folder was made of.',
  CALLBACK:
    'Look at `cause`: the error came out of your own function. Mend the function; the model keeps its best weights so far.',
  CHECKPOINT:
    "Check that the folder exists, is writable and has room. With `resume: 'latest-or-start'`, a training without a checkpoint starts from nothing.",
  CHECKPOINT_LOCKED:
    'Wait for the other training, or use another folder. The lock of a dead process does not count.',
  CHECKPOINT_MISMATCH:
    'Resume with the data, model and options that the message lists, or start a new training with `warmStart`.',
  DATASET_MISMATCH: 'Download the set again; the file is cut, changed or of another version.',
  DATASET_NOT_FOUND:
    'Put the files into a folder that the message names, set `GNNREC_DATA_DIR`, or allow the download.',
  DATA_TOO_LARGE:
    'Read the events by DuckDB, raise `maxMemory`, or train in files. See [large data](../guides/large-data.md).',
  DEGENERATE_MODEL:
    'Read `error.finding`, which has the likely cause and a remedy. See [troubleshooting](../guides/troubleshooting.md).',
  DISK_FULL:
    'Free space or choose another folder, then resume: only the steps since the last checkpoint are lost.',
  DISPOSED:
    'Use the object before `dispose` or `close`, or make it again. `tf.disposeVariables()` frees models as well.',
  DOWNLOAD:
    'Look at `reason`. A cut download goes on where it stopped; with `GNNREC_MIRROR` another server is asked.',
  DUCKDB:
    "Look at `cause`, which has DuckDB's own message: most often a misspelt column or too small a `memoryLimit`.",
  EMPTY_SPLIT:
    'Split with a share above 0 for the part, or lower the filters: users need enough events for all parts.',
  EXPERIMENT_FILE: 'Correct the lines that the message names.',
  EXPERIMENT_FOLDER:
    'Use another folder, or `skipExisting: true` (`gnnrec run --continue`) to go on in this one.',
  EXPERIMENT_LOCKED: 'Wait for the other run, or use another folder.',
  FILE_FORMAT:
    'Look at the line that the message names. `npx gnnrec inspect FILE` shows how a file is read.',
  FILE_READ:
    'Check the path, the rights and whether the file is whole. `cause` has the error of the system.',
  FILE_TOO_LARGE:
    'A small file of the library has grown beyond its limit, so it is damaged: remove it and write it again.',
  FOLDER_EXISTS: 'Save elsewhere, or with `overwrite: true` (`gnnrec train --force`).',
  FOLDER_LOCKED: 'Wait for the process that the message names, or use another folder.',
  INVALID_INTERACTIONS:
    'Correct the row that the message names. After filters, an empty table means that the minimums are too high.',
  INVALID_OPTIONS:
    'Correct the option: the message names it with what was got and what is expected.',
  INVALID_POINTER:
    'Report it as a fault of the library, unless your own code works on kernel memory.',
  INVALID_RANKING:
    'Give each user one list of known items, each once, without those that the protocol masks.',
  KERNEL_FAILED:
    'Report it with the output of `npx @gnnrec/doctor`; a kernel has failed or a thread has ended.',
  MEMORY_LIMIT:
    'Raise `maxMemory` to the smallest limit that the message names, or take a smaller `embeddingDim`.',
  MISSING_DEPENDENCY: 'Run the `npm i` command of the message.',
  MODEL_IN_TRAINING: 'Await the first training before you start another one of the same model.',
  MODEL_TOO_LARGE:
    'Take a smaller `embeddingDim` or another model (Sansa in place of Ease), or raise the limit that the message names.',
  NON_FINITE:
    'Lower the learning rate, or set `clipNorm`. See [loss is NaN](../guides/troubleshooting.md#the-loss-is-nan).',
  NOTHING_CHOSEN:
    'Read the reason of each candidate in the message. Often the budget of seconds or memory is too small.',
  NOT_A_REGULAR_FILE:
    'Give a regular file: pipes, devices, sockets and folders are refused where files are expected.',
  NOT_CONVERGED: 'Raise the number of iterations, or accept a larger tolerance.',
  NOT_PREPARED: 'Await `model.prepare()` first. `Trainer`, `toRecommender` and `save` do it.',
  NOT_SUPPORTED: 'Ask another kind of recommender. The message says what this kind can answer.',
  NO_FILE_SYSTEM:
    'In a page, pass bytes, `{ text }` or an address; files on disk need Node.js, Bun or Deno.',
  OUT_OF_MEMORY:
    'Take a smaller batch, fewer dimensions, or train in files. See [large data](../guides/large-data.md).',
  PACKAGE_COPIES:
    'Install one version of all `@gnnrec` packages: `npm ls @gnnrec/graph` shows the copies.',
  PACKAGE_FILE_MISSING:
    'Let the bundler leave the package outside the bundle, or install it where the program runs.',
  PROTOCOL_MISMATCH: 'Evaluate both models with the same split, part, mask, candidates and users.',
  RECALL_NOT_REACHED:
    'Ask for a lower `recallAtLeast`, allow more effort, or answer exactly without an index.',
  REDIS:
    'Start Redis, check its address, and run `npm i bullmq ioredis`. Earlier results are kept.',
  REPORT_FILE:
    'Check that the folder is writable and has room. `cause` has the error of the system.',
  SAMPLED_GRAPH_UNSUPPORTED:
    'Leave out `graphSampling`, or take a model that supports it, such as LightGCN without dropout.',
  SAMPLER_NOT_PREPARED: 'Await `prepare()` of the sampler before you draw.',
  SERIALIZATION:
    'Check the path. If the folder is damaged, save the model again: files are compared with their SHA-256.',
  SHAPE_MISMATCH:
    'Use the table, split, graph and model that belong together: they share the numbers of users and items.',
  TOO_FEW_INTERACTIONS:
    'Bring more events, or lower `minPerUser` and `minPerItem`. Most users need four events or more.',
  TRAINING_LOG: 'Check that the file of `log` can be written. `cause` has the error of the system.',
  TRAINING_TOO_LARGE:
    'Choose among what the message offers: smaller settings, a higher `maxMemory`, or `trainWithin` of `@gnnrec/out-of-core`.',
  UNCLEAR_FILE:
    'Answer the questions of the message by `columns` or `header` (`--user`, `--item`, `--no-rating`, `--header`).',
  UNKNOWN_ID:
    "Use ids of the type that the model was trained with (`'7'` is not `7`). For people who were not in training see [new users](../guides/new-users.md).",
  UNKNOWN_PRESET: 'Take one of the presets that the message lists.',
}
