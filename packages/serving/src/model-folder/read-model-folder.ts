import type { Id } from '@gnnrec/graph'
import { foldInProblem } from './check-fold-in.js'
import { popularityProblem, seenProblem, servingProblem } from './check-parts.js'
import { tensorProblem } from './check-tensors.js'
import { SerializationError } from './errors.js'
import { openFolder } from './folder-reader.js'
import { decodeIds } from './id-file.js'
import { LoadLimits, type LoadOptions } from './load-options.js'
import type { FileEntry, ModelJson } from './model-json.js'
import type { ModelParts } from './model-parts.js'
import type { FolderReader } from './open-file.js'
import type { ModelSource } from './place.js'
import { readListedFiles } from './read-listed-files.js'
import { decodeSafetensors, type TensorMap } from './safetensors.js'

/**
 * Reads a model folder and checks all of it: format, version, digests, shapes, ids. The option `weights` says
 * whether the weights are read, which answering does not need.
 *
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
  { weights, ...load }: { weights: boolean } & LoadOptions,
): Promise<ModelParts<UserId, ItemId>> {
  const limits = new LoadLimits(load)
  const folder = openFolder(source, limits)
  const { manifest, files: bytes } = await readListedFiles(folder, limits, ({ files }) => {
    const needed = [
      ...(files.foldIn ? (['foldIn'] as const) : []),
      'serving',
      'ids',
      'seen',
    ] as const
    if (!weights) return needed
    if (files.weights) return ['weights', ...needed]
    throw new SerializationError(
      `The model in ${folder.place} has no weights: it was saved for answering only. Load it with Recommender.load.`,
    )
  })
  const { files, counts, idTypes, architecture, splitHash, kind, score, options } = manifest
  const tensors = (role: 'serving' | 'foldIn' | 'seen' | 'weights') =>
    decodeSafetensors(bytes[role] as Uint8Array, `${files[role]?.name} of ${folder.place}`, {
      share: true,
    })
  const [serving, seen] = [tensors('serving'), tensors('seen')]
  const problem = servingProblem(kind, counts, score, serving)
  if (problem) throw misfit(files.serving, folder, problem)
  const foldIn = files.foldIn ? tensors('foldIn') : new Map()
  const foldInMisfit = foldInProblem(kind, counts, score, foldIn)
  if (foldInMisfit) throw misfit(files.foldIn ?? files.serving, folder, foldInMisfit)
  return {
    architecture,
    options,
    splitHash,
    kind,
    score,
    ...(weights && { weights: tensors('weights') }),
    serving,
    ...(files.foldIn && { foldIn }),
    ...decodeIds<UserId, ItemId>(
      bytes.ids as Uint8Array,
      { counts, idTypes },
      `${files.ids.name} of ${folder.place}`,
    ),
    ...seenLists(seen, counts, (problem) => misfit(files.seen, folder, problem)),
  }
}

function seenLists(
  tensors: TensorMap,
  counts: ModelJson['counts'],
  fail: (problem: string) => SerializationError,
): Pick<ModelParts, 'seen' | 'popularity'> {
  const column = (name: string, type: typeof Int32Array | typeof Float32Array) => {
    const tensor = tensors.get(name)
    const problem = tensorProblem(name, tensor, type)
    if (problem) throw fail(problem)
    return tensor?.data
  }
  const seen = {
    pointers: column('pointers', Int32Array) as Int32Array,
    items: column('items', Int32Array) as Int32Array,
    ...(tensors.has('weights') && { weights: column('weights', Float32Array) as Float32Array }),
  }
  const popularity = tensors.has('popularity')
    ? (column('popularity', Float32Array) as Float32Array)
    : undefined
  const problem = seenProblem(seen, counts) ?? popularityProblem(popularity, counts.items)
  if (problem) throw fail(problem)
  return { seen, ...(popularity && { popularity }) }
}

function misfit(entry: FileEntry, folder: FolderReader, problem: string): SerializationError {
  return new SerializationError(`${entry.name} of ${folder.place} does not fit: ${problem}.`)
}
