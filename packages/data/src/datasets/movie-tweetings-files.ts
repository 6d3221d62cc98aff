import { nodeModule } from '../sources/node-files.js'

/** The two files of the bundled data set, compressed by gzip. */
export interface MovieTweetingsFiles {
  readonly ratings: Uint8Array
  readonly films: Uint8Array
}

/**
 * Reads the files of the bundled data set from the folder `assets` of the sources. The build replaces
 * this module by one that holds the bytes (`bundledFiles` in `tsup.shared.ts`), because bundlers do not
 * copy files that are read at run time.
 */
export async function movieTweetingsFiles(): Promise<MovieTweetingsFiles> {
  const { readFile } = nodeModule('node:fs/promises')
  const folder = new URL('../../assets/movietweetings/', import.meta.url)
  return {
    ratings: await readFile(new URL('ratings.csv.gz', folder)),
    films: await readFile(new URL('movies.csv.gz', folder)),
  }
}
