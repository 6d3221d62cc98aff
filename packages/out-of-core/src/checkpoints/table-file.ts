import { CheckpointError } from '@gnnrec/train'
import { type BlockTable, tableHeader } from '../cache/block-table.js'
import { BlockFileError } from '../errors.js'
import { BlockFile } from '../files/block-file.js'
import { copyBytes } from '../files/copy-file.js'

/** Returns a table as a file of a checkpoint. */
export function tableFile(table: BlockTable) {
  return {
    async copyTo(path: string) {
      table.flush()
      const header = tableHeader(table.shape, 'checkpoint')
      const copy = BlockFile.create(path, header)
      try {
        const sha256 = await copyBytes(table.file, copy)
        copy.sync()
        return { bytes: header.bytes, sha256 }
      } finally {
        copy.close()
      }
    },
  }
}

/**
 * Fills a table from a file of a checkpoint.
 *
 * @throws CheckpointError when the file is not whole
 */
export async function restoreTable(
  table: BlockTable,
  {
    path,
    bytes,
    sha256,
  }: { readonly path: string; readonly bytes: number; readonly sha256: string },
): Promise<void> {
  const damaged = `${path} is damaged or replaced: its SHA-256 is another.`
  try {
    const file = BlockFile.open(path, 'table')
    try {
      table.discard()
      if (file.header.bytes !== bytes) throw new BlockFileError(damaged)
      checkShape(path, file, table)
      const checkPiece = (piece: Uint8Array) => checkFinite(path, piece)
      if ((await copyBytes(file, table.file, checkPiece)) !== sha256) {
        throw new BlockFileError(damaged)
      }
    } finally {
      file.close()
    }
  } catch (cause) {
    if (!(cause instanceof BlockFileError)) throw cause
    throw new CheckpointError(cause.message, { cause })
  }
}

/** @throws BlockFileError when a file is of a table of another shape */
function checkShape(path: string, { header }: BlockFile, { shape, file }: BlockTable): void {
  const { rows, columns } = (header.details ?? {}) as { rows?: unknown; columns?: unknown }
  if (header.bytes === file.header.bytes && rows === shape.rows && columns === shape.columns) return
  throw new BlockFileError(
    `${path} is of another table: it has the shape [${rows}, ${columns}] in ${header.bytes} bytes; expected [${shape.rows}, ${shape.columns}] in ${file.header.bytes}.`,
  )
}

/** @throws BlockFileError when a piece of a table holds a NaN or an infinite number */
function checkFinite(path: string, { buffer, byteOffset, byteLength }: Uint8Array): void {
  const values = new Float32Array(buffer, byteOffset, byteLength / 4)
  const bad = values.find((value) => !Number.isFinite(value))
  if (bad !== undefined) {
    throw new BlockFileError(`${path} holds ${bad}, and numbers must be finite.`)
  }
}
