import fc from 'fast-check'

// Property tests of a run share one seed, so that a run can be repeated even where a test hangs or its
// process dies before fast-check can print a seed.
fc.configureGlobal({ seed: Number(process.env['GNNREC_TEST_SEED']) })
