/** The box's domain, as the page's own address tells it: `summoner.<domain>`. */
export function useDomain(): string | undefined {
  const { hostname } = window.location
  return hostname.startsWith('summoner.') ? hostname.slice('summoner.'.length) : undefined
}
