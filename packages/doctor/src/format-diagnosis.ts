import type { BackendDiagnosis, Diagnosis } from './diagnosis.js'

/**
 * Formats a diagnosis as text for readers and bug reports.
 *
 * @example
 * ```ts
 * import { diagnose, formatDiagnosis } from '@gnnrec/doctor'
 *
 * console.log(formatDiagnosis(await diagnose({ backends: [] })))
 * ```
 */
export function formatDiagnosis({ environment, backends, problems }: Diagnosis): string {
  const { node, platform, cpu, threads, memoryGb, hasSharedMemory, packages, gpus } = environment
  const lines = [
    `node        ${node} on ${platform}`,
    `processor   ${cpu}, ${threads} threads, ${memoryGb} GB`,
    `shared memory  ${hasSharedMemory ? 'yes' : 'no'}`,
    ...(gpus.length > 0 ? gpus.map((gpu) => `GPU         ${gpu}`) : ['GPU         none found']),
    ...Object.entries(packages).map(([name, version]) => `package     ${name} ${version}`),
    '',
    ...backends.flatMap((found) => [...backendLines(found), '']),
    problems.length === 0 ? 'All is well.' : 'Problems:',
    ...problems.map((problem) => `- ${problem}`),
  ]
  return lines.join('\n')
}

function backendLines(found: BackendDiagnosis): string[] {
  const { backend, active, failure, kernels, training, speed, peakRssMb } = found
  if (!active) return [`${backend}: not available. ${failure ?? ''}`]
  const threads = active.threads === undefined ? '' : `, threads: ${active.threads}`
  const lines = [`${backend} on ${active.device}${threads}`]
  if (kernels) {
    const passed = kernels.filter((kernel) => kernel.passed).length
    const worst = Math.max(...kernels.map(({ error }) => error))
    lines.push(
      `  kernels   ${passed} of ${kernels.length} as the reference, largest difference ${worst.toExponential(1)}`,
    )
  }
  if (training) {
    const losses = training.losses.map((loss) => loss.toFixed(5)).join(', ')
    lines.push(
      `  training  losses ${losses}; recall@20 ${training.recallAt20.toFixed(4)}; ${training.seconds.toFixed(1)} s`,
      `            same bytes twice: ${training.isReproducible ? 'yes' : 'no'}; tensors left behind: ${training.leakedTensors}`,
    )
  }
  if (speed) {
    lines.push(
      `  speed     sparse products ${speed.sparseProductMs.toFixed(1)} ms, LightGCN-3 step ${speed.trainingStepMs.toFixed(1)} ms (Gowalla's size)`,
    )
  }
  if (peakRssMb) lines.push(`  memory    ${peakRssMb} MB at most`)
  if (failure) lines.push(`  ended early: ${failure}`)
  return lines
}
