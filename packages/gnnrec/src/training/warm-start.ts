import { evaluate } from '@gnnrec/eval'
import {
  createSplit,
  fromColumns,
  type Id,
  type InteractionTable,
  InvalidOptionsError,
  Rng,
  rowCount,
  type Split,
  selectRows,
} from '@gnnrec/graph'
import { EmbeddingModel, type GraphModel, models } from '@gnnrec/models'
import { Recommender } from '@gnnrec/serving'
import { type FoundModel, refit } from '@gnnrec/train'
import { TooFewInteractionsError } from '../errors.js'
import { epochProgress } from './epoch-progress.js'
import type { FoundOnValidation } from './find-model.js'
import { type ModelRecord, readRecord } from './model-record.js'
import { count, distinctEvents, type PreparedEvents } from './prepare-events.js'
import type { CheckedTrainOptions, WarmStart } from './train-options.js'
import type { WarmStartFacts } from './train-result.js'

/** A saved model to go on from. */
export interface EarlierModel {
  readonly recommender: Recommender
  readonly record: ModelRecord
  /** The model with its vectors; undefined for one that is computed anew, or has no vectors of its nodes. */
  readonly model: GraphModel | undefined
}

/** Share of the earlier epochs that are trained at most, unless more are asked for. */
const usualShare = 1 / 4

/** Loads the model of a folder to go on from. */
export async function openEarlier(folder: string): Promise<EarlierModel> {
  const recommender = await Recommender.load(folder)
  const record = await readRecord(folder, recommender.origin.splitHash)
  const Model = models.get(record.model)
  const hasVectors = Model.prototype instanceof EmbeddingModel
  const model = hasVectors
    ? await (Model as unknown as { load(source: string): Promise<GraphModel> }).load(folder)
    : undefined
  return { recommender, record, model }
}

/**
 * Joins the events of the earlier model and the new ones, and splits the new ones: the last of them judge, those before
 * them choose, and all others are learnt from.
 *
 * @throws TooFewInteractionsError when there are too few new pairs
 */
export function prepareNewEvents(
  table: InteractionTable,
  { recommender, record }: EarlierModel,
  options: CheckedTrainOptions,
): PreparedEvents {
  const notes: string[] = []
  const given = distinctEvents(table, options, notes)
  const { users, items, seen } = recommender
  if (options.weights !== 'none' || record.weights !== 'none') {
    throw new InvalidOptionsError(
      `from: a saved model does not keep the weights of its events, so that only models without weights can be gone on from; got weights: '${options.weights}' and a model with '${record.weights}'. Train on the old and the new events together, without from.`,
    )
  }
  if (given.users.type !== users.type || given.items.type !== items.type) {
    throw new InvalidOptionsError(
      `from: the model has ids of the types ${users.type} (users) and ${items.type} (items), the events ${given.users.type} and ${given.items.type}; read the events with ids of the same types.`,
    )
  }
  const pairs = { user: [] as Id[], item: [] as Id[] }
  for (let user = 0; user < users.size; user++) {
    for (let at = seen.pointers[user]; at < seen.pointers[user + 1]; at++) {
      pairs.user.push(users.idOf(user))
      pairs.item.push(items.idOf(seen.items[at]))
    }
  }
  const earlierRows = pairs.user.length
  for (const row of rowsInOrder(given, options)) {
    const user = given.users.idOf(given.userIndex[row])
    const item = given.items.idOf(given.itemIndex[row])
    if (hasLearnt(recommender, user, item)) continue
    pairs.user.push(user)
    pairs.item.push(item)
  }
  const fresh = pairs.user.length - earlierRows
  const all = fromColumns({ user: pairs.user, item: pairs.item } as never) as InteractionTable
  const [share, validationShare] = options.ratios
  const trained = earlierRows + Math.floor(fresh * share)
  const validated = earlierRows + Math.floor(fresh * (share + validationShare))
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, at) => from + at)
  if (trained === validated || validated === pairs.user.length) {
    throw new TooFewInteractionsError(
      `There are ${count(fresh, 'pair')} of a user and an item that the model in from has not learnt from; expected 7 or more, so that some can choose and some judge. The model is up to date, or train without from.`,
    )
  }
  notes.push(
    `${count(fresh, 'pair')} are new to the model, which knows ${earlierRows.toLocaleString('en-GB')}. Of the new ones the last ${Math.round(100 * options.ratios[2])} % judge, and the ${Math.round(100 * validationShare)} % before them choose.`,
  )
  const split = createSplit({
    train: selectRows(all, range(0, trained)),
    validation: selectRows(all, range(trained, validated)),
    test: selectRows(all, range(validated, pairs.user.length)),
    method: { name: 'new events', settings: { ratios: options.ratios } },
  })
  return { all, split, metric: options.metric ?? record.metric, notes }
}

