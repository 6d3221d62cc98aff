import type { UserMetric } from './metric.js'

/** A metric per user that looks at hits alone. */
export function hitsMetric(
  name: string,
  denominator: string,
  value: (list: ArrayLike<number>, relevant: ArrayLike<number>, k: number) => number,
): UserMetric {
  return {
    kind: 'user',
    name,
    denominator,
    create:
      ({ k }) =>
      (list, relevant) =>
        value(list, relevant, k),
  }
}
