import type * as Usearch from 'usearch'
import { SerializationError } from '../../model-folder/errors.js'
import type { VectorMetric } from '../metrics.js'
import type { SearchEngine, SearchGraph } from './search-engine.js'

const metrics = { dot: 'ip', cosine: 'cos', l2: 'l2sq' } as const

/**
 * Loads usearch. It is the one kept library for Node that brings its native code with it: hnswlib-node compiles at the
 * installation, and hnswlib-wasm keeps its files in the storage of a page.
 *
 * @throws SerializationError when it is not installed or cannot be loaded here
 */
export async function loadUsearch(): Promise<typeof Usearch> {
  const name = 'usearch'
  try {
    // Bundlers cannot take native code, so they are told to leave the import as it is.
    return await import(
      /* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ name
    )
  } catch (cause) {
    throw new SerializationError(
      `Approximate search needs the package usearch (npm i usearch), which cannot be loaded here: ${(cause as Error).message}.`,
      { cause },
    )
  }
}

/** Makes an empty index of usearch. */
export function usearchIndex(
  { Index }: typeof Usearch,
  settings: {
    readonly dim: number
    readonly metric: VectorMetric
    readonly precision: 'f32' | 'f16' | 'bf16'
    readonly connectivity: number
    readonly expansion: number
  },
): Usearch.Index {
  const { dim, metric, precision, connectivity, expansion } = settings
  return new Index({
    dimensions: dim,
    metric: metrics[metric] as Usearch.MetricKind,
    quantization: precision as Usearch.ScalarKind,
    connectivity,
    expansion_add: expansion,
    expansion_search: 1,
    multi: false,
  })
}

/** Adds rows whose keys are their numbers; 0 threads are as many as there are cores. */
export function addRows(
  index: Usearch.Index,
  first: number,
  rows: Float32Array,
  { dim, threads }: { readonly dim: number; readonly threads: number },
): void {
  const keys = BigUint64Array.from({ length: rows.length / dim }, (_, row) => BigInt(first + row))
  index.add(keys, rows, threads)
}

/** Returns usearch as an engine. The rows are in bfloat16, as the scores are computed from the model's own rows. */
export async function usearchEngine({
  threads,
}: {
  readonly threads: number
}): Promise<SearchEngine> {
  const library = await loadUsearch()
  return {
    name: 'usearch',
    create({ dim, connectivity, expansion }): SearchGraph {
      const index = usearchIndex(library, {
        dim,
        metric: 'dot',
        precision: 'bf16',
        connectivity,
        expansion,
      })
      return {
        add: (first, rows) => addRows(index, first, rows, { dim, threads }),
        // The number that is asked for is also the number of candidates that the search keeps.
        search: (query, count) => Int32Array.from(index.search(query, count, 1).keys, Number),
        save: (path) => index.save(path),
        load: (path) => index.load(path),
      }
    },
  }
}
