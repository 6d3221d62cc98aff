export { type CommandLine, parseCommandLine } from './command-line.js'
export { type ResultRow, writeResults } from './results.js'
export { formatTable } from './table.js'
