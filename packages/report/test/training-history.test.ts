import type { TrainingHistory } from '@gnnrec/train'
import { expectTypeOf, it } from 'vitest'
import type { ReportHistory } from '../src/index.js'

it('takes the history of a Trainer as it is', () => {
  expectTypeOf<TrainingHistory>().toExtend<ReportHistory>()
})
