import fs from 'node:fs'
import { join } from 'node:path'
import type { InteractionLists } from '@gnnrec/graph'
import { Sha256 } from '@gnnrec/graph/files'
import type { BlockCache } from '../cache/block-cache.js'
import { BlockFileMismatchError } from '../errors.js'
import { BlockFile } from '../files/block-file.js'
import { makeFolder } from '../files/folders.js'
import type { BlockLayout } from './block-layout.js'
import { type Side, sides } from './sides.js'
import { TiledMatrix, type TileShape } from './tiled-matrix.js'
import { rowLengths, transposedLists } from './transposed-lists.js'
import { verifyTiles } from './verify-tiles.js'
import { writeTiles } from './write-tiles.js'

/** A graph as lists of the distinct items of each user, ascending. */
export interface GraphLists {
  readonly userCount: number
  readonly itemCount: number
  readonly interactions: InteractionLists
}

/** The operator Â = D^{-1/2} A D^{-1/2} in files: a matrix from items to users, and one from users to items. */
export interface BlockedOperator {
  readonly cache: BlockCache
  readonly layout: BlockLayout
  /** Matrices by the side of their rows; their columns are the other side. */
  readonly to: Readonly<Record<Side, TiledMatrix>>
  close(): void
}

/** Folder of an operator's files. */
export interface OperatorFiles {
  readonly folder: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Opens the operator of a graph. Makes its files unless the folder has them already; files of another layout are
 * replaced.
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
 * Opens the matrices of {@link openOperator}.
 *
 * @param regularization - added to the degrees by which entries are divided
 */
export async function openTiles(
  graph: GraphLists,
  layout: Omit<BlockLayout, 'columns'>,
  { folder, signal }: OperatorFiles,
  regularization = 0,
): Promise<Record<Side, TiledMatrix>> {
  makeFolder(folder)
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
  for (const side of sides) if (!missing.has(side)) await verifyTiles(pathOf(folder, side))
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

/** Returns true when there is a file of this graph and layout. */
function isThere(path: string, identity: string, shape: TileShape): boolean {
  if (!fs.existsSync(path)) return false
  const file = BlockFile.open(path, 'tiles')
  file.close()
  if (file.header.identity !== identity) {
    throw new BlockFileMismatchError(
      `${path} is of another graph (${file.header.identity.slice(0, 12)}; this one is ${identity.slice(0, 12)}). Choose another folder, or remove that file if it is not needed.`,
    )
  }
  const details = file.header.details as { readonly shape?: TileShape } | null | undefined
  return JSON.stringify(details?.shape) === JSON.stringify(shape)
}

/** Computes the SHA-256 (in hexadecimal) of the edges and the regularization. */
function graphDigest(graph: GraphLists, regularization: number): string {
  const { userCount, itemCount, interactions } = graph
  const hash = new Sha256()
  hash.update(`${userCount}/${itemCount}/${regularization}/`)
  for (const { buffer, byteOffset, byteLength } of [interactions.pointers, interactions.items]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength))
  }
  return hash.hex()
}
