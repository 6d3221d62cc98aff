import { library, threadProgram } from '../../tsup.shared.ts'

export default library(['src/index.ts'], 'neutral', [
  threadProgram('src/sampling-thread.ts', 'src/sampling-worker.ts'),
])
