// Saves one LightGCN after the other to the folder that is named on the command line, until it is killed.
import { useBackend } from '@gnnrec/ops'
import { LightGcn } from '../../src/index.js'
import { smallGraph } from './small-graph.js'

const [, , folder] = process.argv
await useBackend('simd', { threads: 1 })
for (let seed = 0; ; seed++) {
  const model = new LightGcn(smallGraph, { seed, embeddingDim: 8 })
  await model.save(folder)
  model.dispose()
  if (seed === 1) process.stdout.write('saved\n')
}
