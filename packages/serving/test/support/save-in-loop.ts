// Saves one model after the other to the folder that is named on the command line, until it is killed.
import { writeModelFolder } from '../../src/model-folder/write-model-folder.js'
import { sampleParts } from './sample-parts.js'

const [, , folder] = process.argv
for (let seed = 0; ; seed++) {
  // Every other model is the one of seed 0, so that a list of files also comes back.
  await writeModelFolder(folder, sampleParts(seed % 2 === 0 ? 0 : seed))
  if (seed === 1) process.stdout.write('saved\n')
}
