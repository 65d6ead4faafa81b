/** Names and texts as SQL has them, in the two dialects. Pure. */

export const mysqlName = (identifier: string) => `\`${identifier.replaceAll('`', '``')}\``

export const mysqlText = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

export const postgresName = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`

/** Standard-conforming strings know no escape but the doubled quote; `E''` keeps a backslash whatever the setting. */
export const postgresText = (value: string) =>
  value.includes('\\')
    ? `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${value.replaceAll("'", "''")}'`
