import { expect } from 'vitest'
import type { KernelName } from '../../src/kernels/kernel-exports.js'
import { createKernelMemory } from '../../src/kernels/kernel-memory.js'

/** The number that fills outputs before a kernel writes them. */
export const untouched = 12_345

/** An array that the kernel may write, `stride` elements for each step of its range. */
export interface Written {
  readonly before: Float32Array | Float64Array | Int32Array
  readonly stride: number
}

export function output(length: number, stride = 1): Written {
  return { before: new Float32Array(length).fill(untouched), stride }
}

type Given = number | Float32Array | Int32Array | Written

/**
 * Calls a compiled kernel once on start..end-1, with arrays laid out in fresh kernel memory, and
 * checks that not one byte changed outside of that range of what it may write.
 *
 * @returns the written arrays, in the order given
 */
export function callKernel(
  name: KernelName,
  given: readonly Given[],
  start: number,
  end: number,
): Float64Array[] {
  const { memory, kernels, allocator } = createKernelMemory({ shared: false })
  const places: { written: Written; pointer: number }[] = []
  const values = given.map((value) => {
    if (typeof value === 'number') return value
    const array = 'before' in value ? value.before : value
    const pointer = allocator.allocate(array.byteLength)
    bytesAt(memory, pointer, array).set(
      new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
    )
    if ('before' in value) places.push({ written: value, pointer })
    return pointer
  })
  const before = Buffer.from(new Uint8Array(memory.buffer))
  ;(kernels[name] as (...all: number[]) => void)(...values, start, end)
  const after = Buffer.from(new Uint8Array(memory.buffer))
  const results = places.map(({ written, pointer }) => {
    const array = written.before.slice()
    new Uint8Array(array.buffer).set(after.subarray(pointer, pointer + array.byteLength))
    const width = written.stride * array.BYTES_PER_ELEMENT
    for (const copy of [before, after]) {
      const last = Math.min(pointer + end * width, pointer + array.byteLength)
      copy.fill(0, Math.min(pointer + start * width, last), last)
    }
    return Float64Array.from(array)
  })
  expect(after.equals(before), `${name} wrote outside of its range`).toBe(true)
  return results
}

function bytesAt(
  memory: WebAssembly.Memory,
  pointer: number,
  array: { byteLength: number },
): Uint8Array {
  return new Uint8Array(memory.buffer, pointer, array.byteLength)
}

/** Returns an output after start..end-1 of `full` was written, `stride` elements a step. */
export function written(
  full: ArrayLike<number>,
  start: number,
  end: number,
  stride = 1,
): Float64Array {
  return Float64Array.from(full, (value, i) =>
    i >= start * stride && i < end * stride ? Math.fround(value) : untouched,
  )
}
