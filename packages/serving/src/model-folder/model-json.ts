import { isDeeperThan, Sha256 } from '@gnnrec/graph/files'
import { showValue } from '@gnnrec/graph/kernels'
import * as z from 'zod/mini'
import packageJson from '../../package.json' with { type: 'json' }
import type { ColdStart } from '../recommenders/cold-start.js'
import { type SpectralRule, spectralRuleShape } from '../recommenders/spectral/spectral-rule.js'
import { SerializationError } from './errors.js'
import { type FoldIn, foldInSchema } from './fold-in.js'
import { mostLevels, parseJson, parseWith } from './parse-file.js'

/** Version of `@gnnrec/serving` that writes the files. */
const libraryVersion: string = packageJson.version

/** The formula of a score from embeddings: `scale · similarity(user, item) + item bias`. */
export interface ScoreDefinition {
  /** The similarity of two embeddings: their dot product or their cosine. */
  readonly similarity: 'dot' | 'cosine'
  /** Finite factor on the similarity. */
  readonly scale: number
  /** True when every item has a number that is added to its scores. */
  readonly itemBias: boolean
  /** The treatment of users and items without training interactions; `'popularity'` when it is absent. */
  readonly coldStart?: ColdStart | undefined
  /** The comparison of histories with those of users, in the kind `user-similarity` only. */
  readonly userSimilarity?: UserSimilaritySettings | undefined
  /** The way in which histories of anybody get embeddings, in models that have one. */
  readonly foldIn?: FoldIn | undefined
  /** The filter of a model of the kind `spectral-filter`. */
  readonly filter?: SpectralRule | undefined
}

/** The comparison of a history that is not in training with the histories of users. */
export interface UserSimilaritySettings {
  /** Most users that it is compared with. */
  readonly neighbours: number
  /** Added to the norms. */
  readonly shrinkage: number
}

const modelKinds = [
  'embeddings',
  'item-similarity',
  'user-similarity',
  'spectral-filter',
  'popularity',
  'random',
] as const
/**
 * The data that a recommender answers from: embeddings of users and items, weights between items, similarities
 * between users, a filter of the seen items, one score per item, or the key of a stream of random numbers.
 */
export type ModelKind = (typeof modelKinds)[number]

const format = 'gnnrec-model'
const formatVersion = 1

const count = z.number().check(z.int(), z.gte(0))
// Indices are int32.
const nodeCount = count.check(z.lte(2 ** 31 - 1))
const idType = z.enum(['string', 'number'])
const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/))
const fileEntry = z.strictObject({
  // A name without separators: a manifest must not reach outside its folder.
  name: z.string().check(z.regex(/^[a-z]+-[0-9a-f]{16}\.(safetensors|json)$/)),
  bytes: count,
  sha256: digest,
})
const modelSchema = z.strictObject({
  format: z.literal(format),
  formatVersion: z.literal(formatVersion),
  libraryVersion: z.string(),
  architecture: z.string(),
  kind: z.enum(modelKinds, {
    error: `expected one of ${modelKinds.join(', ')}; other kinds need a newer version of @gnnrec/serving than ${libraryVersion}`,
  }),
  options: z.record(z.string(), z.unknown()),
  splitHash: z.nullable(z.string()),
  score: z.strictObject({
    similarity: z.enum(['dot', 'cosine']),
    scale: z.number(),
    itemBias: z.boolean(),
    coldStart: z.optional(z.enum(['popularity', 'model'])),
    userSimilarity: z.optional(
      z.strictObject({
        neighbours: z.int().check(z.gte(1)),
        shrinkage: z.number().check(z.gte(0)),
      }),
    ),
    foldIn: z.optional(foldInSchema),
    filter: z.optional(z.strictObject(spectralRuleShape)),
  }),
  counts: z.strictObject({
    users: nodeCount,
    items: nodeCount,
    embeddingDim: z.optional(nodeCount.check(z.gte(1))),
  }),
  idTypes: z.strictObject({ users: idType, items: idType }),
  files: z.strictObject({
    weights: z.optional(fileEntry),
    serving: fileEntry,
    foldIn: z.optional(fileEntry),
    ids: fileEntry,
    seen: fileEntry,
  }),
  /** SHA-256 of the rest of the content; folders of older versions have none. */
  sha256: z.optional(digest),
})

/** The content of `model.json`. */
export type ModelJson = z.output<typeof modelSchema>

/** One file that `model.json` lists. */
export type FileEntry = z.output<typeof fileEntry>

/**
 * Encodes `model.json`.
 *
 * @throws SerializationError when an option cannot be kept in JSON or is nested too deeply
 */
export function encodeModelJson(
  content: Omit<ModelJson, 'format' | 'formatVersion' | 'libraryVersion' | 'sha256'>,
): Uint8Array {
  const facts = { format, formatVersion, libraryVersion, ...content }
  if (isDeeperThan(facts, mostLevels)) {
    throw new SerializationError(
      `Cannot save this model: its options have more than ${mostLevels} levels, or contain themselves.`,
    )
  }
  const json = JSON.stringify(facts, refuseLostValue)
  // Parsed again, the content is what a reader finds, on which the digest has to agree.
  const kept: object = JSON.parse(json)
  const whole = JSON.stringify({ ...kept, sha256: digestOf(kept) }, undefined, 2)
  return new TextEncoder().encode(`${whole}\n`)
}

/** Returns the SHA-256 of a content of JSON, whatever spaces and lines it was written with. */
function digestOf(content: object): string {
  const hash = new Sha256()
  hash.update(JSON.stringify(content))
  return hash.hex()
}

/**
 * Decodes `model.json`.
 *
 * @param file - path or address of the file, for errors
 * @throws SerializationError when it is damaged, foreign, or written by a newer version
 */
export function decodeModelJson(bytes: Uint8Array, file: string): ModelJson {
  const value = parseJson(bytes, file) as { format?: unknown; formatVersion?: unknown } | null
  if (value?.format !== format) {
    throw new SerializationError(
      `${file} is not a gnnrec model: its 'format' is ${showValue(value?.format)}, expected '${format}'.`,
    )
  }
  const version = value.formatVersion
  if (typeof version === 'number' && version > formatVersion) {
    throw new SerializationError(
      `${file} has format version ${version}; this version of @gnnrec/serving (${libraryVersion}) reads up to ${formatVersion}. Upgrade @gnnrec/serving.`,
    )
  }
  const model = parseWith(modelSchema, value, file)
  const { sha256, ...content } = value as typeof model
  const actual = digestOf(content)
  if (sha256 === undefined || sha256 === actual) return model
  throw new SerializationError(
    `${file} is damaged or was changed by hand: the SHA-256 of its content is ${actual}; it says ${sha256}.`,
  )
}

function refuseLostValue(key: string, value: unknown): unknown {
  const lost =
    (typeof value === 'number' && !Number.isFinite(value)) ||
    typeof value === 'function' ||
    typeof value === 'symbol' ||
    typeof value === 'bigint' ||
    ArrayBuffer.isView(value)
  if (!lost) return value
  throw new SerializationError(
    `The option '${key}' is ${String(value)} (${typeof value}), which JSON cannot hold; use plain values.`,
  )
}
