/** What this browser remembers of how somebody likes the page. Nothing secret; a browser that keeps nothing is fine. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`summoner.${name}`)
  } catch {
    return null
  }
}

export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`summoner.${name}`)
    else localStorage.setItem(`summoner.${name}`, value)
  } catch {
    // private windows may refuse
  }
}
