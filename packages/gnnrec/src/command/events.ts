import type { EventColumns, EventSource } from '../reading/source.js'

/** Options of the columns of a file. */
export interface ColumnFlags {
  readonly user?: string | number
  readonly item?: string | number
  readonly rating?: string | number
  readonly timestamp?: string | number
  readonly weight?: string | number
}

/** Returns the source of events that an argument names. */
export function eventSource(argument: string): EventSource {
  return argument === '-' ? process.stdin : argument
}

/**
 * Returns the columns that are named on the command line.
 *
 * @throws InvalidOptionsError when the users are named without the items, or the other way round
 */
export async function columnsOf({
  user,
  item,
  rating,
  timestamp,
  weight,
}: ColumnFlags): Promise<EventColumns | undefined> {
  if ([user, item, rating, timestamp, weight].every((each) => each === undefined)) return undefined
  if (user === undefined || item === undefined) {
    const { InvalidOptionsError } = await import('@gnnrec/graph')
    throw new InvalidOptionsError(
      'Name both --user and --item when you name columns; gnnrec inspect shows those of a file.',
    )
  }
  return {
    user,
    item,
    ...(rating !== undefined && { rating }),
    ...(timestamp !== undefined && { timestamp }),
    ...(weight !== undefined && { weight }),
  }
}
