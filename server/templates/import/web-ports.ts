/** Ports on which web applications listen, likeliest first. */
export const WEB_PORTS = [
  80, 8080, 3000, 8000, 8081, 5000, 8888, 8008, 4000, 9000, 3001, 2368, 8065, 5173, 4200, 1337, 443, 8443,
]

/** Ports of databases, mail, shells and queues, which never speak HTTP. */
const OTHER = new Set([
  21, 22, 25, 53, 110, 143, 389, 465, 587, 636, 993, 995, 1433, 1521, 1883, 3306, 5432, 5672, 6379, 8883,
  9092, 11211, 27017, 33060,
])

export function mayBeWeb(port: number): boolean {
  return !OTHER.has(port)
}
