/** Where config.yml says something, for findings that only show once a template is looked at. */
import { isMap, isNode, isScalar, isSeq, type Pair } from 'yaml'
import type { Place } from '../errors.ts'
import { readYaml } from './yaml-source.ts'

/** Of the key where the entry has it, else of the entry, else of the file. */
export function placeOf(text: string, path: string, application: string, key: string): Place {
  const { document, place } = readYaml(text)
  const root = isMap(document.contents) ? document.contents.get('summoner', true) : undefined
  const list = isMap(root) ? root.get('applications', true) : undefined
  const at = (node: unknown): Place | undefined =>
    isNode(node) && node.range ? { path, ...place(node.range[0]) } : undefined
  for (const item of isSeq(list) ? list.items : []) {
    if (isScalar(item) && item.value === application) return at(item) ?? { path }
    if (!isMap(item) || item.get('name') !== application) continue
    const pair = item.items.find((it): it is Pair => isScalar(it.key) && it.key.value === key)
    return at(pair?.key) ?? at(item) ?? { path }
  }
  return at(list) ?? { path }
}
