import { createHash } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { Sha256, sha256Hex } from '../../src/files.js'

afterEach(() => {
  vi.restoreAllMocks()
})

// Empty, less than a block, exactly one, and several.
const lengths = [0, 3, 1 << 21, (1 << 22) + 5]

it.each([[true], [false]])('is SHA-256, with Node: %j', async (hasNode) => {
  if (!hasNode) withoutNode()
  for (const length of lengths) {
    const bytes = Uint8Array.from({ length }, (_, place) => place * 7)
    const expected = createHash('sha256').update(bytes).digest('hex')
    expect(await sha256Hex(bytes)).toBe(expected)
    expect(await sha256Hex([bytes.subarray(0, 2), bytes.subarray(2)])).toBe(expected)
  }
})

it.each([[true], [false]])('takes text as UTF-8, with Node: %j', async (hasNode) => {
  if (!hasNode) withoutNode()
  const expected = createHash('sha256').update('Grüße 🎬').digest('hex')
  const hash = new Sha256()
  hash.update('Grüße ')
  hash.update(new TextEncoder().encode('🎬'))
  expect(hash.hex()).toBe(expected)
  expect(await sha256Hex('Grüße 🎬')).toBe(expected)
})

function withoutNode(): void {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined as never)
}
