/**
 * The address of the folder with the bundled data. It is right for the sources and for the built files,
 * because both lie one folder below the package.
 */
export const assetsFolder = new URL('../assets/', import.meta.url)
