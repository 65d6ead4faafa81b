/** What a template must show when it is really run. */
import type { Test } from 'tap'
import type { Visitor } from '../visitor.ts'

export interface Account {
  user: string
  password: string
  url: string
}

export interface Level {
  /** What somebody sees who has no account; nothing may stand open. */
  front(t: Test, visitor: Visitor): Promise<void>
  /** As the administrator, and with another password in vain. */
  signIn(t: Test, visitor: Visitor, account: Account): Promise<void>
  write(t: Test, visitor: Visitor, account: Account): Promise<void>
  /** In what was summoned again. */
  read(t: Test, visitor: Visitor, account: Account): Promise<void>
}

export const WORDS = 'Écrit avant le renvoi, lu après.'

export const basic = ({ user, password }: Account) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})
