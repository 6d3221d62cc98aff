// Makes the generated sources that are missing or out of date.
import { runQuietly } from './run-quietly.mjs'

runQuietly('generate', 'generating kernels')
