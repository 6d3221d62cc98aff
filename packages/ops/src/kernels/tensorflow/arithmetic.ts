import type { Handle, Session } from './session.js'

const floatType = { T: 'float32' } as const

/** Operators on float32 values, with TensorFlow's broadcasting. */
export class Arithmetic {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  add(a: Handle, b: Handle): Handle {
    return this.#session.op('AddV2', floatType, a, b)
  }

  subtract(a: Handle, b: Handle): Handle {
    return this.#session.op('Sub', floatType, a, b)
  }

  multiply(a: Handle, b: Handle): Handle {
    return this.#session.op('Mul', floatType, a, b)
  }

  divide(a: Handle, b: Handle): Handle {
    return this.#session.op('RealDiv', floatType, a, b)
  }

  maximum(a: Handle, b: Handle): Handle {
    return this.#session.op('Maximum', floatType, a, b)
  }

  root(a: Handle): Handle {
    return this.#session.op('Sqrt', floatType, a)
  }

  /** Computes factor · a, or returns a itself for 1. There should be few different factors. */
  scale(a: Handle, factor: number): Handle {
    return factor === 1 ? a : this.multiply(a, this.#session.fixed(factor))
  }

  /** Sums along the last axis of [n, d], which stays with length 1: [n, 1]. */
  rowSums(a: Handle): Handle {
    return this.#reduceRows('Sum', a)
  }

  /** Finds the largest numbers along the last axis: [n, 1]. */
  rowMaxima(a: Handle): Handle {
    return this.#reduceRows('Max', a)
  }

  /** Computes the dot products of rows: [n, 1]. */
  rowDots(a: Handle, b: Handle): Handle {
    return this.rowSums(this.multiply(a, b))
  }

  /** Gathers rows of [n, d] at int32 indices [k]: [k, d]. */
  gather(table: Handle, indices: Handle): Handle {
    const types = { Tparams: 'float32', Tindices: 'int32', Taxis: 'int32', batch_dims: 0 } as const
    return this.#session.op('GatherV2', types, table, indices, this.#session.integer(0))
  }

  /** Sums rows [k, d] by int32 indices [k] in 0..count-1, or below 0 to be dropped, into [count, d]. */
  scatterAdd(rows: Handle, indices: Handle, count: number): Handle {
    const types = { T: 'float32', Tindices: 'int32', Tnumsegments: 'int32' } as const
    const segments = this.#session.integer(count)
    return this.#session.op('UnsortedSegmentSum', types, rows, indices, segments)
  }

  #reduceRows(name: 'Sum' | 'Max', a: Handle): Handle {
    const types = { T: 'float32', Tidx: 'int32', keep_dims: true } as const
    return this.#session.op(name, types, a, this.#session.integer(a.shape.length - 1))
  }
}
