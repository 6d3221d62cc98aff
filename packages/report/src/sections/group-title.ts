import { listed } from '../document/number-format.js'
import type { Study } from '../study/study.js'

/** What a group is called where there are several: by its models. */
export function groupTitle({ groups }: Study, place: number): string {
  return `Judged alike: ${listed(groups[place].items.map(({ name }) => name))}`
}
