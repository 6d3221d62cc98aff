/** A part of a FlatBuffers message: a table with fields by their places. */
export interface FlatTable {
  readonly fields: Readonly<Record<number, FlatField>>
}

/**
 * The form of a field: a scalar of some bytes, a text, a vector of elements of some bytes, a table, a vector
 * of tables, or a table whose form depends on the number in another field.
 */
export type FlatField =
  | { readonly scalar: number }
  | { readonly vector: number }
  | { readonly table: () => FlatTable }
  | { readonly tables: () => FlatTable }
  | { readonly union: (kind: number) => FlatTable | undefined; readonly kindField: number }

/** The number of tables that one message may have. More are a sign of tables that contain themselves. */
const maxTables = 1 << 16

/**
 * A reader of a FlatBuffers message that first checks all its positions and lengths against its bytes.
 * The readers that are generated for FlatBuffers check none, so a wrong length lets them loop for minutes.
 */
export class FlatReader {
  readonly #view: DataView
  #tables = 0

  /** @throws RangeError when a position or a length leads out of the bytes */
  constructor(bytes: Uint8Array, form: FlatTable) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#check(this.root, form)
  }

  /** The position of the root table. */
  get root(): number {
    return this.#view.getUint32(0, true)
  }

  /** Returns the position of a field of a table, or `undefined` when the table does not have it. */
  position(table: number, field: number): number | undefined {
    const layout = table - this.#view.getInt32(table, true)
    const place = 4 + 2 * field
    if (place + 2 > this.#view.getUint16(layout, true)) return undefined
    const offset = this.#view.getUint16(layout + place, true)
    return offset === 0 ? undefined : table + offset
  }

  /** Returns an unsigned byte of a table, or 0. */
  byte(table: number, field: number): number {
    const at = this.position(table, field)
    return at === undefined ? 0 : this.#view.getUint8(at)
  }

  /** Returns an integer of 64 bits of a table, or 0. */
  long(table: number, field: number): bigint {
    const at = this.position(table, field)
    return at === undefined ? 0n : this.longAt(at)
  }

  /** Returns the integer of 64 bits at a position. */
  longAt(at: number): bigint {
    return this.#view.getBigInt64(at, true)
  }

  /** Returns the integer of 32 bits at a position. */
  intAt(at: number): number {
    return this.#view.getInt32(at, true)
  }

  /** Returns the table in a field, or `undefined`. */
  table(table: number, field: number): number | undefined {
    const at = this.position(table, field)
    return at === undefined ? undefined : at + this.#view.getUint32(at, true)
  }

  /** Returns the positions of the elements of a vector, which is empty when the table does not have it. */
  elements(table: number, field: number, size: number): number[] {
    const vector = this.table(table, field)
    if (vector === undefined) return []
    const length = this.#view.getUint32(vector, true)
    return Array.from({ length }, (_, index) => vector + 4 + index * size)
  }

  #check(table: number, form: FlatTable): void {
    if (++this.#tables > maxTables) throw new RangeError('a message has too many parts')
    const layout = table - this.#view.getInt32(table, true)
    this.#within(layout, this.#view.getUint16(layout, true))
    for (const [field, kind] of Object.entries(form.fields)) {
      const at = this.position(table, Number(field))
      if (at !== undefined) this.#checkField(table, at, kind)
    }
  }

  #checkField(table: number, at: number, field: FlatField): void {
    if ('scalar' in field) {
      this.#within(at, field.scalar)
      return
    }
    const target = at + this.#view.getUint32(at, true)
    if ('table' in field) this.#check(target, field.table())
    else if ('union' in field) {
      const form = field.union(this.byte(table, field.kindField))
      if (form !== undefined) this.#check(target, form)
    } else {
      const length = this.#view.getUint32(target, true)
      this.#within(target + 4, length * ('vector' in field ? field.vector : 4))
      if (!('tables' in field)) return
      for (let element = target + 4; element < target + 4 + 4 * length; element += 4) {
        this.#check(element + this.#view.getUint32(element, true), field.tables())
      }
    }
  }

  #within(start: number, length: number): void {
    if (start >= 0 && start + length <= this.#view.byteLength) return
    throw new RangeError('a length in the file leads out of it')
  }
}
