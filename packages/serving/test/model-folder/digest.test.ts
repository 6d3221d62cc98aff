import { createHash } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { sha256Hex } from '../../src/model-folder/digest.js'

afterEach(() => {
  vi.unstubAllGlobals()
})

// Empty, less than a block, exactly one, and several.
const lengths = [0, 3, 1 << 21, (1 << 22) + 5]

it.each([[true], [false]])('is SHA-256, with Node: %j', async (hasNode) => {
  if (!hasNode) vi.stubGlobal('process', undefined)
  for (const length of lengths) {
    const bytes = Uint8Array.from({ length }, (_, place) => place * 7)
    const expected = createHash('sha256').update(bytes).digest('hex')
    expect(await sha256Hex(bytes)).toBe(expected)
  }
})
