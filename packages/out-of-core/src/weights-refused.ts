import { type InteractionLists, isSplit, type Split } from '@gnnrec/graph'
import * as z from 'zod'

/** Check of a split whose train part has no weights, which trainings in files do not know. */
export const unweightedSplitSchema = z
  .custom<Split>(isSplit, { error: 'expected a Split (splitRows, createSplit)' })
  .refine((split) => split.train.weight === undefined, {
    error:
      'the train part has weights, which do not count here; train on BipartiteGraph.fromInteractions(split.train, { weights }) in memory (Trainer), or leave out the column weight of all parts',
  })

/** The reason why lists with weights are refused. */
export const refusedListWeights =
  'got lists with weights, which blocks of a graph do not keep; leave the weights out'

/** Check of lists without weights, which blocks of a graph do not keep. */
export const unweightedListsSchema = z
  .custom<InteractionLists>(
    (value) => {
      const { pointers, items } = (value ?? {}) as Partial<InteractionLists>
      return pointers instanceof Int32Array && items instanceof Int32Array
    },
    { error: 'expected { pointers, items }, each an Int32Array' },
  )
  .refine((lists) => lists.weights === undefined, { error: refusedListWeights })
