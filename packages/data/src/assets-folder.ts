/** The folder of the bundled data; this module and the built files lie equally deep in the package. */
export const assetsFolder = new URL('../assets/', import.meta.url)
