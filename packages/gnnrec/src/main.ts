import { runProgram } from './command/run-program.js'

await runProgram(process.argv.slice(2))
