/** `2.26.1-ds1` against `2.20`: numbers only, what follows a dash does not count. */
export function atLeast(actual: string, wanted: string): boolean {
  const numbers = (text: string) => (/\d+(?:\.\d+)*/u.exec(text)?.[0] ?? '0').split('.').map(Number)
  const have = numbers(actual)
  for (const [index, need] of numbers(wanted).entries()) {
    const part = have[index] ?? 0
    if (part !== need) return part > need
  }
  return true
}
