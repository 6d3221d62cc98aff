import type { Id, InteractionLists } from '@gnnrec/graph'
import { sha256Hex } from '@gnnrec/graph/files'
import { seenProblem, servingProblem, tensorProblem } from './check-parts.js'
import { SerializationError } from './errors.js'
import { type FolderReader, openFolder } from './folder-reader.js'
import { decodeIds } from './id-file.js'
import { decodeModelJson, type FileEntry, type ModelJson } from './model-json.js'
import { type ModelParts, manifestName } from './model-parts.js'
import type { ModelSource } from './place.js'
import { decodeSafetensors, type TensorMap } from './safetensors.js'

/**
 * Reads a model folder and checks all of it: format, version, digests, shapes, ids.
 *
 * @param options.weights - true to read the weights, which answering does not need
 * @throws SerializationError naming the file that is missing, damaged, foreign or too new
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { PopularityRecommender } from '@gnnrec/serving'
 * import { readModelFolder } from '@gnnrec/serving/model-folder'
 *
 * const table = fromRecords([{ user: 'ann', item: 'Alien' }])
 * const recommender = new PopularityRecommender({
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 *   scores: Float32Array.of(1),
 * })
 * const files = {}
 * await recommender.save(files)
 * const { kind, serving } = await readModelFolder(files, { weights: false })
 * console.log(kind, serving.get('scores')?.data)
 * ```
 */
export async function readModelFolder<UserId extends Id = Id, ItemId extends Id = Id>(
  source: ModelSource,
  options: { weights: boolean },
): Promise<ModelParts<UserId, ItemId>> {
  const folder = openFolder(source)
  const bytes = await folder.read(manifestName)
  if (!bytes) {
    throw new SerializationError(`There is no model in ${folder.place}: it has no ${manifestName}.`)
  }
  const { files, counts, idTypes, architecture, splitHash, kind, score, ...model } =
    decodeModelJson(bytes, `${manifestName} of ${folder.place}`)
  if (options.weights && !files.weights) {
    throw new SerializationError(
      `The model in ${folder.place} has no weights: it was saved for answering only. Load it with Recommender.load.`,
    )
  }
  const [weights, serving, ids, seen] = await Promise.all([
    options.weights && files.weights ? readTensors(folder, files.weights) : undefined,
    readTensors(folder, files.serving),
    readFile(folder, files.ids),
    readTensors(folder, files.seen),
  ])
  const problem = servingProblem(kind, counts, score.itemBias, serving)
  if (problem) throw misfit(files.serving, folder, problem)
  return {
    architecture,
    options: model.options,
    splitHash,
    kind,
    score,
    ...(weights && { weights }),
    serving,
    ...decodeIds<UserId, ItemId>(ids, { counts, idTypes }, `${files.ids.name} of ${folder.place}`),
    seen: seenLists(seen, counts, (problem) => misfit(files.seen, folder, problem)),
  }
}

async function readTensors(folder: FolderReader, entry: FileEntry) {
  const bytes = await readFile(folder, entry)
  return decodeSafetensors(bytes, `${entry.name} of ${folder.place}`, { share: true })
}

async function readFile(folder: FolderReader, entry: FileEntry): Promise<Uint8Array> {
  const bytes = await folder.read(entry.name)
  const file = `${entry.name} of ${folder.place}`
  if (!bytes) throw new SerializationError(`${file} is missing, though ${manifestName} lists it.`)
  if (bytes.length !== entry.bytes) {
    throw new SerializationError(
      `${file} is ${bytes.length < entry.bytes ? 'truncated' : 'damaged'}: it has ${bytes.length} bytes; ${manifestName} says ${entry.bytes}.`,
    )
  }
  const sha256 = await sha256Hex(bytes)
  if (sha256 === entry.sha256) return bytes
  throw new SerializationError(
    `${file} is damaged or foreign: its SHA-256 is ${sha256}; ${manifestName} says ${entry.sha256}.`,
  )
}

function seenLists(
  tensors: TensorMap,
  counts: ModelJson['counts'],
  fail: (problem: string) => SerializationError,
): InteractionLists {
  const column = (name: string): Int32Array => {
    const tensor = tensors.get(name)
    const problem = tensorProblem(name, tensor, Int32Array)
    if (problem) throw fail(problem)
    return tensor?.data as Int32Array
  }
  const lists = { pointers: column('pointers'), items: column('items') }
  const problem = seenProblem(lists, counts)
  if (problem) throw fail(problem)
  return lists
}

function misfit(entry: FileEntry, folder: FolderReader, problem: string): SerializationError {
  return new SerializationError(`${entry.name} of ${folder.place} does not fit: ${problem}.`)
}
