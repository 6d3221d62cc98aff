import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { titledSnippets } from '../readme-snippets.mjs'

it('finds the code blocks that have a title', () => {
  const markdown =
    '# a\n```ts title=one\nlet a = 1\nlet b\n```\n```js\nno()\n```\n```js title=two\n```\n'
  expect([...titledSnippets(markdown)]).toEqual([
    ['one', 'let a = 1\nlet b\n'],
    ['two', ''],
  ])
})

it('finds the snippets of the README', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  expect([...titledSnippets(readme).keys()]).toEqual([
    'short',
    'models-only',
    'pipeline',
    'experiment',
  ])
})
