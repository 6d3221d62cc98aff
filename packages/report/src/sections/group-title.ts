import { listed } from '../document/number-format.js'
import type { Study } from '../study/study.js'

/** Returns the title of one of several groups, which names its models. */
export function groupTitle({ groups }: Study, place: number): string {
  return `Judged alike: ${listed(groups[place].items.map(({ name }) => name))}`
}
