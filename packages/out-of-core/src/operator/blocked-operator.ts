import fs from 'node:fs'
import { join } from 'node:path'
import type { InteractionLists } from '@gnnrec/graph'
import { Sha256 } from '@gnnrec/graph/files'
import type { BlockCache } from '../cache/block-cache.js'
import { BlockFileError, BlockFileMismatchError } from '../errors.js'
import { BlockFile } from '../files/block-file.js'
import { digestOf } from '../files/digest.js'
import type { BlockLayout } from './block-layout.js'
import { type Side, sides } from './sides.js'
import { TiledMatrix, type TileShape } from './tiled-matrix.js'
import { rowLengths, transposedLists } from './transposed-lists.js'
import { writeTiles } from './write-tiles.js'

/** A graph as each user's distinct items, ascending. */
export interface GraphLists {
  readonly userCount: number
  readonly itemCount: number
  readonly interactions: InteractionLists
}

/** The blocks of Â = D^{-1/2} A D^{-1/2} in files: what users take from items, and items from users. */
export interface BlockedOperator {
  readonly cache: BlockCache
  readonly layout: BlockLayout
  /** The rows of a side times the columns of the other. */
  readonly to: Readonly<Record<Side, TiledMatrix>>
  close(): void
}

/** Where an operator's files are. */
export interface OperatorFiles {
  readonly folder: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens the operator of a graph, whose files it makes unless they are there already. Files of another
 * layout are replaced.
 *
 * @throws BlockFileMismatchError when the folder has the files of another graph
 * @throws BlockFileError when a file is damaged or truncated
 * @throws DiskFullError when there is no room
 */
export async function openOperator(
  cache: BlockCache,
  graph: GraphLists,
  layout: BlockLayout,
  files: OperatorFiles,
): Promise<BlockedOperator> {
  const to = await openTiles(graph, layout, files)
  const close = () => {
    for (const side of sides) {
      cache.discard(to[side])
      to[side].file.close()
    }
  }
  return { cache, layout, to, close }
}

/**
 * The matrices of {@link openOperator}.
 *
 * @param regularization - added to the degrees by which entries are divided
 */
export async function openTiles(
  graph: GraphLists,
  layout: Omit<BlockLayout, 'columns'>,
  { folder, signal }: OperatorFiles,
  regularization = 0,
): Promise<Record<Side, TiledMatrix>> {
  fs.mkdirSync(folder, { recursive: true })
  const identity = graphDigest(graph, regularization)
  const shapes = tileShapes(graph, layout)
  const missing = new Set(
    sides.filter((side) => !isThere(pathOf(folder, side), identity, shapes[side])),
  )
  if (missing.size > 0) {
    const shifted = (lists: InteractionLists) =>
      Float64Array.from(rowLengths(lists), (degree) => degree + regularization)
    const userDegrees = shifted(graph.interactions)
    const itemLists = transposedLists(graph.interactions, graph.itemCount)
    const itemDegrees = shifted(itemLists)
    const sources = {
      users: { lists: graph.interactions, rowDegrees: userDegrees, columnDegrees: itemDegrees },
      items: { lists: itemLists, rowDegrees: itemDegrees, columnDegrees: userDegrees },
    }
    for (const side of missing) {
      const target = { path: pathOf(folder, side), shape: shapes[side], identity, signal }
      await writeTiles(sources[side], { ...target, chunkBytes: layout.chunkBytes })
    }
  }
  for (const side of sides) if (!missing.has(side)) await verify(pathOf(folder, side))
  return {
    users: TiledMatrix.open(pathOf(folder, 'users')),
    items: TiledMatrix.open(pathOf(folder, 'items')),
  }
}

const pathOf = (folder: string, side: Side) => join(folder, `to-${side}.tiles`)

function tileShapes(
  graph: GraphLists,
  layout: Pick<BlockLayout, 'blockRows'>,
): Record<Side, TileShape> {
  const { userCount, itemCount } = graph
  const { users, items } = layout.blockRows
  return {
    users: { rows: userCount, columns: itemCount, blockRows: users, blockColumns: items },
    items: { rows: itemCount, columns: userCount, blockRows: items, blockColumns: users },
  }
}

/** Whether a file of this graph and layout is there. */
function isThere(path: string, identity: string, shape: TileShape): boolean {
  if (!fs.existsSync(path)) return false
  const file = BlockFile.open(path, 'tiles')
  file.close()
  if (file.header.identity !== identity) {
    throw new BlockFileMismatchError(
      `${path} is of another graph (${file.header.identity.slice(0, 12)}; this one is ${identity.slice(0, 12)}). Choose another folder, or remove that file if it is not needed.`,
    )
  }
  const details = file.header.details as { readonly shape: TileShape }
  return JSON.stringify(details.shape) === JSON.stringify(shape)
}

/** @throws BlockFileError when the bytes are not those that were written */
async function verify(path: string): Promise<void> {
  const file = BlockFile.open(path, 'tiles')
  try {
    if ((await digestOf(file)) === file.header.sha256) return
    throw new BlockFileError(
      `${path} is damaged: its SHA-256 is not the one in its header. Remove it; it is made anew.`,
    )
  } finally {
    file.close()
  }
}

/** SHA-256 (hex) of the edges and what is added to degrees. */
function graphDigest(graph: GraphLists, regularization: number): string {
  const { userCount, itemCount, interactions } = graph
  const hash = new Sha256()
  hash.update(`${userCount}/${itemCount}/${regularization}/`)
  for (const { buffer, byteOffset, byteLength } of [interactions.pointers, interactions.items]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  }
  return hash.hex()
}
