/** Writes a number for a sentence with two digits: `0.012`, `35`, `1.2e-7`. */
export function brief(value: number): string {
  return String(Number(value.toPrecision(2)))
}

/** Writes a share for a sentence: `12 %`, `0.3 %`, `1.2e-7 %`. */
export function percent(share: number): string {
  return `${brief(100 * share)} %`
}
