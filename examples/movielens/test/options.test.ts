import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { models } from '@gnnrec/models'
import { expect, it } from 'vitest'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

function start(...options: readonly string[]) {
  const program = ['--conditions=@gnnrec/source', '--import', 'tsx', main]
  return spawnSync(process.execPath, [...program, ...options], { encoding: 'utf8' })
}

it('refuses a preset that one of the trained models does not have, before data are loaded', () => {
  const wrong = start('--preset', 'nothing', '--model', 'popularity,light-gcn')
  expect(wrong).toMatchObject({ status: 2, stdout: '' })
  expect(wrong.stderr).toContain("--preset: light-gcn has no preset 'nothing'; it has paper, ")
  const untrained = start('--preset', 'paper', '--model', 'popularity')
  expect(untrained).toMatchObject({ status: 2, stdout: '' })
  expect(untrained.stderr).toContain('--preset: none of the models is trained')
})

it('takes presets and epochs only for models that are named', () => {
  for (const option of [
    ['--preset', 'paper'],
    ['--epochs', '1'],
  ]) {
    const wrong = start(...option)
    expect(wrong).toMatchObject({ status: 2, stdout: '' })
    expect(wrong.stderr).toContain('--preset and --epochs are for models that --model names')
  }
})

it('names every model of the registry in its help', () => {
  const { stdout } = start('--help')
  for (const name of models.names()) expect(stdout).toMatch(new RegExp(`\\s${name}[,\\s]`))
})
