import { interactionLists, topK } from '@gnnrec/graph'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { referenceTopK } from './support/reference.ts'
import { splitOf } from './support/tiny-split.ts'

// Evaluation stands on these two functions of @gnnrec/graph.

describe('topK against a full sort', () => {
  const score = fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(-0, 0, Number.POSITIVE_INFINITY),
  )

  it('gives the same list for any scores, k and masked items', () => {
    fc.assert(
      fc.property(
        fc.array(score, { minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.array(fc.nat(199)),
        (values, kSeed, maskSeed) => {
          const scores = Float32Array.from(values)
          const k = 1 + (kSeed % scores.length)
          const masked = [...new Set(maskSeed.map((item) => item % scores.length))].sort(
            (a, b) => a - b,
          )
          const list = topK(scores, k, masked)
          expect([...list.items]).toEqual(referenceTopK(scores, k, masked))
          expect([...list.scores]).toEqual([...list.items].map((item) => scores[item]))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('gives ascending items when all scores are equal', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (length, seed) => {
        const k = 1 + (seed % length)
        const { items } = topK(new Float32Array(length), k)
        expect([...items]).toEqual(Array.from({ length: k }, (_, item) => item))
      }),
    )
  })
})

describe('interactionLists against sets', () => {
  const lists = fc.array(fc.array(fc.nat(9), { maxLength: 12 }), { minLength: 4, maxLength: 4 })

  it('gives the distinct items of every user over several tables, ascending', () => {
    fc.assert(
      fc.property(lists, lists, (train, validation) => {
        fc.pre(train.flat().length > 0)
        const split = splitOf({ itemCount: 10, train, validation })
        const { pointers, items } = interactionLists(split.train, split.validation)
        const rows = train.map((_, user) => [...items.subarray(pointers[user], pointers[user + 1])])
        expect(rows).toEqual(
          train.map((own, user) =>
            [...new Set([...own, ...validation[user]])].sort((a, b) => a - b),
          ),
        )
        expect(items).toHaveLength(rows.flat().length)
      }),
    )
  })
})
