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

it('finds blocks that the check of pages leaves to the smoke test', () => {
  expect([...titledSnippets('```ts title=one no-run\nlet a\n```\n')]).toEqual([['one', 'let a\n']])
})

it('finds the snippets of the README and of the page of the packages', () => {
  const names = (path: string) => [
    ...titledSnippets(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')).keys(),
  ]
  expect(names('README.md')).toEqual(['short'])
  expect(names('docs/packages.md')).toEqual(['models-only', 'pipeline', 'experiment'])
})
