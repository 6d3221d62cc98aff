import type { Recommendation } from '../recommenders/recommendation.js'
import { floatText, type RecommendationEncoder } from './encoder.js'

/** An encoder that writes a line of JSON per user: `{"user":…,"items":[…],"scores":[…],"source":…}`. */
export class JsonlEncoder implements RecommendationEncoder {
  readonly #text = new TextEncoder()

  start(): Uint8Array {
    return new Uint8Array()
  }

  encode(block: readonly Recommendation[]): Uint8Array {
    const lines = block.map(({ user, items, scores, ...marks }) => {
      const list = { user, items, scores: scores.map(floatText), ...marks }
      return `${JSON.stringify(list)}\n`
    })
    return this.#text.encode(lines.join(''))
  }

  finish(): Uint8Array {
    return new Uint8Array()
  }
}
