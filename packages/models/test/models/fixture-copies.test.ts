import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { fixtureFolder } from '../support/fixtures.js'

const origin = new URL('../../../../../shared/fixtures/models/', import.meta.url)

it('has every fixture of its models, unchanged', ({ skip }) => {
  skip(!existsSync(origin), 'the folder shared is not beside the checkout')
  const names = readdirSync(origin).filter((name) =>
    /^(bpr-mf|dgr|gcnii|groupshuffle|layergcn|lightgcn|svd-gcn)--/.test(name),
  )
  expect(readdirSync(fixtureFolder).sort()).toEqual(names.sort())
  for (const name of names) {
    const copy = readFileSync(new URL(name, fixtureFolder))
    expect(copy.equals(readFileSync(new URL(name, origin))), name).toBe(true)
  }
})