/** Returns true when a recommender has learnt from a pair. */
function hasLearnt({ users, items, seen }: Recommender, user: Id, item: Id): boolean {
  if (!users.has(user) || !items.has(item)) return false
  const [index, sought] = [users.indexOf(user), items.indexOf(item)]
  let [low, high] = [seen.pointers[index], seen.pointers[index + 1]]
  while (low < high) {
    const middle = (low + high) >> 1
    if (seen.items[middle] < sought) low = middle + 1
    else high = middle
  }
  return low < seen.pointers[index + 1] && seen.items[low] === sought
}

/** Returns the rows by their times, or without times in a random order. */
function rowsInOrder(table: InteractionTable, { split, seed }: CheckedTrainOptions): number[] {
  const rows = Array.from({ length: rowCount(table) }, (_, row) => row)
  const { timestamp } = table
  if (timestamp && split !== 'random') return rows.sort((a, b) => timestamp[a] - timestamp[b])
  const rng = Rng.fromSeed(seed)
  for (let at = rows.length - 1; at > 0; at--) {
    const other = rng.integer(at + 1)
    ;[rows[at], rows[other]] = [rows[other], rows[at]]
  }
  return rows
}

/** Trains the earlier model on with the new events, and says on the validation part what it gives. */
export async function goOn(
  { split, metric }: PreparedEvents,
  { model, record, recommender }: EarlierModel,
  { epochs }: WarmStart,
  options: CheckedTrainOptions,
): Promise<FoundOnValidation & { readonly warmStart: WarmStartFacts }> {
  const { signal, onProgress, from } = options
  const facts = nodeFacts(split, recommender)
  const found: FoundModel = {
    model: record.model,
    options: record.options,
    training: record.training,
    seed: record.seed,
    ...(record.bestEpoch !== undefined && { bestEpoch: record.bestEpoch }),
  }
  const quiet = { lowRatings: 'accept', ...(signal && { signal }) } as const
  if (!model) {
    return {
      found,
      warmStart: facts,
      notes: [`Model: ${record.model}, computed anew with its settings.`],
    }
  }
  const asTakenOver = await refit({ ...found, bestEpoch: 0 }, split, { ...quiet, from: model })
  const before = await validationValue(asTakenOver, split, metric, signal)
  const most = epochs ?? Math.max(1, Math.ceil((record.bestEpoch ?? 1) * usualShare))
  const short = { ...found, training: { ...found.training, epochs: most, evaluateEvery: 1 } }
  const name = `${record.model}, from its vectors`
  const trained = await refit(short, split, {
    ...quiet,
    from: model,
    metrics: [metric],
    onEvent: epochProgress(onProgress, 'choose', name),
  })
  trained.model.dispose()
  const after = trained.history?.bestValidation?.[metric]
  // Training on may do harm; then the vectors stay as they were taken over.
  const isBetter = after !== undefined && after > before
  const best = isBetter ? trained.found : { ...trained.found, bestEpoch: 0 }
  const cold = from?.compare
    ? await validationValue(
        await refit(found, split, {
          ...quiet,
          onEvent: epochProgress(onProgress, 'choose', `${record.model}, from nothing`),
        }),
        split,
        metric,
        signal,
      )
    : undefined
  const text = (value: number | undefined) => value?.toFixed(4) ?? 'undefined'
  const compared =
    cold === undefined ? '' : `; from nothing ${text(cold)} after ${record.bestEpoch} epochs`
  return {
    found: best,
    validation: isBetter ? after : before,
    warmStart: {
      ...facts,
      before,
      ...(after !== undefined && { after }),
      ...(cold !== undefined && { fromNothing: cold }),
    },
    notes: [
      `Model: ${record.model}, from the vectors of ${count(facts.known.users, 'user')} and ${count(facts.known.items, 'item')}; ${count(facts.added.users, 'user')} and ${count(facts.added.items, 'item')} are new. ${metric} on the validation part: ${text(before)} as taken over, ${text(after)} after ${count(trained.found.bestEpoch ?? 0, 'epoch')}${compared}.${isBetter ? '' : ' The vectors stay as they were taken over.'}`,
    ],
  }
}

async function validationValue(
  { model }: Awaited<ReturnType<typeof refit>>,
  split: Split,
  metric: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  const recommender = await model.toRecommender()
  model.dispose()
  const report = await evaluate(recommender, { split, on: 'validation', metrics: [metric], signal })
  return report.metrics[metric]
}

function nodeFacts({ train }: Split, { users, items }: Recommender): WarmStartFacts {
  const known = { users: users.size, items: items.size }
  return {
    known,
    added: { users: train.users.size - users.size, items: train.items.size - items.size },
  }
}
