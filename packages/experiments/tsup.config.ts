import { library, processProgram } from '../../tsup.shared.ts'

export default library(['src/index.ts', 'src/trial-worker.ts'], 'node', [
  processProgram('src/trial-program.ts', '@gnnrec/experiments', 'trial-worker.js'),
])
