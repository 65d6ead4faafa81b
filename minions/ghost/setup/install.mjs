// Makes the owner of a new Ghost through its setup API. Exit 0 when an owner is there, whether made now or before.
import { siteApi } from './site.mjs'

const { OWNER_NAME, OWNER_EMAIL, OWNER_PASSWORD, BLOG_TITLE } = process.env
const SETUP = '/ghost/api/admin/authentication/setup/'

function fail(why) {
  console.error(`install: ${why}`)
  process.exit(1)
}

async function isSetUp() {
  const { status, text } = await siteApi('GET', SETUP)
  if (status !== 200)
    fail(`Ghost answered ${status} when asked whether it has an owner: ${text.slice(0, 300)}`)
  return JSON.parse(text).setup[0].status === true
}

/** The federation of Ghost 6 needs a service of its maker beside the site; a kit starts without. The owner may turn it on. */
async function keepToItself(username) {
  const session = await siteApi('POST', '/ghost/api/admin/session/', { username, password: OWNER_PASSWORD })
  const { status } = await siteApi(
    'PUT',
    '/ghost/api/admin/settings/',
    { settings: ['social_web', 'explore_ping'].map((key) => ({ key, value: false })) },
    session.cookie,
  )
  await siteApi('DELETE', '/ghost/api/admin/session/', undefined, session.cookie)
  if (status !== 200) console.log(`install: the federation could not be turned off (${status}).`)
}

if (await isSetUp()) {
  console.log('install: Ghost has an owner.')
} else {
  const owner = {
    name: OWNER_NAME || 'Admin',
    email: OWNER_EMAIL,
    password: OWNER_PASSWORD,
    blogTitle: BLOG_TITLE || 'Ghost',
  }
  const { status, text } = await siteApi('POST', SETUP, { setup: [owner] })
  // The answer may have been lost although the owner was made.
  if (status !== 201 && !(await isSetUp()))
    fail(`Ghost answered ${status} when its owner was to be made: ${text.slice(0, 500)}`)
  await keepToItself(OWNER_EMAIL)
  console.log(`install: owner ${OWNER_EMAIL} made.`)
}
