import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { errorCodes } from '../docs/error-codes.mjs'
import { errorsPage } from '../docs/errors-page.mjs'
import { remedies } from '../docs/remedies.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** A code with the classes of its errors. */
interface ErrorCode {
  readonly code: string
  readonly errors: readonly {
    readonly name: string
    readonly owner: string
    readonly cause: string
  }[]
}

const codes: readonly ErrorCode[] = errorCodes(root)

it('finds the classes of errors and the codes of errors without one', () => {
  const { errors } = codes.find(({ code }) => code === 'UNCLEAR_FILE')!
  expect(errors).toEqual([
    {
      name: 'UnclearFileError',
      owner: '@gnnrec/data',
      cause:
        'The error for a file whose columns are not certain enough to be read without an answer.',
    },
  ])
  expect(codes.find(({ code }) => code === 'NO_FILE_SYSTEM')).toEqual({
    code: 'NO_FILE_SYSTEM',
    errors: [],
  })
})

it('finds every code that the READMEs of packages name', () => {
  for (const owner of ['train', 'serving', 'eval', 'experiments', 'models']) {
    const readme = readFileSync(`${root}packages/${owner}/README.md`, 'utf8')
    const [, errors] = readme.split('\n## Errors\n')
    for (const [, code] of errors.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)) {
      expect(codes.map((each) => each.code)).toContain(code)
    }
  }
})

it('has an entry with a cause and a remedy for every code', () => {
  const page = errorsPage(codes)
  for (const { code, errors } of codes) {
    expect(page).toContain(`## ${code} {#`)
    expect(page).toContain(`**Remedy**: ${remedies[code as keyof typeof remedies]}`)
    for (const { name, cause } of errors) expect(cause, name).not.toBe('')
  }
})

it('refuses a page that lacks a remedy', () => {
  expect(() => errorsPage([...codes, { code: 'NEW_CODE', errors: [] }])).toThrow('lacks NEW_CODE')
})

it('refuses a page with a remedy for nothing', () => {
  expect(() => errorsPage(codes.slice(1))).toThrow(`has ${codes[0].code} too much`)
})
