import { Rng } from '@gnnrec/graph'

/** Samples of the users from which the interval is taken. */
const samples = 2000

/** A share of two means over the same users, and the interval that holds it in 95 % of samples of the users. */
export interface Share {
  readonly share: number
  readonly least: number
  readonly most: number
}

/** Divides the mean of some values by that of others of the same users, with a bootstrap interval over the users. */
export function shareOf(values: readonly number[], others: readonly number[], seed: number): Share {
  const rng = Rng.fromSeed(seed).fork('share')
  const count = values.length
  const shares: number[] = []
  for (let sample = 0; sample < samples; sample++) {
    let [sum, otherSum] = [0, 0]
    for (let draw = 0; draw < count; draw++) {
      const user = rng.integer(count)
      sum += values[user]
      otherSum += others[user]
    }
    shares.push(sum / otherSum)
  }
  shares.sort((a, b) => a - b)
  const total = (all: readonly number[]) => all.reduce((sum, value) => sum + value, 0)
  return {
    share: total(values) / total(others),
    least: shares[Math.floor(0.025 * samples)],
    most: shares[Math.floor(0.975 * samples)],
  }
}
