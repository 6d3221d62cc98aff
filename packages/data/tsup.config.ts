import { bundledFiles, library, threadProgram } from '../../tsup.shared.ts'

export default library(['src/index.ts', 'src/duckdb.ts'], 'neutral', [
  threadProgram('src/columnar/decoding-thread.ts', 'src/decoding-worker.ts'),
  bundledFiles('src/datasets/movie-tweetings-files.ts', {
    ratings: 'assets/movietweetings/ratings.csv.gz',
    films: 'assets/movietweetings/movies.csv.gz',
  }),
])
