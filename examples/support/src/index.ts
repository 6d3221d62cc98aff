export { type CommandLine, commandText, parseCommandLine } from './command-line.js'
export { environment, type ResultRow, writeResults } from './results.js'
export { formatTable } from './table.js'
