/** The browser's passkeys: options in, what it signed out, both as JSON. */
interface Json {
  challenge: string
}
interface PublicKeyJson {
  parseCreationOptionsFromJSON?(options: Json): PublicKeyCredentialCreationOptions
  parseRequestOptionsFromJSON?(options: Json): PublicKeyCredentialRequestOptions
}

const api = () =>
  (window as { PublicKeyCredential?: typeof PublicKeyCredential }).PublicKeyCredential as
    PublicKeyJson | undefined

export const passkeysWork = (): boolean => typeof api()?.parseRequestOptionsFromJSON === 'function'

/** Undefined when the person changed their mind. */
async function asked(work: () => Promise<Credential | null>): Promise<unknown> {
  try {
    const credential = (await work()) as (Credential & { toJSON(): unknown }) | null
    return credential?.toJSON()
  } catch (error) {
    if (error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError'))
      return undefined
    throw error
  }
}

export const makePasskey = (options: Json) =>
  asked(async () => {
    const publicKey = api()?.parseCreationOptionsFromJSON?.(options)
    return publicKey ? navigator.credentials.create({ publicKey }) : null
  })

export const usePasskey = (options: Json) =>
  asked(async () => {
    const publicKey = api()?.parseRequestOptionsFromJSON?.(options)
    return publicKey ? navigator.credentials.get({ publicKey }) : null
  })
