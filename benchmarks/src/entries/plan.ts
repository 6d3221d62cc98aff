import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import type { PlanMeasures } from '../plan/plan-measures.js'
import { plannedCases } from '../plan/planned-trainings.js'

const script = fileURLToPath(new URL('../plan/measure-training.ts', import.meta.url))
const tolerance = 0.15

export const plan: BenchmarkEntry = {
  summary: `peak memory of ${plannedCases.length} trainings as plan foretells it, and as it is, within ${100 * tolerance} %`,
  async *run() {
    const misses: string[] = []
    for (const { name, counts, threads } of plannedCases) {
      const planned = measure('plan', name)
      const real = measure('train', name)
      const ratio = planned.peakMb / real.peakMb
      if (Math.abs(ratio - 1) > tolerance) misses.push(name)
      yield {
        name,
        dataset: 'generated',
        settings: { ...counts, threads },
        metrics: {
          'planned MB': Math.round(planned.peakMb),
          'kernel memory, planned MB': Math.round(planned.kernelMb),
          'kernel memory, MB': Math.round(real.kernelMb),
          'planned ms a step': 1000 * planned.secondsPerStep,
          'ms a step': 1000 * real.secondsPerStep,
          'planning, s': planned.seconds,
          'planning, peak MB': Math.round(planned.ownPeakMb),
        },
        peakRssMb: Math.round(real.peakMb),
        ratio: { 'planned / measured': ratio },
      }
    }
    if (misses.length > 0) {
      throw new Error(`Not within ${100 * tolerance} %: ${misses.join('; ')}.`)
    }
  },
}

/** Runs the measurement in a separate process, so that nothing else counts towards its memory. */
function measure(mode: 'plan' | 'train', name: string): PlanMeasures {
  const given = [...process.execArgv.filter((option) => option !== '--expose-gc'), script]
  const { status, signal, stdout } = spawnSync(process.execPath, [...given, mode, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  if (status === 0) return JSON.parse(stdout) as PlanMeasures
  throw new Error(`The process for '${name}' ended with ${status ?? signal}.`)
}
