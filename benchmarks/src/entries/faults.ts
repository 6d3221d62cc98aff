import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { runFaults } from '../faults/run-faults.js'
import { straceProblem } from '../faults/strace.js'

const mostCalls = 1000
const columns = [
  'kills',
  'refusals',
  'old',
  'new',
  'mixed',
  'neither',
  'typed error',
  'foreign error',
  'written',
  'next run fails',
  'leftovers',
  'ignored',
  'missed',
]

export const faults: BenchmarkEntry = {
  summary: `every system call of every writer killed and refused once (--count calls of each): old or new`,
  async *run({ count = mostCalls, kind }) {
    const problem = straceProblem()
    if (problem !== undefined) {
      console.log(`Skipped: ${problem}.`)
      return
    }
    const folder = await mkdtemp(join(tmpdir(), 'gnnrec-faults-'))
    const option = process.execArgv.findIndex((text) => text === '-C' || text === '--conditions')
    const conditions = option < 0 ? [] : [process.execArgv[option + 1]]
    let failed = 0
    for await (const found of runFaults({ folder, writer: kind, count, conditions })) {
      const { writer, calls, counts, seconds, problems } = found
      for (const text of problems) console.log(`${writer}: ${text}`)
      failed += problems.length
      const figures = columns.map((column) => [column, counts[column] ?? 0])
      yield { name: writer, metrics: { calls, ...Object.fromEntries(figures) }, seconds }
    }
    if (failed > 0) throw new Error(`${failed} times a fault had consequences.`)
  },
}
