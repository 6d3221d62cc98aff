/** Returns the first `count` values, or all when there are fewer. */
export function take<Value>(values: Iterable<Value>, count: number): Value[] {
  const taken: Value[] = []
  for (const value of values) {
    if (taken.push(value) === count) break
  }
  return taken
}
