import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { defaultRuntime as publicRuntime } from '@gnnrec/graph/kernels'
import { build, type OutputFile } from 'esbuild'
import puppeteer, { type Browser } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EmbeddingRecommender, type Recommender as PublicRecommender } from '../src/index.js'
import { serve } from './support/model-server.js'
import { embeddings } from './support/recommenders.js'

const chromium = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium'].find(
  (path) => path !== undefined && existsSync(path),
)
const title = chromium
  ? 'a page in Chromium'
  : 'a page in Chromium (skipped: there is none; Debian: apt-get install chromium)'

/** The module of the page, which hands the tests the functions that they call. */
const script = `
import { Recommender } from '@gnnrec/serving'
import { defaultRuntime } from '@gnnrec/graph/kernels'
Object.assign(globalThis, { Recommender, defaultRuntime })
`
declare global {
  var Recommender: typeof PublicRecommender
  var defaultRuntime: typeof publicRuntime
}

const html = '<!doctype html><script type="module" src="/stdin.js"></script>'

/** Policies under which nothing but the page's own files is allowed. */
const ownFiles = "default-src 'self'; script-src 'self'"
const policies = {
  none: {},
  'no WebAssembly': { 'content-security-policy': ownFiles },
  'no blob: workers': {
    'content-security-policy': `${ownFiles} 'wasm-unsafe-eval'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  },
  threads: {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
  },
}

describe.skipIf(!chromium)(title, () => {
  let browser: Browser
  let outputs: OutputFile[]
  const model: Record<string, Uint8Array> = {}
  const recommender = new EmbeddingRecommender(embeddings)
  const expected = recommender.recommend(['anna', 'ben', 'cleo'], { k: 3 })

  beforeAll(async () => {
    await recommender.save(model)
    const built = await build({
      stdin: { contents: script, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
      bundle: true,
      write: false,
      splitting: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      conditions: ['@gnnrec/source'],
      outdir: '/',
    })
    outputs = built.outputFiles
    // Chromium refuses to be root in its sandbox, as CI is.
    browser = await puppeteer.launch({
      executablePath: chromium!,
      args: ['--no-sandbox'],
      timeout: 600_000,
      protocolTimeout: 600_000,
    })
  })

  afterAll(async () => {
    await browser?.close()
  })

  /** Opens /shop/ of a server that has the model at /model and at /shop/model. */
  async function open(policy: keyof typeof policies) {
    const address = await serve(({ url = '' }, response) => {
      for (const [name, value] of Object.entries(policies[policy])) response.setHeader(name, value)
      const output = outputs.find(({ path }) => path === url)
      if (url === '/shop/') response.setHeader('content-type', 'text/html').end(html)
      else if (output) response.setHeader('content-type', 'text/javascript').end(output.contents)
      else {
        const file = model[url.replace(/^(\/shop)?\/model\//, '')]
        response.writeHead(file ? 200 : 404).end(file)
      }
    })
    const page = await browser.newPage()
    page.setDefaultTimeout(600_000)
    const warnings: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'warn') warnings.push(message.text())
    })
    await page.goto(`${address}/shop/`)
    return { address, page, warnings }
  }

  it.each(['none', 'no WebAssembly', 'no blob: workers', 'threads'] as const)(
    'loads a model by an address relative to it and answers, under the policy: %s',
    async (policy) => {
      const { page, warnings } = await open(policy)
      const answers = await page.evaluate(async () => {
        const answers: unknown[] = []
        for (const place of [
          '/model',
          'model',
          './model/',
          '../model',
          `${location.origin}/model`,
        ]) {
          const recommender = await Recommender.load(place)
          answers.push(recommender.recommend(['anna', 'ben', 'cleo'], { k: 3 }))
          recommender.similarItems('a', { k: 2 })
          recommender.score('anna', ['b', 'c'])
        }
        return answers
      })
      expect(answers).toEqual(Array.from({ length: 5 }, () => expected))
      if (policy !== 'no WebAssembly') expect(warnings).toEqual([])
      else {
        expect(warnings).toHaveLength(1)
        expect(warnings[0]).toContain('Scores are computed by plain JavaScript')
        expect(warnings[0]).toContain('wasm-unsafe-eval')
      }
      await page.close()
    },
  )

  it('says where a model is not, and that a file: address is no place in it', async () => {
    const { address, page } = await open('none')
    const messages = await page.evaluate(async () => {
      const messageOf = (place: string) =>
        Recommender.load(place).catch((error: Error) => `${error.name}: ${error.message}`)
      return [await messageOf('/nothing'), await messageOf('file:///model')]
    })
    expect(messages[0]).toBe(
      `SerializationError: There is no model in ${address}/nothing: it has no model.json.`,
    )
    expect(messages[1]).toContain('SerializationError: Cannot reach file:///model')
    await page.close()
  })

  it('loads relative to the page within a worker that is made from a Blob', async () => {
    const { address, page } = await open('none')
    const answer = await page.evaluate((origin) => {
      const program = `
        await import('${origin}/stdin.js')
        const recommender = await Recommender.load('/model')
        postMessage(recommender.recommend('anna', { k: 3 }))
      `
      const url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }))
      const worker = new Worker(url, { type: 'module' })
      return new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data)
        worker.onerror = ({ message }) => reject(new Error(message))
      })
    }, address)
    expect(answer).toEqual(expected[0])
    await page.close()
  })

  it('starts threads where it may share memory', async () => {
    const { page, warnings } = await open('threads')
    const threads = await page.evaluate(async () => {
      await defaultRuntime().setThreads(2)
      return defaultRuntime().threads
    })
    expect(threads).toBe(2)
    expect(warnings).toEqual([])
    await page.close()
  })

  it('says why threads do not start, and goes on with one unless a number was asked for', async () => {
    const { page, warnings } = await open('no blob: workers')
    const { message, threads } = await page.evaluate(async () => {
      const runtime = defaultRuntime()
      const message = await runtime.setThreads(2).catch(String)
      Object.defineProperty(navigator, 'hardwareConcurrency', { value: 4 })
      await runtime.setThreads()
      return { message, threads: runtime.threads }
    })
    expect(message).toContain('it must allow blob: in worker-src')
    expect(message).toContain('use threads: 1')
    expect(threads).toBe(1)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('it must allow blob: in worker-src')
    await page.close()
  })
})
