import type { BackendDiagnosis, Environment } from './diagnosis.js'

/** How far the losses of two backends may be apart after some epochs, and recalls. */
const LOSS_TOLERANCE = 0.01
const RECALL_TOLERANCE = 0.01

/** Sentences about what is wrong; a backend that is not installed is not. */
export function findProblems(
  { packages, hasSharedMemory, gpus }: Environment,
  backends: readonly BackendDiagnosis[],
): string[] {
  const problems: string[] = []
  if (packages['@tensorflow/tfjs-core']?.includes(' and ')) {
    problems.push(
      `There are two copies of @tensorflow/tfjs-core (${packages['@tensorflow/tfjs-core']}); 'npm ls @tensorflow/tfjs-core' says who brings them.`,
    )
  }
  if (!hasSharedMemory) problems.push('There is no SharedArrayBuffer, so simd has one thread.')
  const isThere = ({ active }: BackendDiagnosis) => active !== undefined
  for (const found of backends) problems.push(...problemsOf(found))
  const tensorflow = backends.find(({ backend }) => backend === 'tensorflow')
  if (gpus.length > 0 && tensorflow?.active?.device === 'cpu') {
    problems.push(
      'There is a GPU, but TensorFlow computes on the CPU: its messages above say which library it misses.',
    )
  }
  const [first, ...others] = backends.filter(isThere)
  for (const other of others) problems.push(...differences(first, other))
  return problems
}

function problemsOf(found: BackendDiagnosis): string[] {
  const { backend, active, failure, crashed, kernels, training } = found
  const problems: string[] = []
  // TensorFlow is for those who install it; the others come with the package.
  const isExpected = backend !== 'tensorflow' || active !== undefined || crashed
  if (failure && isExpected) problems.push(`${backend}: ${failure}`)
  for (const { name, passed, error, failure: why } of kernels ?? []) {
    if (passed) continue
    problems.push(`${backend}: ${name} ${why ? `failed: ${why}` : `is off by ${error}`}.`)
  }
  if (training && training.leakedTensors > 0) {
    problems.push(`${backend}: an epoch left ${training.leakedTensors} tensors behind.`)
  }
  // On a GPU sums have no fixed order, which is documented.
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
  if (!(Math.abs(lastLeft - lastRight) <= LOSS_TOLERANCE * Math.abs(lastLeft))) {
    problems.push(`The losses of ${a.backend} and ${b.backend} differ: ${lastLeft}, ${lastRight}.`)
  }
  if (!(Math.abs(left.recallAt20 - right.recallAt20) <= RECALL_TOLERANCE)) {
    problems.push(
      `The recalls of ${a.backend} and ${b.backend} differ: ${left.recallAt20}, ${right.recallAt20}.`,
    )
  }
  return problems
}
