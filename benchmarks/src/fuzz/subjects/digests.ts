import { createHash } from 'node:crypto'
import type { Files } from '../subject.js'
import { bytesOf, textOf } from './made-data.js'

/** Returns the SHA-256 of bytes or text in hexadecimal digits. */
export function sha256(contents: Uint8Array | string): string {
  return createHash('sha256').update(contents).digest('hex')
}

/** Parses JSON; returns undefined for text that is none, and for values other than objects. */
export function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/**
 * Puts right what a manifest of JSON says of the other files of a folder: their sizes, their digests, and
 * their names where these come from the digests.
 */
export function withListedDigests(files: Files, manifestName: string): Files {
  const manifest = files.get(manifestName)
  const content = manifest && parsedObject(textOf(manifest))
  if (!content) return files
  const packed: Files = new Map(files)
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const entry = value as Record<string, unknown>
    const key = typeof entry['file'] === 'string' ? 'file' : 'name'
    const name = entry[key]
    const bytes = typeof name === 'string' ? files.get(name) : undefined
    if (typeof name === 'string' && bytes && 'sha256' in entry) {
      const digest = sha256(bytes)
      const renamed = name.replace(/-[0-9a-f]{16}\./, `-${digest.slice(0, 16)}.`)
      packed.delete(name)
      packed.set(renamed, bytes)
      Object.assign(entry, { [key]: renamed, bytes: bytes.length, sha256: digest })
    }
    for (const inner of Object.values(entry)) visit(inner)
  }
  visit(content)
  // The manifest may have a digest of its own content.
  const { sha256: own, ...rest } = content
  if (own !== undefined) content['sha256'] = sha256(JSON.stringify(rest))
  return packed.set(manifestName, bytesOf(`${JSON.stringify(content, undefined, 2)}\n`))
}
