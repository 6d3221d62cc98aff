/** One test of a model class. */
export interface ModelTest {
  /** The expectation, as a sentence without its subject: `'gives the same bytes for the same seed'`. */
  readonly name: string
  /** Runs the test; rejects with an error that says what was got and what was expected. */
  readonly run: () => Promise<void>
}
