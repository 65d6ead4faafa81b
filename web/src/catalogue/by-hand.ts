/** The command and the YAML that do the same; pure. A typed secret never stands in either. */
export interface Wanted {
  template: string
  name?: string
  subdomain?: string
  images?: string
  env?: Record<string, string>
  grants?: string[]
}

export function commandFor(
  { template, name, subdomain, images, env = {}, grants = [] }: Wanted,
  secrets: ReadonlySet<string>,
): string {
  const words = ['summoner', 'add', template]
  if (name) words.push('--name', name)
  if (subdomain) words.push('--subdomain', quoted(subdomain))
  if (images) words.push('--images', images)
  for (const [key, value] of Object.entries(env))
    words.push('--env', quoted(`${key}=${secrets.has(key) ? '…' : value}`))
  for (const grant of grants) words.push('--grant', quoted(grant))
  return words.join(' ')
}

/** As one argument of a shell. */
export const quoted = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

export function yamlFor(
  { template, name, subdomain, images, env = {}, grants = [] }: Wanted,
  secrets: ReadonlySet<string>,
): string {
  const plain = !subdomain && !images && Object.keys(env).length === 0 && grants.length === 0
  const lines = ['applications:']
  if (plain && !name) return [...lines, `  - ${template}`].join('\n')
  lines.push(`  - name: ${name ?? template}`)
  if (name) lines.push(`    template: ${template}`)
  if (subdomain) lines.push(`    subdomain: ${yamlText(subdomain)}`)
  if (images) lines.push(`    images: ${images}`)
  if (Object.keys(env).length > 0) lines.push('    env:')
  for (const [key, value] of Object.entries(env))
    lines.push(`      ${key}: ${secrets.has(key) ? '…' : yamlText(value)}`)
  if (grants.length > 0) lines.push('    grants:', ...grants.map((grant) => `      - ${yamlText(grant)}`))
  return lines.join('\n')
}

/** Plain where that is surely the same text, else in double quotes, which are JSON's. */
export const yamlText = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9 _./-]*$/.test(text) &&
  !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text) &&
  !text.endsWith(' ')
    ? text
    : JSON.stringify(text)
