const NAME = /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/

/** As config.yml wants the names of things. */
export const isName = (text: string): boolean => NAME.test(text)
