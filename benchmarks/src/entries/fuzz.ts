import { resolve } from 'node:path'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import { outcomes } from '../fuzz/outcomes.js'
import { runFuzz } from '../fuzz/run-fuzz.js'

const caseCount = 50_000
const folder = resolve('output/fuzz')

export const fuzz: BenchmarkEntry = {
  summary: `changed files of every kind that is read (--count, ${caseCount}): no foreign error, hang, abort`,
  async *run({ seed, count = caseCount, kind }) {
    const nodeOptions = process.execArgv.filter((option) => option !== '--expose-gc')
    let failed = 0
    for await (const found of runFuzz({ count, seed, kind, folder, nodeOptions })) {
      const { subject, seconds, counts, faults, slowest, mostBytes } = found
      for (const { outcome, message, cases, input } of faults) {
        failed += cases
        console.log(`${subject}: ${outcome}, ${cases} times: ${message.slice(0, 300)}\n  ${input}`)
      }
      const metrics = Object.fromEntries(outcomes.map((name) => [name, counts[name] ?? 0]))
      const most = { 'slowest, s': slowest, 'most MB': mostBytes / 1e6 }
      yield { name: subject, metrics: { ...metrics, ...most }, seconds }
    }
    if (failed === 0) return
    throw new Error(`${failed} inputs failed; the smallest of each fault are in ${folder}.`)
  },
}
