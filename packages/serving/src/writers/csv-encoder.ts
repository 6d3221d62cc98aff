import type { Id } from '@gnnrec/graph'
import { csvField } from '@gnnrec/graph/files'
import type { Recommendation } from '../recommenders/recommendation.js'
import { floatText, type RecommendationEncoder } from './encoder.js'

/** An encoder that writes a line per item, `user,item,rank,score` with ranks from 1 (RFC 4180, with line feeds). */
export class CsvEncoder implements RecommendationEncoder {
  readonly #text = new TextEncoder()

  start(): Uint8Array {
    return this.#text.encode('user,item,rank,score\n')
  }

  encode(block: readonly Recommendation[]): Uint8Array {
    const lines: string[] = []
    for (const { user, items, scores } of block) {
      const start = field(user)
      for (let place = 0; place < items.length; place++) {
        lines.push(`${start},${field(items[place])},${place + 1},${floatText(scores[place])}\n`)
      }
    }
    return this.#text.encode(lines.join(''))
  }

  finish(): Uint8Array {
    return new Uint8Array()
  }
}

function field(id: Id): string {
  return csvField(String(id))
}
