import { splitRows } from '@gnnrec/graph'
import { DatasetMismatchError } from '../errors.js'
import { LightGcnPairs } from '../readers/light-gcn-pairs.js'
import { checkCounts, type DatasetInfo, type SplitDataset } from './dataset.js'
import { type DatasetPlace, findDataset } from './find-dataset.js'
import { type LoadOptions, parseLoadOptions } from './load-options.js'

/** A data set that is published as a split, with one file of LightGCN lines for each part. */
export interface GivenSplit extends DatasetInfo, Omit<DatasetPlace, 'downloads'> {
  readonly parts: readonly {
    readonly part: 'train' | 'validation' | 'test'
    readonly file: string
    readonly rows: number
    readonly sha256: string
  }[]
  /** The address of the folder that holds the files. */
  readonly filesAddress: string
  readonly users: number
  readonly items: number
}

/** Reads all parts into one table, so that they share their id maps, and splits it as published. */
export async function loadGivenSplit(
  owner: string,
  set: GivenSplit,
  options: LoadOptions,
): Promise<SplitDataset<number, number>> {
  const parsed = parseLoadOptions(owner, options)
  const downloads = set.parts.map(({ file, sha256 }) => ({
    address: `${set.filesAddress}/${file}`,
    file,
    sha256,
    maxBytes: maxSplitFileBytes,
  }))
  const { files } = await findDataset(
    { ...set, downloads },
    set.parts.map(({ file }) => [file]),
    parsed,
  )
  const pairs = new LightGcnPairs()
  const rows = { train: noRows, validation: noRows, test: noRows }
  for (const [index, { part, rows: expected }] of set.parts.entries()) {
    const { path, source } = files[index]
    const start = pairs.rows
    await pairs.read(source, parsed.signal)
    const count = pairs.rows - start
    if (count !== expected) {
      throw new DatasetMismatchError(
        path,
        `${path} is not the published ${set.name}: it has ${count} pairs, the published file has ${expected}. Fetch the file again, or read your own version with readLightGcnLines.`,
      )
    }
    rows[part] = Int32Array.from({ length: count }, (_, row) => start + row)
  }
  const total = pairs.rows
  const table = pairs.finish()
  checkCounts(set, files[0].path, table, {
    rows: total,
    users: set.users,
    items: set.items,
  })
  return {
    name: set.name,
    split: splitRows(table, rows, { name: 'given', settings: { dataset: set.name } }),
    citation: set.citation,
    licence: set.licence,
  }
}

const noRows = new Int32Array(0)

/** Far more bytes than any of these files has. */
const maxSplitFileBytes = 50_000_000
