/** What the rules recognise by its wording. */
import { textOf } from './plain.ts'

/** `DB_PASSWORD`, not `DB_PASSWORD_FILE`, which names a path. */
export function isSecretKey(key: string): boolean {
  return /(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|SECRET_KEY|CREDENTIALS?)(_BASE)?(64)?$/i.test(
    key,
  )
}

/** A test that cannot fail: `true`, `exit 0`, `echo ok`, `curl … || true`. */
export function isFakeTest(test: unknown): boolean {
  const words = Array.isArray(test) ? test.map(textOf) : [textOf(test)]
  const [kind = '', ...rest] = words
  if (kind === 'NONE') return false
  const line = (kind === 'CMD' || kind === 'CMD-SHELL' ? rest : words).join(' ').trim()
  const inner = line
    .replace(/^(?:\/bin\/)?(?:ba|da)?sh -c\s+/, '')
    .replace(/^(["'])(.*)\1$/, '$2')
    .trim()
  const harmless =
    /^(?:true|:|exit 0|(?:\/bin\/|\/usr\/bin\/)?(?:true|echo|printf|ls|date|pwd|whoami|sleep)(?:\s[^|&;]*)?)$/
  return (
    inner === '' || harmless.test(inner) || /(?:\|\||;)\s*(?:true|exit 0|:|echo\b[^|&;]*)\s*$/.test(inner)
  )
}
