import { library, threadProgram } from '../../tsup.shared.ts'

export default library(['src/index.ts', 'src/duckdb.ts'], 'neutral', [
  threadProgram('src/columnar/decoding-thread.ts', 'src/decoding-worker.ts'),
])
