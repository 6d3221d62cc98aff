import type { BackendDiagnosis, Environment } from './diagnosis.js'

/** Largest difference of the last losses of two backends, as a share of the loss. */
const lossTolerance = 0.01
/** Largest difference of the recalls of two backends. */
const recallTolerance = 0.01

/** Returns a sentence for each problem. That TensorFlow is not installed is not a problem. */
export function findProblems(
  { packages, hasSharedMemory, gpus }: Environment,
  backends: readonly BackendDiagnosis[],
): string[] {
  const problems: string[] = []
  if (packages['@tensorflow/tfjs-core']?.includes(' and ')) {
    problems.push(
      `There are two copies of @tensorflow/tfjs-core (${packages['@tensorflow/tfjs-core']}); 'npm ls @tensorflow/tfjs-core' shows which packages bring them.`,
    )
  }
  if (!hasSharedMemory)
    problems.push('There is no SharedArrayBuffer, so the backend simd has only one thread.')
  const isThere = ({ active }: BackendDiagnosis) => active !== undefined
  for (const found of backends) problems.push(...problemsOf(found))
  const tensorflow = backends.find(({ backend }) => backend === 'tensorflow')
  if (gpus.length > 0 && tensorflow?.active?.device === 'cpu') {
    problems.push(
      'There is a GPU, but TensorFlow computes on the CPU: its messages above name the missing library.',
    )
  }
  const [first, ...others] = backends.filter(isThere)
  for (const other of others) problems.push(...differences(first, other))
  return problems
}

function problemsOf(found: BackendDiagnosis): string[] {
  const { backend, active, failure, crashed, kernels, training } = found
  const problems: string[] = []
  // Users install TensorFlow only if they want it; the other backends come with the package.
  const isExpected = backend !== 'tensorflow' || active !== undefined || crashed
  if (failure && isExpected) problems.push(`${backend}: ${failure}`)
  for (const { name, passed, error, failure: why } of kernels ?? []) {
    if (passed) continue
    problems.push(
      `${backend}: ${name} ${why ? `failed: ${why}` : `differs from the reference by ${error}`}.`,
    )
  }
  if (training && training.leakedTensors > 0) {
    problems.push(`${backend}: an epoch left ${training.leakedTensors} tensors behind.`)
  }
  // The order of sums is not fixed on a GPU, which is documented.
  if (training && !training.isReproducible && active?.device === 'cpu') {
    problems.push(`${backend}: two trainings with one seed ended in different bytes.`)
  }
  return problems
}

function differences(a: BackendDiagnosis, b: BackendDiagnosis): string[] {
  if (!a.training || !b.training) return []
  const problems: string[] = []
  const [left, right] = [a.training, b.training]
  const lastLeft = left.losses.at(-1) ?? Number.NaN
  const lastRight = right.losses.at(-1) ?? Number.NaN
  if (!(Math.abs(lastLeft - lastRight) <= lossTolerance * Math.abs(lastLeft))) {
    problems.push(`The losses of ${a.backend} and ${b.backend} differ: ${lastLeft}, ${lastRight}.`)
  }
  if (!(Math.abs(left.recallAt20 - right.recallAt20) <= recallTolerance)) {
    problems.push(
      `The recalls of ${a.backend} and ${b.backend} differ: ${left.recallAt20}, ${right.recallAt20}.`,
    )
  }
  return problems
}
