import type { Subject } from './subject.js'
import { checkpointSubjects } from './subjects/checkpoints.js'
import { downloadSubjects } from './subjects/downloads.js'
import { experimentSubjects } from './subjects/experiments.js'
import { indexSubjects } from './subjects/indices.js'
import { modelFolderSubjects } from './subjects/model-folders.js'
import { reportSubjects } from './subjects/reports.js'
import { splitSubjects } from './subjects/splits.js'
import { tableSubjects } from './subjects/tables.js'
import { writtenFolderSubjects } from './subjects/written-folders.js'

/** All kinds of input that the packages read. */
export const subjects: readonly Subject[] = [
  ...tableSubjects,
  ...splitSubjects,
  ...modelFolderSubjects,
  ...indexSubjects,
  ...checkpointSubjects,
  ...experimentSubjects,
  ...reportSubjects,
  ...downloadSubjects,
  ...writtenFolderSubjects,
]
