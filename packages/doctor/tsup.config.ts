import { library, processProgram } from '../../tsup.shared.ts'

export default library(['src/index.ts', 'src/main.ts', 'src/backend-worker.ts'], 'node', [
  processProgram('src/backend-program.ts', '@gnnrec/doctor', 'backend-worker.js'),
])
