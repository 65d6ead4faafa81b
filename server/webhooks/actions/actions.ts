/** Every action there is. */
import type { ChannelType } from '../words.ts'
import type { Call } from '../walk.ts'
import type { Action } from './action.ts'
import { discord } from './discord.ts'
import { gitlab } from './gitlab.ts'
import { gotify } from './gotify.ts'
import { httpRequest } from './http.ts'
import { mail } from './mail.ts'
import { matrix } from './matrix.ts'
import { mattermost } from './mattermost.ts'
import { minion } from './minion.ts'
import { ntfy } from './ntfy.ts'
import { rocketchat } from './rocketchat.ts'
import { slack } from './slack.ts'
import { teams } from './teams.ts'
import { telegram } from './telegram.ts'
import { wekan } from './wekan.ts'

const ofChannels: Readonly<Record<ChannelType, Action>> = {
  mattermost,
  slack,
  rocketchat,
  discord,
  matrix,
  teams,
  ntfy,
  gotify,
  telegram,
  mail,
  http: httpRequest,
  wekan,
  gitlab,
}

/** How a call is carried out; `type` is that of its channel. */
export function actionFor(call: Call, type: ChannelType | undefined): Action | undefined {
  if (call.action === 'mail') return mail
  if (call.action === 'minion') return minion
  return type === undefined ? undefined : ofChannels[type]
}
