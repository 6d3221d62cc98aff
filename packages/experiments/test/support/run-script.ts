// Runs an experiment in a process of its own, so that it can be interrupted and killed.
// Arguments: the folder of the run. It prints what came of it as JSON.

import { ExperimentRunner } from '@gnnrec/experiments'
import { long } from './definitions.js'

const [folder] = process.argv.slice(2)

const { results, stopped } = await new ExperimentRunner({
  definition: long,
  folder,
  progress: 'none',
  skipExisting: true,
  checkpointSeconds: 0.2,
}).run()
process.stdout.write(JSON.stringify({ results, stopped }))
