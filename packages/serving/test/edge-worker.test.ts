import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Recommender } from '../src/index.js'
import { everyKind } from './support/every-kind.js'

/** Asks a recommender everything; it is part of the worker, too, and so may use nothing from outside. */
async function everything(recommender: Recommender<string, string>): Promise<unknown[]> {
  const tried = (ask: () => unknown) => {
    try {
      return ask()
    } catch (error) {
      return (error as { code?: string }).code
    }
  }
  const lists: unknown[] = []
  for await (const block of recommender.recommendAll({ k: 3 })) lists.push(block)
  const histories = [['a', 'c'], [{ item: 'b', weight: 2 }, 'zz'], []]
  return [
    ...lists,
    recommender.recommend(['anna', 'cleo'], { k: 2, candidates: ['c', 'd', 'a'] }),
    recommender.recommend('ben', { since: ['d'], excludeSeen: false }),
    recommender.recommendFor(histories, { k: 3 }),
    recommender.score('anna', ['d', 'b']),
    tried(() => recommender.similarItems('a', { k: 2 })),
    tried(() => recommender.similarUsers('anna', { k: 2 })),
    recommender.explain(['a', 'b'], 'd'),
    recommender.whyNot('anna', 'c', { k: 1 }),
  ]
}

describe('a worker that may compile neither strings nor WebAssembly at run time', () => {
  let program: string

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `
import { Recommender } from '@gnnrec/serving'
const everything = ${everything}
globalThis.answers = async (texts) => {
  const entries = Object.entries(JSON.parse(texts))
  const files = Object.fromEntries(entries.map(([name, bytes]) => [name, Uint8Array.from(bytes)]))
  return JSON.stringify(await everything(await Recommender.load(files)))
}`,
        resolveDir: fileURLToPath(new URL('.', import.meta.url)),
      },
      bundle: true,
      write: false,
      format: 'iife',
      platform: 'browser',
      target: 'es2022',
      conditions: ['@gnnrec/source'],
    })
    program = outputFiles[0]?.text ?? ''
  })

  it.each(Object.keys(everyKind))('answers as others do: %s', async (name) => {
    const recommender = everyKind[name] as Recommender<string, string>
    const files: Record<string, Uint8Array> = {}
    await recommender.save(files)
    const warn = vi.fn()
    const globals = {
      console: { ...console, warn },
      // What workers have beside the language.
      TextEncoder,
      TextDecoder,
      URL,
      AbortController,
      AbortSignal,
      performance,
      setTimeout,
      clearTimeout,
      queueMicrotask,
      structuredClone,
      MessageChannel,
    }
    const context = createContext(globals, { codeGeneration: { strings: false, wasm: false } })
    expect(() => runInContext('new WebAssembly.Module(new Uint8Array(8))', context)).toThrow()
    expect(() => runInContext("new Function('')", context)).toThrow()
    runInContext(program, context)
    const texts = JSON.stringify(
      Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, Array.from(bytes)])),
    )
    const { answers } = context as unknown as { answers: (texts: string) => Promise<string> }
    const got = JSON.parse(await answers(texts))
    const expected = JSON.parse(JSON.stringify(await everything(recommender)))
    expect(rounded(got)).toEqual(rounded(expected))
    const needsKernels = name.startsWith('embeddings') || name === 'a filter'
    expect(warn).toHaveBeenCalledTimes(needsKernels ? 1 : 0)
    if (needsKernels) expect(warn.mock.calls[0]?.[0]).toContain('plain JavaScript')
  })
})

/** Rounds the numbers of answers to what float32 and sums in another order keep. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Math.round(value * 1e4) / 1e4 + 0
  if (Array.isArray(value)) return value.map(rounded)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, rounded(entry)]))
}
