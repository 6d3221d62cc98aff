import { expect, it } from 'vitest'
import { inspectFile } from '../../src/index.js'

it('shows no name of a column raw on a terminal', async () => {
  const text = 'user,item,red \u001b[31m\u009b2J,turned\u202e\n1,2,3,4\n'
  const shown = String(await inspectFile({ text }))
  expect(shown).toContain('red \\u001b[31m\\u009b2J')
  expect(shown.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\u202e/u)
})
