import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { BenchmarkEntry } from '../benchmark-entry.js'
import type { MemoryMeasures } from '../training-memory/memory-measures.js'
import { trainingCases } from '../training-memory/training-cases.js'

const script = fileURLToPath(new URL('../training-memory/measure-training.ts', import.meta.url))
const tolerance = 0.2

export const trainingMemory: BenchmarkEntry = {
  summary: `peak memory of ${trainingCases.length} trainings, estimated by estimateTrainingMemory and measured, within ${100 * tolerance} %`,
  async *run() {
    const misses: string[] = []
    for (const { name, counts, threads } of trainingCases) {
      const { estimatedMb, peakMb, estimatedKernelMb, kernelMb } = measure(name)
      const ratio = estimatedMb / peakMb
      if (Math.abs(ratio - 1) > tolerance) misses.push(name)
      yield {
        name,
        dataset: 'generated',
        settings: { ...counts, threads },
        metrics: {
          'estimated MB': Math.round(estimatedMb),
          'kernel memory, estimated MB': Math.round(estimatedKernelMb),
          'kernel memory, MB': Math.round(kernelMb),
        },
        peakRssMb: Math.round(peakMb),
        ratio: { 'estimated / measured': ratio },
      }
    }
    if (misses.length > 0) {
      throw new Error(`Not within ${100 * tolerance} %: ${misses.join('; ')}.`)
    }
  },
}

/** Runs the measurement in a separate process, so that nothing else counts towards its memory. */
function measure(name: string): MemoryMeasures {
  const given = [...process.execArgv.filter((option) => option !== '--expose-gc'), script]
  const { status, signal, stdout } = spawnSync(process.execPath, [...given, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  })
  if (status === 0) return JSON.parse(stdout) as MemoryMeasures
  throw new Error(`The process for '${name}' ended with ${status ?? signal}.`)
}
