// Checks one backend in a process of its own: TensorFlow's runtime starts only once in a process, and the
// report must survive a crash of native code. Receives a BackendTask, sends a BackendDiagnosis.
import { useBackend } from '@gnnrec/ops'
import type { BackendTask } from './backend-task.js'
import type { BackendDiagnosis } from './diagnosis.js'
import { compareKernels, runKernels } from './kernel-checks.js'
import { checkSpeed } from './speed-check.js'
import { checkTraining } from './training-check.js'

async function check({ backend, gpu, threads, parts }: BackendTask): Promise<BackendDiagnosis> {
  const found: { -readonly [Key in keyof BackendDiagnosis]: BackendDiagnosis[Key] } = { backend }
  const activate = () =>
    useBackend(backend, {
      ...(backend !== 'cpu' && threads !== undefined && { threads }),
      ...(backend === 'tensorflow' && { gpu }),
    })
  try {
    found.active = await activate()
    if (parts.includes('kernels')) {
      await useBackend('cpu')
      const reference = await runKernels()
      await activate()
      found.kernels = compareKernels(await runKernels(), reference)
    }
    if (parts.includes('training')) found.training = await checkTraining()
    if (parts.includes('speed')) found.speed = await checkSpeed()
  } catch (error) {
    found.failure = error instanceof Error ? error.message : String(error)
  }
  found.peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024)
  return found
}

process.once('message', (task) => {
  check(task as BackendTask).then((found) => process.send?.(found, () => process.disconnect()))
})
