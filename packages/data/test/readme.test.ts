import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../', import.meta.url))
const readme = readFileSync(`${folder}README.md`, 'utf8')

const expected = [
  [
    'interactions: 44613',
    'All Quiet on the Western Front (1930)',
    'test rows, split',
    "[ 'lamp' ]",
  ],
  [
    'Read it with readCsv(source, ',
    'has a leading zero',
    "[ '007', '12' ] Float32Array(2) [ 4.5, 4 ]",
  ],
  ['LEAK005'],
  ['interactions: 27505', '18917 training rows'],
]

const snippets = Array.from(readme.matchAll(/```js\n([\s\S]*?)```/g), ([, code]) => code)

it('has a README whose snippets are all run here', () => {
  expect(snippets).toHaveLength(expected.length)
})

it.each(expected.map((texts, place) => [place, texts] as const))(
  'has a README whose snippet %i runs',
  async (place, texts) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '-C', '@gnnrec/source', '--input-type=module', '-e', snippets[place]],
      { cwd: folder },
    )
    for (const text of texts) expect(stdout).toContain(text)
  },
)

it('has a README with the licence text of the bundled data', () => {
  const words = (text: string) => text.replaceAll(/^>/gm, '').split(/\s+/).filter(Boolean).join(' ')
  const licence = readFileSync(`${folder}assets/movietweetings/LICENSE`, 'utf8')
  expect(words(readme)).toContain(words(licence))
})
