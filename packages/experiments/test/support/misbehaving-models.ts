import type { BipartiteGraph } from '@gnnrec/graph'
import { LightGcn, type LightGcnOptions } from '@gnnrec/models'

/** Cannot be made. */
export class Unmakeable extends LightGcn {
  constructor(graph: BipartiteGraph, options: LightGcnOptions) {
    super(graph, options)
    throw new TypeError('This model cannot be made.')
  }
}

/** Checks its options by itself, without a schema: takes 3 layers with vectors of 8 numbers alone. */
export class Particular extends LightGcn {
  constructor(graph: BipartiteGraph, options: LightGcnOptions) {
    const { layers = 1, embeddingDim = 8 } = options
    if (layers > 3 || (layers === 3 && embeddingDim !== 8))
      throw new RangeError(`no ${layers} layers`)
    super(graph, options)
  }
}

/** Throws when it is prepared. */
export class Throwing extends LightGcn {
  override async prepare(): Promise<void> {
    throw new TypeError('This model never works.')
  }
}

/** Ends its process. */
export class Crashing extends LightGcn {
  override async prepare(): Promise<void> {
    process.stderr.write('about to crash\n')
    process.exit(7)
  }
}

/** Never gives the processor back. */
export class Hanging extends LightGcn {
  override async prepare(): Promise<void> {
    for (;;);
  }
}

/** Fills the heap of JavaScript. */
export class FillingHeap extends LightGcn {
  override async prepare(): Promise<void> {
    const kept: unknown[] = []
    for (;;) kept.push(new Array(1000).fill(kept.length))
  }
}

/** Takes memory outside the heap, piece by piece. */
export class Hoarding extends LightGcn {
  override async prepare(): Promise<void> {
    const kept: Uint8Array[] = []
    for (;;) {
      kept.push(new Uint8Array(20e6).fill(1))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
