/** One zone at one provider: a TXT record is put there and taken away. */

export interface TxtRecord {
  /** Without a trailing dot: `_acme-challenge.cloud.example.org`. */
  name: string
  /** Without quotes. */
  value: string
}

export interface DnsProvider {
  add(record: TxtRecord): Promise<void>
  remove(record: TxtRecord): Promise<void>
}
