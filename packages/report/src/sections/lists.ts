import type { Section, UserList } from '../document/document.js'
import { plural } from '../document/number-format.js'
import type { ReportItem } from '../report-options.js'
import type { Study } from '../study/study.js'

/** Makes the section of the lists of a few users; undefined without users. */
export function listsSection({ options, models }: Study): Section | undefined {
  const users = options.users ?? []
  if (users.length === 0) return undefined
  return {
    id: 'lists',
    title: 'Lists of a few users',
    blocks: [
      {
        kind: 'paragraph',
        text: 'What users had before, and what they are recommended, best first. A star marks what the user did consume later, in the part that was judged.',
      },
      ...users.map(({ id, consumed, recommended }) => ({
        kind: 'lists' as const,
        heading: `User ${id}`,
        lists: [
          listOf('Had before', consumed),
          ...models.flatMap(({ name }) =>
            Object.hasOwn(recommended, name)
              ? [listOf(headed(name, recommended[name]), recommended[name])]
              : [],
          ),
        ],
      })),
    ],
  }
}

function listOf(title: string, items: readonly ReportItem[]): UserList {
  return {
    title,
    entries: items.map(({ id, title: name, relevant }) => ({
      text: name ?? String(id),
      hit: relevant ?? false,
    })),
  }
}

function headed(name: string, items: readonly ReportItem[]): string {
  return `${name}: ${plural(items.filter(({ relevant }) => relevant).length, 'hit')}`
}
