import { InvalidOptionsError, parseOptions } from '@gnnrec/graph'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const schema = z.strictObject({
  learningRate: z.number().positive(),
  layers: z.int().min(0).default(3),
  nested: z.strictObject({ rate: z.number() }).optional(),
})

function messageOf(options: unknown): string {
  try {
    parseOptions('Thing', schema, options)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionsError)
    expect(error).toMatchObject({ code: 'INVALID_OPTIONS' })
    return (error as Error).message
  }
  return expect.unreachable()
}

describe('parseOptions', () => {
  it('returns checked options with defaults', () => {
    expect(parseOptions('Thing', schema, { learningRate: 0.1 })).toEqual({
      learningRate: 0.1,
      layers: 3,
    })
  })

  it('answers a misspelt option with the nearest name', () => {
    const message = messageOf({ learningRate: 1, layer: 2 })
    expect(message).toContain('Thing')
    expect(message).toContain("unknown option 'layer' (did you mean 'layers'?)")
  })

  it('answers a misspelt option inside another with the nearest name', () => {
    const message = messageOf({ learningRate: 1, nested: { rate: 1, rat: 2 } })
    expect(message).toContain("unknown option 'nested.rat' (did you mean 'rate'?)")
  })

  it('lists the known options when none is near', () => {
    const message = messageOf({ learningRate: 1, momentum: 2 })
    expect(message).not.toContain('did you mean')
    expect(message).toContain('known options: learningRate, layers, nested')
  })

  it('names the field, what was got and what is allowed', () => {
    expect(messageOf({ learningRate: -1 })).toMatch(/learningRate: got -1;.*>0/)
    expect(messageOf({ learningRate: 'fast' })).toMatch(/learningRate: got "fast";.*number/)
    expect(messageOf({ learningRate: Number.NaN })).toMatch(/learningRate: got NaN/)
    expect(messageOf({ learningRate: 1, nested: { rate: 'x' } })).toMatch(/nested\.rate: got "x"/)
  })

  it('reports every problem at once', () => {
    const message = messageOf({ layers: 1.5, extra: 1 })
    expect(message.match(/^ {2}- /gm)).toHaveLength(3)
    expect(message).toMatch(/learningRate: got undefined/)
  })

  it('counts what is more than can be read', () => {
    const wrong = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`key${at}`, at]))
    const message = messageOf({ learningRate: 0.1, ...wrong })
    expect(message).toContain("unknown option 'key99'")
    expect(message).not.toContain("unknown option 'key100'")
    expect(message).toContain('; and 900 more unknown options')
    const list = z.strictObject({ list: z.array(z.number()) })
    expect(() => parseOptions('Thing', list, { list: Array(1000).fill('x') })).toThrow(
      /list\.99: .*\n {2}- and 900 more problems$/,
    )
  })

  it('rejects what is no object', () => {
    for (const options of [undefined, null, 3, 'x', []]) messageOf(options)
  })

  it('describes values that JSON cannot show', () => {
    expect(messageOf({ learningRate: () => 1 })).toContain('got a function')
    expect(messageOf({ learningRate: 3n })).toContain('got 3')
    expect(messageOf({ learningRate: 'x'.repeat(500) }).length).toBeLessThan(300)
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    expect(messageOf({ learningRate: circular })).toContain('[object Object]')
  })
})
