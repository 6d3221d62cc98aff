// Reads changed inputs that its parent asks for, until the parent ends it:
//   node … read-cases.ts FOLDER
import { useBackend } from '@gnnrec/ops'
import { serveCases } from './serve-cases.js'
import { subjects } from './subjects.js'

await useBackend('simd', { threads: 1 })
serveCases(process.argv[2], subjects)
