import { serveCases } from '../../src/fuzz/serve-cases.js'
import { misbehaving } from './misbehaving-subjects.js'

serveCases(process.argv[2], misbehaving)
