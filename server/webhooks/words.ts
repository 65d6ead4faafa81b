/** Words that the command line completes; without the schemas, which would make every command start later. */
export const CHANNEL_TYPES = [
  'mattermost',
  'slack',
  'rocketchat',
  'discord',
  'matrix',
  'teams',
  'ntfy',
  'gotify',
  'telegram',
  'mail',
  'http',
  'wekan',
  'gitlab',
] as const
export type ChannelType = (typeof CHANNEL_TYPES)[number]

/**
 * waiting: has a delay, or gathers events for one message; pending: waits for its turn; sending: under way; joined: told
 * in another delivery's message; delivered, dead (given up, may be replayed), dropped (throttled or silenced): the ends.
 */
export const DELIVERY_STATES = [
  'waiting',
  'pending',
  'sending',
  'joined',
  'delivered',
  'dead',
  'dropped',
] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]
