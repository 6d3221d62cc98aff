// Writes once, when its parent says so:
//   node … write-once.js WRITER FOLDER ADDRESS
import { writeWhenAsked } from './write-when-asked.js'
import { writers } from './writers.js'

await writeWhenAsked(writers)
