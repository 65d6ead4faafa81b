// Ends the set-up page of a new Wiki.js, which takes the first comer; exit 0 when the wiki itself answers.
const site = 'http://127.0.0.1:3000'
const { ADMIN_EMAIL, ADMIN_PASSWORD, SITE_URL } = process.env
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Only the wiki answers with JSON here; the set-up page is the same for every path. */
async function isWiki() {
  const answer = await fetch(`${site}/healthz`).catch(() => undefined)
  const text = (await answer?.text()) ?? ''
  return answer?.ok === true && text.trim().startsWith('{')
}

async function main() {
  if (await isWiki()) return
  const answer = await fetch(`${site}/finalize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      adminEmail: ADMIN_EMAIL,
      adminPassword: ADMIN_PASSWORD,
      adminPasswordConfirm: ADMIN_PASSWORD,
      siteUrl: SITE_URL,
      telemetry: false,
    }),
  })
  const said = await answer.json()
  if (!said.ok) throw new Error(`Wiki.js refused: ${JSON.stringify(said).slice(0, 400)}`)
  for (let tries = 0; tries < 180; tries++) {
    await pause(1000)
    if (await isWiki()) return
  }
  throw new Error('Wiki.js did not come back after its set-up')
}

main().catch((error) => {
  console.error(`administrator: ${error.message}`)
  process.exit(1)
})
