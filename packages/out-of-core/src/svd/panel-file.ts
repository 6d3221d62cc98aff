import type { panels } from '@gnnrec/graph/kernels'
import { BlockFile } from '../files/block-file.js'

/** Columns of a panel. */
const panelColumns = 8
export const panelRowBytes = panelColumns * 8

/** A dense float64 matrix in a file, in panels of columns. */
export class PanelFile implements panels.PanelMatrix {
  readonly rows: number
  readonly count: number
  readonly #file: BlockFile

  private constructor(file: BlockFile, rows: number, count: number) {
    this.#file = file
    this.rows = rows
    this.count = count
  }

  /** Makes a matrix of zeros in a new file. */
  static create(path: string, rows: number, columns: number): PanelFile {
    const count = Math.ceil(columns / panelColumns)
    const bytes = rows * count * panelRowBytes
    const file = BlockFile.create(path, { kind: 'panels', identity: 'panels', bytes })
    return new PanelFile(file, rows, count)
  }

  read(panel: number, start: number, end: number): Float64Array {
    const values = new Float64Array((end - start) * panelColumns)
    this.#file.read(this.#offset(panel, start), new Uint8Array(values.buffer))
    return values
  }

  write(panel: number, start: number, values: Float64Array): void {
    const { buffer, byteOffset, byteLength } = values
    this.#file.write(this.#offset(panel, start), new Uint8Array(buffer, byteOffset, byteLength))
  }

  close(): void {
    this.#file.close()
  }

  #offset(panel: number, row: number): number {
    return (panel * this.rows + row) * panelRowBytes
  }
}
