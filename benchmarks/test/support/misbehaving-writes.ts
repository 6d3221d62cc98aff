import { writeWhenAsked } from '../../src/faults/write-when-asked.js'
import { misbehaving } from './misbehaving-writers.js'

await writeWhenAsked(misbehaving)
