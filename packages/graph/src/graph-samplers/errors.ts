import { GnnRecError } from '../errors.js'

/** A sampler that has to be prepared was asked for a sample. */
export class SamplerNotPreparedError extends GnnRecError<'SAMPLER_NOT_PREPARED'> {
  constructor(sampler: string) {
    super(
      'SAMPLER_NOT_PREPARED',
      `${sampler} has nothing to draw from yet: call await sampler.prepare() before sample.`,
    )
  }
}
