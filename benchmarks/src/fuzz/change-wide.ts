import type { Rng } from '@gnnrec/graph'

/** Pieces of JSON that are much wider than any that the packages write, in the place of a value. */
const wideValues: readonly (() => string)[] = [
  () => `[${'null,'.repeat(299_999)}null]`,
  () => `[${'{"a":1},'.repeat(99_999)}{"a":1}]`,
  () => `{${wideKeys()}}`,
  () => `"${'a'.repeat(50_000_000)}"`,
  () => `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`,
]

/** Pieces of text that are much wider or longer than any that a reader expects. */
const wideTexts: readonly (() => string)[] = [
  () => 'a'.repeat(50_000_000),
  () => '1,'.repeat(100_000),
  () => '1\t'.repeat(100_000),
  () => '1 '.repeat(1_000_000),
  () => '"'.repeat(1_000_000),
  () => '\n'.repeat(5_000_000),
  () => '- a\n'.repeat(300_000),
  () => ', null'.repeat(300_000),
  () => ' '.repeat(20_000_000),
  () => '[{'.repeat(500_000),
]

/** Makes a file much wider at one place: by a value or keys of JSON, or by text. */
export function widen(bytes: Uint8Array, rng: Rng): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1')
  if (!/^\s*[[{]/.test(text)) return inserted(text, rng.integer(text.length + 1), 0, wideTexts, rng)
  if (rng.uniform() < 0.3) {
    const objects = [...text.matchAll(/\{/g)]
    const place = objects[rng.integer(Math.max(1, objects.length))]
    if (place) return inserted(text, place.index + 1, 0, [() => `${wideKeys()},`], rng)
  }
  const values = [...text.matchAll(/"[^"]*"(?!\s*:)|-?\d+(\.\d+)?([eE][-+]?\d+)?|true|false|null/g)]
  if (values.length === 0) return bytes
  const place = values[rng.integer(values.length)]
  return inserted(text, place.index, place[0].length, wideValues, rng)
}

function wideKeys(): string {
  return Array.from({ length: 200_000 }, (_, place) => `"key${place}":0`).join(',')
}

function inserted(
  text: string,
  start: number,
  length: number,
  pieces: readonly (() => string)[],
  rng: Rng,
): Uint8Array {
  const piece = pieces[rng.integer(pieces.length)]()
  const changed = `${text.slice(0, start)}${piece}${text.slice(start + length)}`
  return new Uint8Array(Buffer.from(changed, 'latin1'))
}
