import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SparseMatrix } from '@gnnrec/graph'

/** A folder of arrays that both processes read; see `python/peer.py`. */
export class ExchangeFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'gnnrec-peers-'))

  /** Writes arrays as `NAME.f32` or `NAME.i32`. */
  write(arrays: Readonly<Record<string, Float32Array | Int32Array>>): void {
    for (const [name, values] of Object.entries(arrays)) {
      const type = values instanceof Float32Array ? 'f32' : 'i32'
      writeFileSync(join(this.path, `${name}.${type}`), values)
    }
  }

  /** Writes a matrix as the arrays `NAME-pointers`, `-columns`, `-values` and `-shape`. */
  writeMatrix(name: string, matrix: SparseMatrix): void {
    const { rowPointers, columnIndices, values, rows, columns } = matrix
    this.write({
      [`${name}-pointers`]: rowPointers,
      [`${name}-columns`]: columnIndices,
      [`${name}-values`]: values,
      [`${name}-shape`]: Int32Array.of(rows, columns),
    })
  }

  /** Returns the path of a subfolder, which is made when it is missing. */
  makeFolder(name: string): string {
    const folder = join(this.path, name)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  readFloats(name: string): Float32Array {
    return new Float32Array(new Uint8Array(readFileSync(join(this.path, `${name}.f32`))).buffer)
  }

  readIntegers(name: string): Int32Array {
    return new Int32Array(new Uint8Array(readFileSync(join(this.path, `${name}.i32`))).buffer)
  }

  dispose(): void {
    rmSync(this.path, { recursive: true })
  }
}
