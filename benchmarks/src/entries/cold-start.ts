import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadGowalla } from '@gnnrec/data'
import { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn } from '@gnnrec/models'
import { useBackend } from '@gnnrec/ops'
import type { BenchmarkEntry } from '../benchmark-entry.js'

const answer = fileURLToPath(new URL('../cold-start/answer.mjs', import.meta.url))
const starts = 9

interface Answer {
  readonly items: readonly number[]
  readonly peakMb: number
}

export const coldStart: BenchmarkEntry = {
  summary: 'time from the start of Node to the first recommendation of a saved Gowalla model',
  async *run({ seed, threads, count = starts }) {
    const { split } = await loadGowalla()
    const graph = BipartiteGraph.fromInteractions(split.train)
    await useBackend('simd', threads === undefined ? {} : { threads })
    // An untrained model has the size of a trained one, hence also its loading time.
    const model = new LightGcn(graph, { seed })
    const recommender = await model.toRecommender()
    model.dispose()
    const folder = await mkdtemp(join(tmpdir(), 'gnnrec-cold-start-'))
    try {
      await recommender.save(folder)
      const user = split.train.users.idOf(0)
      const expected = recommender.recommend(user, { k: 20 }).items
      const script = [answer, folder, String(user)]
      const { peakMb } = check(start(script).answer, expected)
      const seconds = Array.from({ length: count }, () => start(script).seconds)
      const bare = Array.from({ length: count }, () => start(['--eval', '0']).seconds)
      const importing = ['--input-type=module', '--eval', "import '@gnnrec/models'"]
      const models = Array.from({ length: count }, () => start(importing).seconds)
      for (const [name, times] of [
        ['Node alone', bare],
        ["with '@gnnrec/models', to train", models],
        ['with the first top 20', seconds],
      ] as const) {
        times.sort((a, b) => a - b)
        yield {
          name,
          dataset: 'gowalla',
          model: 'light-gcn',
          settings: { starts: count },
          metrics: { 'fastest ms': 1000 * times[0], 'slowest ms': 1000 * times[count - 1] },
          seconds: times[count >> 1],
          ...(times === seconds && { peakRssMb: Math.round(peakMb) }),
        }
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
}

function start(args: readonly string[]): { seconds: number; answer: string } {
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`The process failed: ${stderr}`)
  return { seconds: (performance.now() - started) / 1000, answer: stdout }
}

function check(answer: string, expected: readonly unknown[]): Answer {
  const found = JSON.parse(answer) as Answer
  if (JSON.stringify(found.items) === JSON.stringify(expected)) return found
  throw new Error(`The new process recommends ${found.items}; expected ${expected}.`)
}
