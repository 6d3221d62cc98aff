import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { fixtureFolder } from '../support/fixtures.js'

const origin = new URL('../../../../../shared/fixtures/models/', import.meta.url)

it('has every fixture of its models, unchanged', ({ skip }) => {
  skip(!existsSync(origin), 'the folder shared is not beside the checkout')
  const models = new Set(readdirSync(fixtureFolder).map((name) => name.split('--')[0]))
  const names = readdirSync(origin).filter((name) => models.has(name.split('--')[0]))
  expect(names.length).toBeGreaterThan(50)
  expect(readdirSync(fixtureFolder)).toEqual(expect.arrayContaining(names))
  for (const name of names) {
    const copy = readFileSync(new URL(name, fixtureFolder))
    expect(copy.equals(readFileSync(new URL(name, origin))), name).toBe(true)
  }
})
