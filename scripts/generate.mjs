// Makes the sources that nobody writes by hand, where they are missing or out of date.
import { runQuietly } from './run-quietly.mjs'

runQuietly('generate', 'generating kernels')
