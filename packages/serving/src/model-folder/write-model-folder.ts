import { sha256Hex } from '@gnnrec/graph/files'
import { type ByteStream, type NamedBytes, piecesOf } from './atomic-folder.js'
import { foldInProblem } from './check-fold-in.js'
import { popularityProblem, seenProblem, servingProblem } from './check-parts.js'
import { encodeSafetensors, type StreamedTensor, streamSafetensors } from './encode-safetensors.js'
import { SerializationError } from './errors.js'
import { writeFolder } from './folder-writer.js'
import { encodeIds } from './id-file.js'
import { decodeModelJson, encodeModelJson, type FileEntry, type ModelJson } from './model-json.js'
import { type ModelParts, manifestName } from './model-parts.js'
import type { ModelTarget } from './place.js'
import type { TensorMap } from './safetensors.js'

type Role = keyof ModelJson['files']

/**
 * Writes a model folder: `model.json` and the data files that it lists, whose names carry their
 * digest. On disk this is atomic: after a crash or with a full disk, a reader finds the old model or
 * the new one.
 *
 * @throws SerializationError when the parts do not fit each other, when the target holds a foreign
 * `model.json` or weights that these parts lack, or when writing fails; the old model then survives
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { Recommender } from '@gnnrec/serving'
 * import { writeModelFolder } from '@gnnrec/serving/model-folder'
 *
 * const table = fromRecords([{ user: 'ann', item: 'Alien' }])
 * const files = {}
 * await writeModelFolder(files, {
 *   architecture: 'MyModel',
 *   options: {},
 *   splitHash: null,
 *   kind: 'popularity',
 *   score: { similarity: 'dot', scale: 1, itemBias: false },
 *   serving: new Map([['scores', { shape: [1], data: Float32Array.of(1) }]]),
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 * })
 * const { origin } = await Recommender.load(files)
 * console.log(Object.keys(files), origin.architecture)
 * ```
 */
export async function writeModelFolder(target: ModelTarget, parts: ModelParts): Promise<void> {
  const { kind, score, weights, serving, foldIn = new Map(), users, items } = parts
  const embeddingDim = kind === 'embeddings' ? serving.get('users')?.shape[1] : undefined
  const counts = {
    users: users.size,
    items: items.size,
    ...(embeddingDim !== undefined && { embeddingDim }),
  }
  const problem =
    foldInProblem(kind, counts, score, foldIn) ??
    servingProblem(kind, counts, score, serving) ??
    seenProblem(parts.seen, counts) ??
    popularityProblem(parts.popularity, items.size)
  if (problem) throw new SerializationError(`Cannot save this model: ${problem}.`)

  await writeParts(target, parts, counts, {
    ...(weights && { weights: encodeSafetensors(weights) }),
    serving: encodeSafetensors(serving),
    ...(foldIn.size > 0 && { foldIn: encodeSafetensors(foldIn) }),
  })
}

/** The content of the folder of a model of embeddings that are never in memory as a whole. */
interface StreamedModelParts extends Omit<ModelParts, 'kind' | 'weights' | 'serving'> {
  /** Length of one embedding. */
  readonly embeddingDim: number
  /** Parameters that training needs. */
  readonly weights: ReadonlyMap<string, StreamedTensor>
  /** The tensors `users` [users, embeddingDim], `items` [items, embeddingDim] and perhaps `itemBias` [items]. */
  readonly serving: ReadonlyMap<string, StreamedTensor>
}

/**
 * Writes the folder of a model of embeddings piece by piece, with the bytes that
 * {@link writeModelFolder} would write.
 *
 * @throws SerializationError when shapes do not fit, and where {@link writeModelFolder} throws
 *
 * @example
 * ```ts
 * import { fromRecords, interactionLists } from '@gnnrec/graph'
 * import { Recommender } from '@gnnrec/serving'
 * import { writeStreamedModelFolder } from '@gnnrec/serving/model-folder'
 *
 * const table = fromRecords([{ user: 'ann', item: 'Alien' }])
 * const embedding = { shape: [1, 2], pieces: () => [Float32Array.of(0.5), Float32Array.of(2)] }
 * const files = {}
 * await writeStreamedModelFolder(files, {
 *   architecture: 'MyModel',
 *   options: {},
 *   splitHash: null,
 *   score: { similarity: 'dot', scale: 1, itemBias: false },
 *   embeddingDim: 2,
 *   weights: new Map(),
 *   serving: new Map([
 *     ['users', embedding],
 *     ['items', embedding],
 *   ]),
 *   users: table.users,
 *   items: table.items,
 *   seen: interactionLists(table),
 * })
 * const recommender = await Recommender.load<string, string>(files)
 * console.log(recommender.score('ann', ['Alien']))
 * ```
 */
