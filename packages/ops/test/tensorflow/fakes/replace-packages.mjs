// Run by --import: makes the packages of tfjs-node another module or, without a name in
// GNNREC_TEST_FAKE, missing.
import { register } from 'node:module'

register('./resolve-packages.mjs', import.meta.url)
