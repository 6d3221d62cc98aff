import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
// The same check runs 30 times in the tests of @gnnrec/train.
import { killAndResume } from '../../../packages/train/test/support/kill-and-resume.js'
import type { BenchmarkEntry } from '../benchmark-entry.js'

const killCount = 1000
/** Kills that one row of the result counts. */
const round = 100

export const kill: BenchmarkEntry = {
  summary:
    'a training killed by SIGKILL at random moments and resumed (--count, 1000): bytes of the result',
  async *run({ seed, count = killCount }) {
    let different = 0
    for (let done = 0; done < count; done += round) {
      const kills = Math.min(round, count - done)
      const folder = await mkdtemp(join(tmpdir(), 'gnnrec-kill-'))
      const started = performance.now()
      try {
        const report = await killAndResume({ kills, folder, seed: `${seed}/${done}` })
        different += report.differentEnds
        yield {
          name: `kills ${done + 1} to ${done + kills}`,
          metrics: {
            'before the first step': report.killsBeforeTraining,
            'while writing': report.killsWhileWriting,
            'trainings ended': report.ends,
            'in other bytes': report.differentEnds,
          },
          seconds: (performance.now() - started) / 1000,
        }
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    }
    if (different > 0) throw new Error(`${different} trainings ended in other bytes.`)
  },
}
