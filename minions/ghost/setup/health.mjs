// Healthy is a Ghost that has booted and reaches its database: its site API answers.
import { siteApi } from './site.mjs'

try {
  const { status } = await siteApi('GET', '/ghost/api/admin/site/')
  process.exit(status === 200 ? 0 : 1)
} catch {
  process.exit(1)
}
