import { Rng } from '@gnnrec/graph'
import { type Mutant, mutate } from './mutate.js'
import type { FuzzCase } from './outcomes.js'
import type { Files, Subject } from './subject.js'

/** Makes the input of a case, the same one at every call. */
export function drawCase(subject: Subject, sound: Files, { seed, index, only }: FuzzCase): Mutant {
  const rng = Rng.fromSeed(`${seed}/${subject.name}/${index}`)
  return mutate(subject, sound, rng, only)
}
