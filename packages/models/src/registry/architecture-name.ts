/**
 * Returns the name of a model class as strings spell it: `LightGcn` is `'light-gcn'`, `ItemKnn` is
 * `'item-knn'`. Classes write their name out in `static architecture`, because minifiers rename classes.
 */
export function architectureName(className: string): string {
  return className.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
}
