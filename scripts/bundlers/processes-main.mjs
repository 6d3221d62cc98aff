// A program for a server that needs installed packages beside the bundle: it runs trials and checks in
// processes of their own, whose programs lie in the packages, and loads a backend without waiting.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as doctor from '@gnnrec/doctor'
import * as experiments from '@gnnrec/experiments'
import * as ops from '@gnnrec/ops'
import * as tf from '@tensorflow/tfjs-core'

globalThis.gnnrec = [doctor, experiments]

async function main() {
  // Starts a backend without waiting, as models do in programs that choose none.
  ops.ensureBackendSync()
  const folder = await mkdtemp(join(tmpdir(), 'gnnrec-bundled-'))
  const { results } = await new experiments.ExperimentRunner({
    definition: {
      name: 'bundled',
      models: [{ model: 'popularity' }],
      datasets: [{ dataset: 'movietweetings' }],
      protocol: { metrics: ['recall@20'], selection: 'recall@20' },
    },
    folder: join(folder, 'run'),
    progress: 'none',
  }).run()
  const { problems } = await doctor.diagnose({ backends: ['simd'], parts: [] })
  await rm(folder, { recursive: true })
  return { tests: results.map(({ test }) => test), problems, backend: tf.getBackend() }
}

main().then((result) => console.log(JSON.stringify(result)))