export async function writeStreamedModelFolder(
  target: ModelTarget,
  parts: StreamedModelParts,
): Promise<void> {
  const { embeddingDim, serving, weights, score } = parts
  const counts = { users: parts.users.size, items: parts.items.size, embeddingDim }
  const expected = {
    users: [counts.users, embeddingDim],
    items: [counts.items, embeddingDim],
    ...(score.itemBias && { itemBias: [counts.items] }),
  }
  const shapes = Object.fromEntries([...serving].map(([name, { shape }]) => [name, shape]))
  const isRight =
    Object.keys(shapes).length === Object.keys(expected).length &&
    Object.entries(expected).every(([name, shape]) => String(shapes[name]) === String(shape))
  const problem = isRight
    ? seenProblem(parts.seen, counts)
    : `the serving tensors have the shapes ${JSON.stringify(shapes)}; expected ${JSON.stringify(expected)}`
  if (problem) throw new SerializationError(`Cannot save this model: ${problem}.`)
  await writeParts(target, { ...parts, kind: 'embeddings' }, counts, {
    weights: streamSafetensors(weights),
    serving: streamSafetensors(serving),
  })
}

async function writeParts(
  target: ModelTarget,
  parts: Omit<ModelParts, 'weights' | 'serving'>,
  counts: ModelJson['counts'],
  tensors: {
    readonly weights?: Uint8Array | ByteStream
    readonly serving: Uint8Array | ByteStream
    readonly foldIn?: Uint8Array | ByteStream
  },
): Promise<void> {
  const { architecture, options, splitHash, kind, score, users, items } = parts
  const { weights, serving, foldIn } = tensors
  const files: NamedBytes[] = []
  const add = async (role: Role, bytes: Uint8Array | ByteStream): Promise<FileEntry> => {
    const sha256 = await sha256Hex(piecesOf(bytes))
    const name = `${role.toLowerCase()}-${sha256.slice(0, 16)}.${role === 'ids' ? 'json' : 'safetensors'}`
    files.push({ name, bytes })
    return { name, bytes: bytes.length, sha256 }
  }
  const entries = {
    ...(weights && { weights: await add('weights', weights) }),
    serving: await add('serving', serving),
    ...(foldIn && { foldIn: await add('foldIn', foldIn) }),
    ids: await add('ids', encodeIds(users, items)),
    seen: await add('seen', encodeSafetensors(seenTensors(parts))),
  }
  const manifest = encodeModelJson({
    architecture,
    options,
    splitHash,
    kind,
    score,
    counts,
    idTypes: { users: users.type, items: items.type },
    files: entries,
  })
  await writeFolder(target, {
    files,
    manifest: { name: manifestName, bytes: manifest },
    owns: (name) =>
      /^(weights|serving|foldin|ids|seen)-[0-9a-f]{16}\.(safetensors|json)$/.test(name),
    checkReplaceable: (existing) => checkReplaceable(existing, weights !== undefined),
  })
}

function checkReplaceable(existing: Uint8Array, withWeights: boolean): void {
  let previous: ModelJson
  try {
    previous = decodeModelJson(existing, `The ${manifestName} that is there`)
  } catch (cause) {
    throw new SerializationError(
      `Did not save, to keep what the folder holds. ${(cause as Error).message} Save to another folder, or remove it first.`,
      { cause },
    )
  }
  if (previous.files.weights && !withWeights) {
    throw new SerializationError(
      `Did not save: the folder holds a ${previous.architecture} with its weights, which this save for answering would remove. Save to another folder, or remove it first.`,
    )
  }
}

function seenTensors({ seen, popularity }: Pick<ModelParts, 'seen' | 'popularity'>): TensorMap {
  const { pointers, items, weights } = seen
  const columns = {
    pointers,
    items,
    ...(weights && { weights }),
    ...(popularity && { popularity }),
  }
  return new Map(
    Object.entries(columns).map(([name, data]) => [name, { shape: [data.length], data }]),
  )
}
