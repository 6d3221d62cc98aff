import { library } from '../../tsup.shared.ts'

export default library(['src/index.ts', 'src/model-folder.ts', 'src/rules.ts', 'src/vectors.ts'])
