import * as z from 'zod/mini'

/** A graph of vectors, in which rows near a query are found without looking at all of them. */
export interface SearchGraph {
  /** Adds rows, numbered from `first` on: row-major, as many numbers as whole rows have. */
  add(first: number, rows: Float32Array): void
  /** Finds up to `count` rows with large inner products with the query, in any order. More are found when more are asked for. */
  search(query: Float32Array, count: number): Int32Array
  /** Writes the graph to a file. */
  save(path: string): void
  /** Replaces the graph by the one in a file. */
  load(path: string): void
}

/** Settings of a {@link SearchGraph}. */
export interface GraphSettings {
  /** Length of a row. */
  readonly dim: number
  /** Number of neighbours of a row in the graph: with more it is larger, slower and finds more. */
  readonly connectivity: number
  /** Number of candidates among which the neighbours of a new row are chosen. */
  readonly expansion: number
}

/** A library for approximate search by inner products. */
export interface SearchEngine {
  /** Name of the library, which a saved index keeps. */
  readonly name: string
  /** Makes an empty graph. */
  create(settings: GraphSettings): SearchGraph
}

/** Check of an option that takes an engine. */
export const engineSchema = z.custom<SearchEngine>(
  (value) => {
    const { name, create } = (value ?? {}) as Partial<SearchEngine>
    return typeof name === 'string' && typeof create === 'function'
  },
  { error: 'expected a SearchEngine: an object with a name and a method create' },
)
