import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { thirdPartyNotices } from '../third-party-notices.js'

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

/** Makes a package in a folder `node_modules` and returns the path of its file. */
async function packageWith(manifest: object, files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'gnnrec-notices-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const folder = join(root, 'node_modules/left')
  await mkdir(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return join(folder, 'index.js')
}

it('has the copyright and the whole licence of a package that comes without a file of it', () => {
  const notices = thirdPartyNotices([join(modules, '@tensorflow/tfjs-core/dist/tensor.js')])
  expect(notices).toContain('@tensorflow/tfjs-core 4.22.0\nLicence: Apache-2.0')
  expect(notices).toMatch(/Copyright 20\d\d Google/)
  expect(notices).toContain('END OF TERMS AND CONDITIONS')
})

it('has the licence and the notice of a package, once for all its files', () => {
  const folder = join(modules, 'assemblyscript')
  const notices = thirdPartyNotices([join(folder, 'std/a.js'), join(folder, 'std/b.js')]) ?? ''
  expect(notices.split('assemblyscript 0.').length).toBe(2)
  expect(notices).toContain('Apache License')
  expect(notices).toContain('The following authors have all licensed their contributions')
})

it('is left out where all code is our own', () => {
  expect(thirdPartyNotices([join(modules, '../packages/graph/src/index.ts')])).toBeUndefined()
})

it('finds texts of licences by the usual names, and takes no code or folder for one', async () => {
  const manifest = { name: 'left', version: '1.0.0', license: 'MIT' }
  const licence = `Permission is hereby granted. ${'x'.repeat(200)}`
  const names = ['LICENSE-MIT', 'MIT-License.txt', 'LICENCE.md', 'ThirdPartyNotices.txt', 'COPYING']
  const file = await packageWith(manifest, {
    ...Object.fromEntries(names.map((name) => [name, `${licence} ${name}`])),
    'license.js': 'code',
    'notice.test.ts': 'code',
  })
  await mkdir(join(file, '../licenses'))
  const notices = thirdPartyNotices([file])
  for (const name of names) expect(notices).toContain(`${licence} ${name}`)
  expect(notices).not.toContain('code\n')
  expect(notices?.endsWith('code')).toBe(false)
})

it('ends the build when a package has no licence, or only its name', async () => {
  const index = { 'index.js': 'export {}' }
  const nameless = await packageWith({ name: 'left', version: '1.0.0' }, index)
  expect(() => thirdPartyNotices([nameless])).toThrow('left does not state its licence')
  const named = await packageWith(
    { name: 'left', version: '1.0.0', license: 'BSD-3-Clause' },
    index,
  )
  expect(() => thirdPartyNotices([named])).toThrow('add left.txt')
})
