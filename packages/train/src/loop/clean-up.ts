/**
 * Runs all steps of a clean-up in turn, also after one that has failed.
 *
 * @throws the error of the first step that failed, after the last step
 */
export async function cleanUp(steps: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw failures[0]
}
