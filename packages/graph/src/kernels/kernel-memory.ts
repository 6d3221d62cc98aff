import { BackendUnavailableError } from '../errors.js'
import { kernelModule, memoryFlagsPlace } from '../generated/kernel-module.js'
import { Allocator } from './allocator.js'
import type { KernelExports } from './kernel-exports.js'

const pageBytes = 65_536
// Address 0 must stay free, as it means "no matrix".
const reservedBytes = pageBytes
// 32 bits address 65,536 pages. The last one is left out, as the end of a block there would be 0.
const mostPages = 65_535
const initialPages = 16

/** A WebAssembly memory with its kernels and its allocator. */
export interface KernelMemory {
  readonly memory: WebAssembly.Memory
  readonly module: WebAssembly.Module
  readonly kernels: KernelExports
  readonly allocator: Allocator
  /** True when other threads can see the memory. */
  readonly shared: boolean
}

/**
 * Compiles the kernels and makes their memory, which is shared where the platform allows it.
 *
 * @param maximumBytes - the size to which the memory may grow; by default, and at most, a page less than
 * 4 GiB
 * @throws BackendUnavailableError when the platform has no WebAssembly SIMD
 */
export function createKernelMemory({
  shared = typeof SharedArrayBuffer !== 'undefined',
  maximumBytes = mostPages * pageBytes,
}: {
  shared?: boolean
  maximumBytes?: number
} = {}): KernelMemory {
  try {
    const module = new WebAssembly.Module(kernelCode(shared))
    const { memory, maximumPages } = shared
      ? sharedMemory()
      : {
          memory: new WebAssembly.Memory({ initial: initialPages, maximum: mostPages }),
          maximumPages: mostPages,
        }
    const limit = Math.min(maximumBytes, maximumPages * pageBytes)
    const instance = new WebAssembly.Instance(module, { env: { memory } })
    return {
      memory,
      module,
      kernels: instance.exports as unknown as KernelExports,
      allocator: new Allocator(memory, reservedBytes, limit),
      shared,
    }
  } catch (cause) {
    throw new BackendUnavailableError(
      `The WebAssembly kernels cannot start here (${String(cause)}). They need WebAssembly SIMD: Node 20 or a browser of 2023 or later; use the 'cpu' backend elsewhere.`,
      { cause },
    )
  }
}

function sharedMemory(): { memory: WebAssembly.Memory; maximumPages: number } {
  // This reserves only address space, but a process may lack even that.
  for (let maximum = mostPages; ; maximum = Math.floor(maximum / 2)) {
    try {
      const memory = new WebAssembly.Memory({ initial: initialPages, maximum, shared: true })
      return { memory, maximumPages: maximum }
    } catch (cause) {
      if (maximum <= mostPages / 16) throw cause
    }
  }
}

function kernelCode(shared: boolean): Uint8Array<ArrayBuffer> {
  const code = decodeBase64(kernelModule)
  if (!shared) code[memoryFlagsPlace] = 1
  return code
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
