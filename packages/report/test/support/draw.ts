// Draws a report and prints the number of its plots; tests start it as a process of its own.
import { createReport } from '../../src/index.js'
import { sevenModels } from './made-input.js'

const { html } = await createReport(sevenModels())
process.stdout.write(`${html.split('<svg').length - 1}\n`)
