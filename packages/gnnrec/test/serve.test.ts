import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromRecords, interactionLists } from '@gnnrec/graph'
import { PopularityRecommender } from '@gnnrec/serving'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { gnnrec } from './support/command.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serve-'))
  const table = fromRecords([
    { user: 'ann', item: 'Alien' },
    { user: 'ben', item: 'Brazil' },
  ])
  const { users, items } = table
  const seen = interactionLists(table)
  const scores = Float32Array.of(1, 1)
  await new PopularityRecommender({ users, items, seen, scores }).save(join(folder, 'model'))
})

afterAll(() => rm(folder, { recursive: true }))

it.each([
  ['SIGTERM', 0],
  ['SIGINT', 0],
] as const)('answers over HTTP, and closes with %s', async (signal, code) => {
  let answered: Promise<unknown> | undefined
  const ended = await gnnrec(['serve', 'model', '--port', '0'], {
    cwd: folder,
    env: { GNNREC_READ_KEYS: 'reader-0123456789,second-0123456789' },
    watch(child) {
      let told = ''
      child.stderr?.on('data', (piece: string) => {
        told += piece
        const [, url] = /Answering at (\S+);/.exec(told) ?? []
        if (url === undefined || answered) return
        const headers = { 'x-api-key': 'second-0123456789' }
        answered = fetch(`${url}/users/ann/recommendations`, { headers })
          .then((answer) => answer.json())
          .finally(() => child.kill(signal))
      })
    },
  })
  expect(await answered).toMatchObject({ items: ['Brazil'], source: 'trained' })
  expect([ended.code, ended.signal]).toEqual([code, null])
  const lines = ended.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.some(({ route }) => route === '/users/{user}/recommendations')).toBe(true)
})

it('tells what is wrong before it listens, and shows no key', async () => {
  const run = (args: readonly string[], keys = '') =>
    gnnrec(['serve', ...args], { cwd: folder, env: { GNNREC_READ_KEYS: keys } })
  const missing = await run(['nowhere'])
  expect([missing.code, missing.err]).toEqual([1, expect.stringContaining('no model in nowhere')])
  const open = await run(['model', '--host', '0.0.0.0'])
  expect([open.code, open.err]).toEqual([2, expect.stringContaining('Without keys')])
  const short = await run(['model'], 'short-secret')
  expect([short.code, short.err]).toEqual([2, expect.stringContaining('Key 1 of GNNREC_READ_KEYS')])
  expect(short.err).not.toContain('short-secret')
})
