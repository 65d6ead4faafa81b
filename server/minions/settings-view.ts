/** The settings of a minion as the API shows and takes them. */
import { Type, type Static } from 'typebox'

export const SettingsSchema = Type.Object({
  template: Type.String(),
  subdomain: Type.String(),
  state: Type.String(),
  version: Type.Optional(Type.String()),
  images: Type.Optional(Type.String()),
  grants: Type.Array(Type.String()),
  /** Of the containers' `.env`, as it is rendered now; a secret has no value here. */
  environment: Type.Array(
    Type.Object({
      name: Type.String(),
      secret: Type.Boolean(),
      value: Type.Optional(Type.String()),
      /** Stands in config.yml. */
      written: Type.Boolean(),
    }),
  ),
})
export type Settings = Static<typeof SettingsSchema>

const Text = (maxLength: number) => Type.String({ maxLength })
/** What is absent stays as it is; null takes it back to its default. */
export const SettingsChangeSchema = Type.Object(
  {
    version: Type.Optional(Type.Union([Text(128), Type.Null()])),
    subdomain: Type.Optional(Type.Union([Text(253), Type.Null()])),
    env: Type.Optional(Type.Record(Type.String(), Type.Union([Text(32768), Type.Null()]))),
    grants: Type.Optional(
      Type.Array(Text(256), { maxItems: 64, description: 'Given by administrators only.' }),
    ),
  },
  { additionalProperties: false },
)
export type SettingsChange = Static<typeof SettingsChangeSchema>
