import { expect, it } from 'vitest'
import { checkFile } from '../prose/check-file.mjs'
import { oxfordSpelling } from '../prose/spelling.mjs'

it.each([
  ['normalise', 'normalize'],
  ['Regularisation', 'regularization'],
  ['optimisers', 'optimizers'],
  ['summarised', 'summarized'],
  ['initialising', 'initializing'],
  ['neighbors', 'neighbours'],
  ['Behavior', 'behaviour'],
])('writes %s as %s', (word, better) => {
  expect(oxfordSpelling(word)).toBe(better)
})

it.each(
  `precise otherwise exercise noise denoised supervised unsupervised promise promises likewise
   compromise comprise rise arising raise raised wise advise surprised disable analyse analysis
   pairwise revised disguise colour neighbour normalize optimizer this size series`.split(/\s+/),
)('leaves %s as it is', (word) => {
  expect(oxfordSpelling(word)).toBeUndefined()
})

it('finds doc comments that start with a clause', () => {
  const code = `/** What is kept. */
export interface Kept {
  /** Whether it is. */
  readonly is: boolean
  /** Things that are kept. */
  readonly things: string[]
}
/**
 * Of which the first counts.
 */
export function first() {}
// What a plain comment says is its own matter.
`
  expect(problems('src/a.ts', code)).toEqual([
    { line: 1, message: 'a doc comment starts with "What"' },
    { line: 3, message: 'a doc comment starts with "Whether"' },
    { line: 8, message: 'a doc comment starts with "Of"' },
  ])
})

it('finds defaults in the prose of fields', () => {
  const code = `export interface Options {
  /** Length of a list. Default 10. */
  readonly k?: number
  /** Defaults to all users. */
  readonly users?: number
  /**
   * Length of a list.
   * @defaultValue \`10\`
   */
  readonly length?: number
}
/** Default options of a study. */
export const study = {}
`
  expect(problems('src/a.ts', code).map(({ line }) => line)).toEqual([2, 4])
})

it('reads comments, strings and the names that a file declares, not those of libraries', () => {
  const code = `import { normalise } from 'library'
// Every neighbor counts.
export function summarise(optimiser: string) {
  normalise(optimiser)
  throw new Error(\`bad normalisation \${optimiser} of flavor\`)
}
export const css = { color: 'center' } /* the color of a line */
`
  expect(problems('src/a.ts', code).map(({ line, message }) => `${line} ${message}`)).toEqual([
    '2 "neighbor" is written "neighbour"',
    '3 "summarise" is written "summarize"',
    '3 "optimiser" is written "optimizer"',
    '5 "normalisation" is written "normalization"',
    '5 "flavor" is written "flavour"',
    '7 "color" is written "colour"',
  ])
})

it('leaves paths and the fields of fixtures in tests as they are', () => {
  const code = `interface Fixture {
  optimiser: string
}
export const file = 'fixtures/optimisers.json'
`
  expect(problems('test/a.test.ts', code)).toEqual([])
  expect(problems('src/a.ts', code).map(({ line }) => line)).toEqual([2])
})

it('reads the prose of Markdown and its path, not code and addresses', () => {
  const text = `# Behavior
\`normalise\` is in [a page](https://example.org/color).
\`\`\`ts
const neighbor = 1
\`\`\`
The end is normalised.
`
  expect(
    problems('docs/optimise.md', text).map(({ line, message }) => `${line} ${message}`),
  ).toEqual([
    '1 "Behavior" is written "behaviour"',
    '1 "optimise" is written "optimize" (the path)',
    '6 "normalised" is written "normalized"',
  ])
})

function problems(path: string, text: string): { line: number; message: string }[] {
  return checkFile(path, text)
}
