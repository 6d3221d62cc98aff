import { GnnRecError } from '../errors.js'

/** The error of a sampler that is asked for a sample before it is prepared. */
export class SamplerNotPreparedError extends GnnRecError<'SAMPLER_NOT_PREPARED'> {
  constructor(sampler: string) {
    super(
      'SAMPLER_NOT_PREPARED',
      `${sampler} has nothing to draw from yet: call await sampler.prepare() before sample.`,
    )
  }
}
