import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { models } from '../../src/index.js'
import { fixtureFolder } from '../support/fixtures.js'

const origin = new URL('../../../../../shared/fixtures/models/', import.meta.url)

const prefixOf = (name: string) => name.split('--')[0]
/** Names of the trained models as the fixtures spell them, without hyphens. */
const modelNames = models.names({ isTrained: true }).map((name) => name.replaceAll('-', ''))

it('has every fixture of its models, unchanged', ({ skip }) => {
  skip(!existsSync(origin), 'the folder shared is not beside the checkout')
  const copies = readdirSync(fixtureFolder)
  const names = readdirSync(origin).filter((name) =>
    modelNames.some((model) => name.replaceAll('-', '').startsWith(model)),
  )
  expect(names.length).toBeGreaterThan(50)
  expect(copies).toEqual(expect.arrayContaining(names))
  // A model that has no fixtures there brings its own.
  const isFromThere = (copy: string) => names.some((name) => prefixOf(name) === prefixOf(copy))
  expect(copies.filter(isFromThere).sort()).toEqual(names.sort())
  for (const name of names) {
    const copy = readFileSync(new URL(name, fixtureFolder))
    expect(copy.equals(readFileSync(new URL(name, origin))), name).toBe(true)
  }
})

it.each(['filters', 'ials', 'neighbours'])('has every fixture of %s, unchanged', (folder) => {
  const [own, others] = [fixtureFolder, new URL('../', origin)].map(
    (from) => new URL(`${folder}/`, from),
  ) as [URL, URL]
  const names = readdirSync(own)
  expect(names.length).toBeGreaterThan(3)
  if (!existsSync(others)) return
  expect(names.sort()).toEqual(readdirSync(others).sort())
  for (const name of names) {
    expect(readFileSync(new URL(name, own)).equals(readFileSync(new URL(name, others))), name).toBe(
      true,
    )
  }
})
