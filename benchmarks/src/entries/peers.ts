import type { BenchmarkEntry } from '../benchmark-entry.js'
import { bpr } from '../peers/bpr.js'
import { ials } from '../peers/ials.js'
import type { PeerComparison } from '../peers/peer-comparison.js'
import { product } from '../peers/product.js'
import { recbole } from '../peers/recbole.js'
import { recommend } from '../peers/recommend.js'
import { step } from '../peers/step.js'

const comparisons: Readonly<Record<string, PeerComparison>> = {
  product,
  step,
  recbole,
  bpr,
  ials,
  recommend,
}
const names = Object.keys(comparisons)

export const peers: BenchmarkEntry = {
  summary: `the same work by this library and by others, in turns (--peer ${names.join(' | ')})`,
  async *run({ seed, threads = 2, count = 9, peer: only }) {
    if (only !== undefined && !names.includes(only)) {
      throw new Error(`--peer: got '${only}'; expected one of ${names.join(', ')}.`)
    }
    for (const name of only === undefined ? names : [only]) {
      console.log(`${name}: ${comparisons[name].summary}`)
      yield* comparisons[name].run({ seed, threads, repetitions: count })
    }
  },
}
