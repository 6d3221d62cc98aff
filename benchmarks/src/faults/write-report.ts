/** End of a write. */
export interface WriteReport {
  readonly end: 'written' | 'typed error' | 'foreign error'
  readonly message?: string
}
