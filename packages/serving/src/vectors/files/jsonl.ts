import { floatText } from '../../writers/encoder.js'
import type { VectorTable } from '../vector-table.js'
import { rangesOf } from './encoder.js'

/** Writes a line of JSON per row: `{"id":…,"vector":[…],"bias":…}`. */
export function* jsonlPieces(table: VectorTable): Generator<Uint8Array> {
  const text = new TextEncoder()
  for (const [first, last] of rangesOf(table)) {
    let lines = ''
    for (let row = first; row < last; row++) {
      const { id, vector, bias } = table.rowAt(row)
      const plain = {
        id,
        vector: vector.map(floatText),
        ...(bias !== undefined && { bias: floatText(bias) }),
      }
      lines += `${JSON.stringify(plain)}\n`
    }
    yield text.encode(lines)
  }
}
